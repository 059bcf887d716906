package client

import (
	"errors"
	"net/http"
	"slices"
)

// Failures that the server tells of; compare with errors.Is.
var (
	ErrInvalidQuery         = answers(TypeInvalidQuery)                      // a filter or another parameter is wrong; so is a Query that has an Err
	ErrInvalidDocument      = answers(TypeSyntacticError, TypeSemanticError) // a document that was sent is wrong
	ErrUnauthenticated      = answers(TypeUnauthenticated)                   // there is no login, or it has expired
	ErrAuthenticationFailed = answers(TypeAuthenticationFailure)             // the credentials are wrong
	ErrUnauthorized         = answers(TypeUnauthorized)                      // the user lacks the right
	ErrNotFound             = answers(TypeNotFound)                          // there is no such object
	ErrMethodNotAllowed     = answers(TypeMethodNotAllowed)                  // the resource cannot do that
	ErrNoTransaction        = answers(TypeNoTransaction)                     // a change or a commit outside of a transaction
	ErrLocked               = answers(TypeConfigurationLocked)               // somebody else holds the configuration
	ErrConflict             = answers(TypeTransactionConflict)               // somebody else has changed the same object
	ErrNotDeletable         = answers(TypeNotDeletable)                      // the object is built in, or others refer to it
	ErrLengthRequired       = answers(TypeLengthRequired)                    // the request has no length
	ErrPreconditionFailed   = answers(TypePreconditionFailed)                // a condition of the request doesn't hold
	ErrTooLarge             = answers(TypePayloadTooLarge)                   // the document is longer than the server takes
	ErrUnsupportedMediaType = answers(TypeUnsupportedMediaType)              // the document is not JSON
	ErrRangeNotSatisfiable  = answers(TypeRangeNotSatisfiable)               // the range lies outside of the file
	ErrExpectationFailed    = answers(TypeExpectationFailed)                 // something on the way added an Expect header
	ErrTooManyRequests      = answers(TypeTooManyRequests)                   // too many failed logins, or too many snapshots
	ErrInternal             = answers(TypeInternalError)                     // the server failed
	ErrUnavailable          = answers(TypeServiceUnavailable)                // a search took too long, or the server cannot search just now
)

// Failures that the client tells of; compare with errors.Is.
var (
	// ErrUnexpectedAnswer says that the answer is not the API's. errors.As gives
	// the *Error with the status, if the answer got that far.
	ErrUnexpectedAnswer = errors.New("the answer is not what the API sends")
	// ErrRedirected says that the server wanted to send the client, and with it
	// its credentials, to another place. The client doesn't go.
	ErrRedirected = errors.New("the server redirects to another place")
	// ErrWrongFingerprint says that the server's certificate is not the one of
	// WithFingerprint.
	ErrWrongFingerprint = errors.New("the server's certificate is not the one whose fingerprint was given")
	// ErrNoCredentials says that a login was asked of a client that has no
	// credentials; see WithPassword.
	ErrNoCredentials = errors.New("the client has no credentials")
	// ErrTransactionOpen says that a transaction is open already; see Transaction.
	ErrTransactionOpen = errors.New("this login already has an open transaction")
	// ErrTransactionLost says that the login expired within a transaction, which
	// ended with it. None of its changes took effect.
	ErrTransactionLost = errors.New("the login expired, and its transaction with it")
	// ErrTransactionDone says that a Tx was used after its function had returned.
	ErrTransactionDone = errors.New("the transaction is over")
	// ErrSnapshotExpired says that the server has dropped the snapshot in which Sessions
	// was reading, because nothing was read for minutes. The sessions before it are
	// those of the snapshot, and the others are missing.
	ErrSnapshotExpired = errors.New("the snapshot has expired")
	// ErrIncomplete says that there may be more sessions than Sessions could read; see
	// MaxMatchCount.
	ErrIncomplete = errors.New("there may be more sessions than the server lets a client page through")
	// ErrOutcomeUnknown says that the answer to a commit was lost, or that the server
	// failed, so that the changes may or may not have taken effect.
	ErrOutcomeUnknown = errors.New("the commit may or may not have taken effect")
)

// statusOf has the types that the contract lists, with their status.
var statusOf = map[ErrorType]int{
	TypeInvalidQuery:          http.StatusBadRequest,
	TypeSyntacticError:        http.StatusBadRequest,
	TypeSemanticError:         http.StatusBadRequest,
	TypeUnauthenticated:       http.StatusUnauthorized,
	TypeAuthenticationFailure: http.StatusUnauthorized,
	TypeUnauthorized:          http.StatusForbidden,
	TypeNotFound:              http.StatusNotFound,
	TypeMethodNotAllowed:      http.StatusMethodNotAllowed,
	TypeNoTransaction:         http.StatusConflict,
	TypeConfigurationLocked:   http.StatusConflict,
	TypeTransactionConflict:   http.StatusConflict,
	TypeNotDeletable:          http.StatusConflict,
	TypeLengthRequired:        http.StatusLengthRequired,
	TypePreconditionFailed:    http.StatusPreconditionFailed,
	TypePayloadTooLarge:       http.StatusRequestEntityTooLarge,
	TypeUnsupportedMediaType:  http.StatusUnsupportedMediaType,
	TypeRangeNotSatisfiable:   http.StatusRequestedRangeNotSatisfiable,
	TypeExpectationFailed:     http.StatusExpectationFailed,
	TypeTooManyRequests:       http.StatusTooManyRequests,
	TypeInternalError:         http.StatusInternalServerError,
	TypeServiceUnavailable:    http.StatusServiceUnavailable,
}

// sentinelError stands for the errors of some types. It is only ever compared with.
type sentinelError struct {
	types  []ErrorType
	status int // for types that nobody knows; 0 where the status says too little
}

// answers makes the sentinel of types that share a status.
func answers(types ...ErrorType) error {
	s := &sentinelError{types: types, status: statusOf[types[0]]}
	switch s.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusConflict:
		s.status = 0 // several sentinels share these
	}
	return s
}

func (s *sentinelError) Error() string { return string(s.types[0]) }

func (s *sentinelError) has(t ErrorType) bool { return slices.Contains(s.types, t) }
