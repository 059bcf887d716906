package failure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
)

func TestCodes(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want Code
	}{
		"nothing":        {nil, OK},
		"anything":       {errors.New("disk full"), Failed},
		"usage":          {Usage("no such flag"), UsageError},
		"usage, wrapped": {fmt.Errorf("x: %w", Usage("no such flag")), UsageError},
		"hint":           {WithHint(errors.New("x"), Conflict, "y"), Conflict},
		"interrupted":    {fmt.Errorf("x: %w", context.Canceled), Interrupted},
		"too slow":       {fmt.Errorf("x: %w", context.DeadlineExceeded), Unavailable},
		"no host":        {fmt.Errorf("x: %w", &net.DNSError{Err: "no such host"}), Unavailable},
		"refused":        {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, Unavailable},
		"no TLS":         {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, Unavailable},
		"certificate": {&tls.CertificateVerificationError{
			UnverifiedCertificates: []*x509.Certificate{{Raw: []byte("x")}}, Err: x509.UnknownAuthorityError{},
		}, Unavailable},
		"lost login":     {&client.Error{Type: client.TypeUnauthenticated, Status: 401}, Authentication},
		"wrong password": {&client.Error{Type: client.TypeAuthenticationFailure, Status: 401}, Authentication},
		"no credentials": {client.ErrNoCredentials, Authentication},
		"no right":       {&client.Error{Type: client.TypeUnauthorized, Status: 403}, Permission},
		"no object":      {&client.Error{Type: client.TypeNotFound, Status: 404}, NotFound},
		"locked":         {&client.Error{Type: client.TypeConfigurationLocked, Status: 409}, Conflict},
		"conflict":       {&client.Error{Type: client.TypeTransactionConflict, Status: 409}, Conflict},
		"in use":         {&client.Error{Type: client.TypeNotDeletable, Status: 409}, Conflict},
		"query":          {&client.Error{Type: client.TypeInvalidQuery, Status: 400}, Invalid},
		"built query":    {client.Text("user.nme").Is("x").Err(), Invalid},
		"syntax":         {&client.Error{Type: client.TypeSyntacticError, Status: 400}, Invalid},
		"document":       {&client.Error{Type: client.TypeSemanticError, Status: 400}, Invalid},
		"throttled":      {&client.Error{Type: client.TypeTooManyRequests, Status: 429}, Unavailable},
		"overload":       {&client.Error{Type: client.TypeServiceUnavailable, Status: 503}, Unavailable},
		"failure":        {&client.Error{Type: client.TypeInternalError, Status: 500}, Unavailable},
		"proxy":          {fmt.Errorf("x: %w", client.ErrUnexpectedAnswer), Unavailable},
		"disk full":      {fmt.Errorf("%w: no space left", client.ErrTrailWrite), Failed},
		"busy file":      {client.ErrTrailBusy, Conflict},
		"changed trail":  {client.ErrTrailChanged, Unavailable},
		"stalled trail":  {client.ErrTrailStalled, Unavailable},
		"cut short":      {fmt.Errorf("after 3 bytes: %w", io.ErrUnexpectedEOF), Unavailable},
		"new kind":       {&client.Error{Type: "Novelty", Status: 418}, Failed},
		"expired snapshot": {
			fmt.Errorf("%w: %w", client.ErrSnapshotExpired, &client.Error{Type: client.TypeNotFound, Status: 404}), Unavailable,
		},
	} {
		if got := CodeOf(tt.err); got != tt.want {
			t.Errorf("%s: code %d, want %d", name, got, tt.want)
		}
	}
}

// Every code that the table gives is explained.
func TestCodesAreExplained(t *testing.T) {
	for _, k := range kinds {
		if !strings.Contains(Codes(), fmt.Sprintf("  %3d  ", k.code)) {
			t.Errorf("the code %d of %v is not explained", k.code, k.is)
		}
	}
}

func TestReport(t *testing.T) {
	const query = "user.name:\"\x1b[2J\" AND 東京 usr:joe"
	position := strings.Index(query, "usr")
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"hint": {client.ErrNoCredentials, "spsctl x: the client has no credentials\n" +
			"Try: name the user with --login-user, or choose a context with --context\n"},
		"usage":       {Usage("no %s", "way"), "spsctl x: no way\nTry 'spsctl x --help'.\n"},
		"interrupted": {context.Canceled, "spsctl x: interrupted\n"},
		"controls":    {errors.New("a\x1b[2Jb"), "spsctl x: a\\x1b[2Jb\n"},
		"query": {
			&client.Error{Method: "GET", Path: "/p", Status: 400, Type: client.TypeInvalidQuery, Message: "No.", Details: map[string]any{
				"position": position, "parameter": "q", "expected": "a search field", "value": query,
			}},
			"spsctl x: GET /p: 400 InvalidQuery: No.\n  Expected a search field.\n" +
				"  user.name:\"\\x1b[2J\" AND 東京 usr:joe\n  " + strings.Repeat(" ", 29) + "^\n" +
				"Try: '--explain' prints the query that the flags make\n",
		},
		"another parameter": {
			&client.Error{Method: "GET", Path: "/p", Status: 400, Type: client.TypeInvalidQuery, Details: map[string]any{
				"position": 0, "parameter": "sort", "expected": "a search field", "value": "x",
			}},
			"spsctl x: GET /p: 400 InvalidQuery\n  Expected a search field in the parameter sort, and not \"x\".\n" +
				"Try: '--explain' prints the query that the flags make\n",
		},
		"position out of range": {
			&client.Error{Method: "GET", Path: "/p", Status: 400, Type: client.TypeInvalidQuery, Details: map[string]any{"position": 1000, "parameter": "q"}},
			"spsctl x: GET /p: 400 InvalidQuery\nTry: '--explain' prints the query that the flags make\n",
		},
		"locked": {
			&client.Error{Method: "POST", Path: "/p", Status: 409, Type: client.TypeConfigurationLocked, Details: map[string]any{
				"holder": "joe", "opened_at": "2026-01-02T03:04:05Z", "expires_at": "2026-01-02T03:14:05Z",
			}},
			"spsctl x: POST /p: 409 ConfigurationLocked\nTry: the configuration is held by joe since 2026-01-02T03:04:05Z, " +
				"until 2026-01-02T03:14:05Z unless it is used; wait until that transaction is over, and run the command again\n",
		},
		"throttled": {
			&client.Error{Method: "GET", Path: "/p", Status: 429, Type: client.TypeTooManyRequests, RetryAfter: 90 * time.Second},
			"spsctl x: GET /p: 429 TooManyRequests\nTry: wait 1m30s, and run the command again\n",
		},
	} {
		var b strings.Builder
		if code := Report(&b, "spsctl x", tt.err, query); b.String() != tt.want || code != CodeOf(tt.err) {
			t.Errorf("%s: code %d,\n%swant\n%s", name, code, b.String(), tt.want)
		}
	}
}
