package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

var sentinels = map[client.ErrorType]error{
	client.TypeInvalidQuery:          client.ErrInvalidQuery,
	client.TypeSyntacticError:        client.ErrInvalidDocument,
	client.TypeSemanticError:         client.ErrInvalidDocument,
	client.TypeUnauthenticated:       client.ErrUnauthenticated,
	client.TypeAuthenticationFailure: client.ErrAuthenticationFailed,
	client.TypeUnauthorized:          client.ErrUnauthorized,
	client.TypeNotFound:              client.ErrNotFound,
	client.TypeMethodNotAllowed:      client.ErrMethodNotAllowed,
	client.TypeNoTransaction:         client.ErrNoTransaction,
	client.TypeConfigurationLocked:   client.ErrLocked,
	client.TypeTransactionConflict:   client.ErrConflict,
	client.TypeNotDeletable:          client.ErrNotDeletable,
	client.TypeLengthRequired:        client.ErrLengthRequired,
	client.TypePreconditionFailed:    client.ErrPreconditionFailed,
	client.TypePayloadTooLarge:       client.ErrTooLarge,
	client.TypeUnsupportedMediaType:  client.ErrUnsupportedMediaType,
	client.TypeRangeNotSatisfiable:   client.ErrRangeNotSatisfiable,
	client.TypeExpectationFailed:     client.ErrExpectationFailed,
	client.TypeTooManyRequests:       client.ErrTooManyRequests,
	client.TypeInternalError:         client.ErrInternal,
	client.TypeServiceUnavailable:    client.ErrUnavailable,
}

// Every type of the contract has one sentinel, and no error is taken for another.
func TestErrorTypes(t *testing.T) {
	var listed map[string]struct{ Status int }
	if err := json.Unmarshal(contract(t, "components", "schemas", "ErrorType", "x-values"), &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed) != len(sentinels) {
		t.Errorf("the contract has %d types, this test %d", len(listed), len(sentinels))
	}
	for name, value := range listed {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.HandleFunc("PUT /api/configuration/x", func(w http.ResponseWriter, _ *http.Request) {
				fail(w, value.Status, name, `{"request_id":"42"}`)
			})
			err := f.client(t).StrayPut(t.Context(), "/api/configuration/x", 1)
			for errorType, sentinel := range sentinels {
				want := sentinel == sentinels[client.ErrorType(name)] //nolint:errorlint // which of them is the question
				if got := errors.Is(err, sentinel); got != want {
					t.Errorf("errors.Is(%v, sentinel of %s) is %t", err, errorType, got)
				}
			}
			if errors.Is(err, client.ErrUnexpectedAnswer) {
				t.Errorf("%v is taken for a foreign answer", err)
			}
			var answered *client.Error
			if !errors.As(err, &answered) {
				t.Fatalf("%v is no *Error", err)
			}
			want := client.Error{
				Status: value.Status, Type: client.ErrorType(name), Message: "told by the fake",
				Details: map[string]any{"request_id": "42"}, RequestID: "42",
				Operation: "put", Method: "PUT", Path: "/api/configuration/x",
			}
			if diff := cmp.Diff(want, *answered, cmp.FilterPath(unexported, cmp.Ignore())); diff != "" {
				t.Errorf("the error (-want +got):\n%s", diff)
			}
		})
	}
}

func unexported(p cmp.Path) bool { return p.String() == "cause" }

// An appliance may have types that nobody has written down. Where a status has but
// one meaning, it counts.
func TestUnknownErrorTypes(t *testing.T) {
	for status, sentinel := range map[int]error{
		403: client.ErrUnauthorized, 404: client.ErrNotFound, 429: client.ErrTooManyRequests, 500: client.ErrInternal, 503: client.ErrUnavailable,
		400: nil, 401: nil, 409: nil, 418: nil,
	} {
		f := newFake(t)
		f.HandleFunc("GET /api/info", func(w http.ResponseWriter, _ *http.Request) { fail(w, status, "Novelty", `"none"`) })
		_, err := f.client(t).Info(t.Context())
		var answered *client.Error
		if !errors.As(err, &answered) || answered.Type != "Novelty" || answered.Details != nil {
			t.Errorf("%d: got %#v", status, err)
		}
		for _, other := range sentinels {
			if errors.Is(err, other) != (other == sentinel) { //nolint:errorlint // which of them is the question
				t.Errorf("%d: errors.Is(%v, %v) is %t", status, err, other, errors.Is(err, other))
			}
		}
	}
}

func TestErrorDetails(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/info", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "from the header")
		fail(w, 400, "SemanticError", `{"position":17,"parameter":"q","expected":5,"retry_after":30,"limit":9007199254740993,"violations":[
			{"path":"/a","reason":"one"},{"path":"/b","reason":"two"},{"path":"/c","reason":"three"},{"path":"/d","reason":"four"}]}`)
	})
	_, err := f.client(t).Info(t.Context())
	var e *client.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if p, ok := e.Position(); p != 17 || !ok {
		t.Errorf("the position is %d, %t", p, ok)
	}
	if e.Detail("parameter") != "q" || e.Detail("expected") != "" || e.Detail("nothing") != "" {
		t.Errorf("the details are %v", e.Details)
	}
	if e.Details["limit"] != json.Number("9007199254740993") {
		t.Errorf("the limit is %v", e.Details["limit"])
	}
	if e.RetryAfter != 30*time.Second || e.RequestID != "from the header" {
		t.Errorf("got %v, %q", e.RetryAfter, e.RequestID)
	}
	if v := e.Violations(); len(v) != 4 || v[3] != (client.Violation{Path: "/d", Reason: "four"}) {
		t.Errorf("the violations are %v", v)
	}
	want := `GET /api/info: 400 SemanticError: told by the fake; /a: one; /b: two; /c: three; ... (request from the header)`
	if e.Error() != want {
		t.Errorf("the text is %q,\nwant %q", e.Error(), want)
	}
	if _, ok := (&client.Error{}).Position(); ok {
		t.Error("an error without details has a position")
	}
}

func TestRetryAfterHeader(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/info", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		fail(w, 429, "TooManyRequests", `{"retry_after":9}`)
	})
	_, err := f.client(t).Info(t.Context())
	var e *client.Error
	if !errors.As(err, &e) || e.RetryAfter != 7*time.Second {
		t.Errorf("got %v", err)
	}
}

// What a server says must not be able to take over a terminal or forge lines of a log.
func TestErrorTextIsOneLine(t *testing.T) {
	e := &client.Error{
		Status: 404, Type: "Not\nFound", Method: "GET", Path: "/api/\x1b[2J",
		Message: "\x1b]0;title\x07\u009b31m\u2028" + strings.Repeat("x", 5000), RequestID: "\r",
	}
	text := e.Error()
	if strings.ContainsAny(text, "\x1b\n\r\x07\u009b\u2028") || len(text) > 1200 {
		t.Errorf("the text is %q", text)
	}
}

func TestErrorInALog(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "err", &client.Error{
		Status: 404, Type: client.TypeNotFound, Operation: "getSession", Message: "gone", RequestID: "42",
	})
	want := "err.operation=getSession err.status=404 err.type=NotFound err.message=gone err.request_id=42"
	if !strings.Contains(b.String(), want) {
		t.Errorf("logged %s", b.String())
	}
}
