package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

func TestRaw(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("/api/x/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", fmt.Sprintf("%s %s type=%q body=%q length=%d", r.Method, r.URL, r.Header.Get("Content-Type"), body, r.ContentLength))
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "as it is")
	})
	c := f.client(t)
	for _, tt := range []struct {
		method, path string
		body         io.Reader
		want         string
	}{
		{"GET", "/api/x/a%2Fb?q=1", nil, `GET /api/x/a%2Fb?q=1 type="" body="" length=0`},
		{"POST", "/api/x/", nil, `POST /api/x/ type="" body="" length=0`},
		{"PUT", f.URL + "/api/x/1", strings.NewReader("{}"), `PUT /api/x/1 type="application/json" body="{}" length=2`},
		{"DELETE", "/api/x/1", io.MultiReader(strings.NewReader("1")), `DELETE /api/x/1 type="application/json" body="1" length=-1`},
	} {
		resp, err := c.Raw(t.Context(), tt.method, tt.path, tt.body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Error(err)
		}
		if got := resp.Header.Get("X-Seen"); got != tt.want || resp.StatusCode != http.StatusTeapot || string(body) != "as it is" {
			t.Errorf("%s %s: %d %q %q", tt.method, tt.path, resp.StatusCode, got, body)
		}
	}
	if f.loginCount() != 1 {
		t.Errorf("%d logins", f.loginCount())
	}
	for _, tt := range []struct{ method, path string }{
		{"GET", "https://evil.example.com/api/x"}, {"GET", "/etc"}, {"GET", "/api/../x"}, {"G T", "/api/x"},
	} {
		if resp, err := c.Raw(t.Context(), tt.method, tt.path, nil); err == nil {
			_ = resp.Body.Close()
			t.Errorf("%s %s is sent", tt.method, tt.path)
		}
	}
}

func TestRawLogsInAgain(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/x", `{}`)
	f.on("PUT /api/x", `{}`)
	c := f.client(t)
	status := func(method string) int {
		t.Helper()
		resp, err := c.Raw(t.Context(), method, "/api/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if got := status("GET"); got != 200 {
		t.Errorf("at first %d", got)
	}
	f.expire()
	if got := status("GET"); got != 200 {
		t.Errorf("a GET after its expiry: %d", got)
	}
	f.expire()
	if got := status("PUT"); got != 401 {
		t.Errorf("a PUT after its expiry: %d", got)
	}
	if got := status("PUT"); got != 200 {
		t.Errorf("the next: %d", got)
	}
}

// After a new login the body goes out from its beginning, or not at all.
func TestRawLogsInAgainWithABody(t *testing.T) {
	for name, tt := range map[string]struct {
		body io.Reader
		want int
	}{
		"can be rewound":    {strings.NewReader("document"), 200},
		"cannot be rewound": {io.MultiReader(strings.NewReader("document")), 401},
	} {
		f := newFake(t)
		var bodies []string
		f.on("GET /api/x", `{}`)
		// net/http by itself may notice that a body has been read, other transports don't.
		c := f.client(t, client.WithRoundTripper(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/api/x" {
					body, _ := io.ReadAll(r.Body)
					bodies = append(bodies, string(body))
					r = r.Clone(r.Context())
					r.Body = io.NopCloser(bytes.NewReader(body))
				}
				return next.RoundTrip(r)
			})
		}))
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.expire()
		resp, err := c.Raw(t.Context(), "GET", "/api/x", tt.body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
		for _, body := range bodies {
			if body != "document" {
				t.Errorf("%s: sent %q", name, body)
			}
		}
	}
}

func TestRawWithinATransaction(t *testing.T) {
	x := newTransactional(t)
	err := x.client(t).Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		resp, err := tx.Raw(t.Context(), "PUT", thing, strings.NewReader(`"raw"`))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return client.CheckResponse(resp)
	})
	if err != nil {
		t.Fatal(err)
	}
	x.state(t, "raw")
	err = x.client(t).Transaction(t.Context(), func(_ context.Context, tx *client.Tx) error {
		x.expire()
		resp, err := tx.Raw(t.Context(), "GET", thing, nil)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return client.CheckResponse(resp)
	})
	if !errors.Is(err, client.ErrTransactionLost) {
		t.Errorf("after its end: %v", err)
	}
}

