package client_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/spskit/spskit/client"
)

// checkNoSecrets fails if a text holds what nobody but the appliance may see.
func checkNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{
		password, base64.StdEncoding.EncodeToString([]byte(user + ":" + password)),
		strings.Repeat("0", 39), // begins every token of the fake
	} {
		if strings.Contains(text, secret) {
			t.Errorf("%q holds %q", text, secret)
		}
	}
}

func TestHostileAnswers(t *testing.T) {
	page := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		status  int
		cause   error
		text    string
	}{
		{"proxy's page", page(502, "text/html", "<h1>Bad Gateway</h1>"), 502, nil, "text/html"},
		{"captive portal", page(200, "text/html; charset=utf-8", "<h1>Log in to the WLAN</h1>"), 200, nil, "text/html"},
		{"no content type", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, `{"body":{}}`)
		}, 200, nil, "no type"},
		{"nothing", page(200, "application/json", ""), 200, nil, "cannot be understood"},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, 204, nil, "not JSON"},
		{"half a document", page(200, "application/json", `{"body":{"hostname":"s`), 200, nil, "cannot be understood"},
		{"two documents", page(200, "application/json", `{"body":{}}{"body":{}}`), 200, nil, "cannot be understood"},
		{"other shape", page(200, "application/json", `{"body":[1,2]}`), 200, nil, "cannot be understood"},
		{"error without a type", page(404, "application/json", `{"detail":"not here"}`), 404, nil, "no type"},
		{"broken error", page(500, "application/json", `{"error":`), 500, nil, "cannot be understood"},
		{"a list for an error", page(500, "application/json", `[]`), 500, nil, "cannot be understood"},
		{"plain error", page(411, "text/plain", "Length Required"), 411, nil, "text/plain"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"body":{}}`)
		}, 200, io.ErrUnexpectedEOF, "cut short"},
		{"claims too much", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "99999999999")
			w.WriteHeader(http.StatusOK)
		}, 200, nil, "longer than"},
		{"endless error", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			endless(w, r)
		}, 500, nil, "longer than"},
		{"endless document", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			endless(w, r)
		}, 200, nil, "longer than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			f.HandleFunc("GET /api/info", tt.handler)
			info, err := f.client(t).Info(t.Context())
			if info != nil || !errors.Is(err, client.ErrUnexpectedAnswer) {
				t.Fatalf("got %v, %v", info, err)
			}
			var answered *client.Error
			if !errors.As(err, &answered) {
				t.Fatalf("%v is no *Error", err)
			}
			if answered.Status != tt.status || answered.Type != "" || answered.Operation != "getInfo" || answered.Path != "/api/info" {
				t.Errorf("got %#v", answered)
			}
			if tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("%v is no %v", err, tt.cause)
			}
			if !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%q doesn't say %q", err, tt.text)
			}
			for _, sentinel := range []error{client.ErrNotFound, client.ErrInternal, client.ErrLengthRequired} {
				if errors.Is(err, sentinel) {
					t.Errorf("%v is taken for the API's %v", err, sentinel)
				}
			}
			checkNoSecrets(t, err.Error())
		})
	}
}

// endless writes until the client has had enough.
func endless(w http.ResponseWriter, r *http.Request) {
	chunk := []byte(strings.Repeat(" ", 1<<20))
	for r.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// A write may be answered with anything that is a success, and with nothing.
func TestAnswersToWrites(t *testing.T) {
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		ok      bool
	}{
		"200":        {func(w http.ResponseWriter, _ *http.Request) { answer(w, `{"body":1}`) }, true},
		"204":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, true},
		"empty 200":  {func(http.ResponseWriter, *http.Request) {}, true},
		"HTML 200":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, false},
		"201 broken": {func(w http.ResponseWriter, _ *http.Request) { answer(w, `{`) }, true},
	} {
		f := newFake(t)
		f.HandleFunc("PUT /api/configuration/x", tt.handler)
		if err := f.client(t).StrayPut(t.Context(), "/api/configuration/x", 1); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
