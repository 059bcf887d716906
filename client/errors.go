package client

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// ErrorType says what went wrong, for programs. A type that this package doesn't
// know is kept as it came.
type ErrorType string

// The types that the contract lists.
const (
	TypeInvalidQuery          ErrorType = "InvalidQuery"
	TypeSyntacticError        ErrorType = "SyntacticError"
	TypeSemanticError         ErrorType = "SemanticError"
	TypeUnauthenticated       ErrorType = "Unauthenticated"
	TypeAuthenticationFailure ErrorType = "AuthenticationFailure"
	TypeUnauthorized          ErrorType = "Unauthorized"
	TypeNotFound              ErrorType = "NotFound"
	TypeMethodNotAllowed      ErrorType = "MethodNotAllowed"
	TypeNoTransaction         ErrorType = "NoTransaction"
	TypeConfigurationLocked   ErrorType = "ConfigurationLocked"
	TypeTransactionConflict   ErrorType = "TransactionConflict"
	TypeNotDeletable          ErrorType = "NotDeletable"
	TypeLengthRequired        ErrorType = "LengthRequired"
	TypePreconditionFailed    ErrorType = "PreconditionFailed"
	TypePayloadTooLarge       ErrorType = "PayloadTooLarge"
	TypeUnsupportedMediaType  ErrorType = "UnsupportedMediaType"
	TypeRangeNotSatisfiable   ErrorType = "RangeNotSatisfiable"
	TypeExpectationFailed     ErrorType = "ExpectationFailed"
	TypeTooManyRequests       ErrorType = "TooManyRequests"
	TypeInternalError         ErrorType = "InternalError"
	TypeServiceUnavailable    ErrorType = "ServiceUnavailable"
)

// Error is an answer that is no success. Ask what it is with errors.Is and one of
// the sentinels, such as ErrNotFound, or take it out with errors.As.
//
// Its text is made of the fields below. Beyond what the server says in them it shows
// nothing of headers and bodies, above all no cookie and no password.
type Error struct {
	Status     int            // HTTP status
	Type       ErrorType      // empty when the answer isn't the API's, such as a proxy's error page
	Message    string         // what went wrong, for people, as the server put it
	Details    map[string]any // particulars, as far as there are any; numbers are json.Number
	RetryAfter time.Duration  // how long the server asks to wait; 0 if it doesn't

	Operation string // operationId in the contract, or such as "get" and "put" for paths of the caller's
	Method    string
	Path      string // without the query
	RequestID string // finds the failure in the server's log, if the server gave one

	cause error // why the answer could not be read, or what the failure led to
}

// Violation is one place where a document breaks the contract.
type Violation struct {
	Path   string `json:"path"` // JSON pointer into the document
	Reason string `json:"reason"`
}

// Error tells what was asked for and what went wrong with it.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d ", e.Method, printable(e.Path), e.Status)
	if e.Type != "" {
		b.WriteString(printable(string(e.Type)))
	} else {
		b.WriteString(http.StatusText(e.Status))
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", printable(e.Message))
	}
	for i, v := range e.Violations() {
		if i == 3 {
			b.WriteString("; ...")
			break
		}
		fmt.Fprintf(&b, "; %s: %s", printable(v.Path), printable(v.Reason))
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", printable(e.RequestID))
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %s", printable(e.cause.Error()))
	}
	return b.String()
}

// Unwrap gives what lies behind the failure, such as io.ErrUnexpectedEOF for an
// answer that was cut short or ErrTransactionLost. It may be nil.
func (e *Error) Unwrap() error { return e.cause }

// Is compares with the sentinels of this package: by type, or by status when the
// API gave a type that this package doesn't know. What a proxy answers is never
// taken for the API's word.
func (e *Error) Is(target error) bool {
	s, ok := target.(*sentinelError)
	if !ok || e.Type == "" {
		return false
	}
	if _, known := statusOf[e.Type]; known {
		return s.has(e.Type)
	}
	return s.status == e.Status
}

// declines tells whether the API refused to do what it was asked. When the server
// fails, or the answer isn't the API's, it may have been done.
func (e *Error) declines() bool { return e.Type != "" && e.Status < http.StatusInternalServerError }

// Violations lists where a document that was sent breaks the contract.
func (e *Error) Violations() []Violation { return detail[[]Violation](e, "violations") }

// References lists the paths of the objects that refer to one which cannot be deleted.
func (e *Error) References() []string { return detail[[]string](e, "references") }

// Position is where in the query or document the trouble begins, in bytes from 0.
func (e *Error) Position() (position int, ok bool) {
	p := detail[*int](e, "position")
	if p == nil {
		return 0, false
	}
	return *p, true
}

// Detail is a member of the details that is a text, such as "parameter" and
// "expected" of an invalid query, or "holder" of a lock; empty if there is none.
func (e *Error) Detail(name string) string { return detail[string](e, name) }

// detail reads a member of the details as a T, or as nothing if it is none.
func detail[T any](e *Error, name string) T {
	var value, none T
	member, ok := e.Details[name]
	if !ok {
		return none
	}
	raw, err := json.Marshal(member)
	if err != nil || json.Unmarshal(raw, &value) != nil {
		return none
	}
	return value
}

// LogValue logs the parts one by one.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("operation", e.Operation),
		slog.Int("status", e.Status),
		slog.String("type", string(e.Type)),
		slog.String("message", e.Message),
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	return slog.GroupValue(attrs...)
}

// unexpectedError is the cause of an Error whose answer is not what the API sends:
// a page of HTML, JSON that breaks off, a login without a cookie.
type unexpectedError struct {
	reason string
	err    error // may be nil
}

func (e *unexpectedError) Error() string {
	if e.err != nil {
		return e.reason + ": " + printable(e.err.Error())
	}
	return e.reason
}

func (e *unexpectedError) Unwrap() error { return e.err }

func (e *unexpectedError) Is(target error) bool { return target == ErrUnexpectedAnswer }

// printable makes a server's words fit for one line of a terminal or a log.
func printable(s string) string { return clean(shorten(s)) }

// shorten bounds what a server says, which can be of any length.
func shorten(s string) string {
	const most = 1000
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// clean puts blanks in the place of what a terminal would obey.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
