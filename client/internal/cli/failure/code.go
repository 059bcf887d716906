package failure

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/spskit/spskit/client"
)

// Code is an exit code.
type Code int

// The exit codes.
const (
	OK             Code = 0
	Failed         Code = 1
	UsageError     Code = 2
	Authentication Code = 3
	Permission     Code = 4
	NotFound       Code = 5
	Conflict       Code = 6
	Invalid        Code = 7
	Unavailable    Code = 8
	Interrupted    Code = 130
)

var meanings = []struct {
	code    Code
	meaning string
}{
	{OK, "done"},
	{Failed, "failed for another reason, such as a file that cannot be written"},
	{UsageError, "the command line, an environment variable or the file of contexts is wrong"},
	{Authentication, "no login: the appliance refused the credentials, or there are none"},
	{Permission, "the user lacks the right"},
	{NotFound, "there is no such object"},
	{Conflict, "somebody else holds the configuration, or has changed it"},
	{Invalid, "the appliance refused a query or a document"},
	{Unavailable, "the appliance cannot be reached or trusted, failed, or took too long"},
	{Interrupted, "interrupted"},
}

// Codes explains the exit codes, a line for each.
func Codes() string {
	var b strings.Builder
	for _, m := range meanings {
		fmt.Fprintf(&b, "  %3d  %s\n", m.code, m.meaning)
	}
	return b.String()
}

// kind is a row of the table of errors.
type kind struct {
	is   error // asked with errors.Is
	code Code
	try  string // may be empty
}

// kinds has the first match decide. What wraps several kinds is listed by its most
// telling one first.
var kinds = []kind{
	{context.Canceled, Interrupted, ""},
	{client.ErrTrailWrite, Failed, "check the directory, and whether the disk has room"},
	{client.ErrTrailBusy, Conflict, "wait until the other download is over"},
	{client.ErrTrailChanged, Unavailable, "run the command again; what came before the change is not used"},
	{client.ErrTrailStalled, Unavailable, "run the command again, which goes on where this one ended if the trail is still the same"},
	{client.ErrWrongFingerprint, Unavailable, "do not go on unless you know why the appliance has another certificate; then change --fingerprint or the context"},
	{client.ErrNoCredentials, Authentication, "name the user with --login-user, or choose a context with --context"},
	{client.ErrAuthenticationFailed, Authentication, "check the user name, and run 'spsctl login' to give the password again"},
	{client.ErrTransactionLost, Authentication, "run the command again; nothing was changed"},
	{client.ErrUnauthenticated, Authentication, "run 'spsctl login'"},
	{client.ErrUnauthorized, Permission, "see what the user may do with 'spsctl whoami -o json', and ask an administrator for the right"},
	{client.ErrSnapshotExpired, Unavailable, "ask for less at a time, such as with --since and --until"},
	{client.ErrIncomplete, Failed, "ask for less at a time, such as with --since and --until"},
	{client.ErrNotFound, NotFound, "check the key or path; 'spsctl sessions list' shows the keys of sessions, and 'spsctl config get' what is in the configuration"},
	{client.ErrLocked, Conflict, "wait until the transaction of the other user is over, and run the command again"},
	{client.ErrConflict, Conflict, "look at what has changed, and run the command again"},
	{client.ErrNotDeletable, Conflict, "remove what refers to the object first"},
	{client.ErrTransactionOpen, Conflict, "see what is pending with 'spsctl transaction changes'; end it with 'spsctl transaction commit' or rollback"},
	{client.ErrNoTransaction, Conflict, "open one with 'spsctl transaction open'; one that was open has ended with its login, and its changes with it"},
	{client.ErrPreconditionFailed, Conflict, "read the object again"},
	{client.ErrInvalidQuery, Invalid, "'--explain' prints the query that the flags make"},
	{client.ErrInvalidDocument, Invalid, ""},
	{client.ErrTooLarge, Invalid, ""},
	{client.ErrTooManyRequests, Unavailable, "wait, and run the command again"},
	{client.ErrOutcomeUnknown, Unavailable, "look whether the change is there before you make it again"},
	{client.ErrUnavailable, Unavailable, "ask for less at a time, such as with --since, or try again later"},
	{client.ErrInternal, Unavailable, "try again; the log of the appliance knows more"},
	{client.ErrRedirected, Unavailable, "give the URL of the appliance itself with --url"},
	{client.ErrUnexpectedAnswer, Unavailable, "check that the URL is that of an appliance, and not of something in between"},
	{io.ErrUnexpectedEOF, Unavailable, "run the command again; the appliance, or something in between, ended the connection"},
	{context.DeadlineExceeded, Unavailable, "give it more time with --timeout, or ask for less"},
}

// usageError is a command line that cannot be carried out as it stands.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Usage makes an error of the command line.
func Usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hintError is an error that knows what to try.
type hintError struct {
	error
	code Code
	try  string
}

func (e hintError) Unwrap() error { return e.error }

// WithHint says what to try about an error, and its exit code.
func WithHint(err error, code Code, try string) error { return hintError{err, code, try} }

// CodeOf is the exit code of an error, nil included.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	code, _ := classify(err)
	return code
}

// classify gives the exit code of an error, and what to try.
func classify(err error) (Code, string) {
	var hint hintError
	var usage usageError
	switch {
	case errors.As(err, &hint):
		return hint.code, hint.try
	case errors.As(err, &usage):
		return UsageError, ""
	}
	if try := certificateHint(err); try != "" {
		return Unavailable, try
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return k.code, k.try
		}
	}
	var network net.Error
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record):
		return Unavailable, "the server speaks no TLS there; check the scheme and the port of the URL"
	case errors.As(err, &network):
		return Unavailable, "check the URL and the network"
	}
	return Failed, ""
}