func TestCheckResponse(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/good", `{"a":1}`)
	f.HandleFunc("GET /api/bad", func(w http.ResponseWriter, _ *http.Request) { fail(w, 409, "NotDeletable", `{"references":["/x"]}`) })
	c := f.client(t)
	resp, err := c.Raw(t.Context(), "GET", "/api/good", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := client.CheckResponse(resp); err != nil {
		t.Error(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != `{"a":1}` || err != nil {
		t.Errorf("afterwards the body is %q, %v", body, err)
	}
	resp, err = c.Raw(t.Context(), "GET", "/api/bad", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var failure *client.Error
	if err := client.CheckResponse(resp); !errors.Is(err, client.ErrNotDeletable) || !errors.As(err, &failure) {
		t.Fatalf("the error is %v", err)
	}
	if diff := cmp.Diff([]string{"/x"}, failure.References()); diff != "" || failure.Operation != "raw" || failure.Path != "/api/bad" {
		t.Errorf("it is %+v", failure)
	}
}

// The timeout ends with the beginning of the answer, and the context doesn't.
func TestRawTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, sender := io.Pipe()
		answers := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/api/never" {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			context.AfterFunc(r.Context(), func() { _ = sender.CloseWithError(r.Context().Err()) })
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r}, nil
		})
		c := newClient(t, "http://sps", client.WithHTTPClient(&http.Client{Transport: answers}), client.WithTimeout(time.Minute))
		if _, err := c.Raw(t.Context(), "GET", "/api/never", nil); !errors.Is(err, context.DeadlineExceeded) { //nolint:bodyclose // there is none
			t.Errorf("the error is %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		resp, err := c.Raw(ctx, "GET", "/api/slow", nil)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() { _, _ = sender.Write([]byte("late")) })
		buf := make([]byte, 4)
		if _, err := io.ReadFull(resp.Body, buf); err != nil || string(buf) != "late" {
			t.Errorf("read %q, %v", buf, err)
		}
		cancel()
		if _, err := resp.Body.Read(buf); !errors.Is(err, context.Canceled) {
			t.Errorf("after the context's end: %v", err)
		}
		_ = resp.Body.Close()
	})
}

func TestPostAndDelete(t *testing.T) {
	f := newFake(t)
	var sent []string
	record := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = append(sent, r.Method+" "+r.URL.Path+" "+string(body))
		answer(w, `{"key":"5","meta":{}}`)
	}
	f.HandleFunc("POST /api/configuration/things", record)
	f.HandleFunc("PUT /api/configuration/things/5", record)
	f.HandleFunc("DELETE /api/configuration/things/5", record)
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		reference := map[string]any{"key": "7", "meta": map[string]any{"href": "/x"}}
		key, err := tx.Post(ctx, "/api/configuration/things", map[string]any{"other": reference})
		if err != nil || key != "5" {
			t.Errorf("created %q, %v", key, err)
		}
		if _, err := tx.Post(ctx, "/api/configuration/things", nil); err == nil {
			t.Error("Post takes nothing")
		}
		return errors.Join(
			tx.Put(ctx, "/api/configuration/things/5", []any{reference, json.RawMessage(`{"key":1,"meta":{"href":"/x"}}`)}),
			tx.Delete(ctx, "/api/configuration/things/5"),
		)
	})
	want := []string{
		`POST /api/configuration/things {"other":"7"}`,
		`PUT /api/configuration/things/5 ["7",{"key":1,"meta":{"href":"/x"}}]`,
		`DELETE /api/configuration/things/5 `,
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSecret(t *testing.T) {
	const word = "s3cret-passphrase"
	secret := client.Secret(word)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "secret", secret, "in", struct{ S client.Secret }{secret})
	encoded, err := json.Marshal(map[string]any{"a": secret, "b": &secret})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{log.String(), string(encoded)}
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%d"} {
		shown = append(shown, fmt.Sprintf(verb, secret), fmt.Sprintf(verb, struct{ S *client.Secret }{&secret}), fmt.Sprintf(verb, []client.Secret{secret}))
	}
	for _, text := range shown {
		if strings.Contains(text, word) || strings.Contains(text, fmt.Sprintf("%x", word)) {
			t.Errorf("it is shown: %s", text)
		}
	}
	f := newFake(t)
	var sent string
	f.HandleFunc("POST /api/configuration/passwords", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		answer(w, `{"key":"7","body":{},"meta":{}}`)
	})
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		key, err := tx.CreatePassword(ctx, secret)
		if key != "7" {
			t.Errorf("the key is %q", key)
		}
		return err
	})
	if sent != `{"plain":"`+word+`"}` {
		t.Errorf("sent %s", sent)
	}
}
