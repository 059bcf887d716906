package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

// Whatever is sent as a body: the answer is in the envelope, and a document that
// was taken is one that the contract allows.
func FuzzRequestBody(f *testing.F) {
	const options = "/api/configuration/vnc/options"
	for _, seed := range []string{
		`{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
		`{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"oid":{"enabled":true,"policy_oid":"1.2.3"},"selection":"remote","server_url":"x","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
		`{"audit":{"cleanup":{"enabled":1e400}}}`, `{"status":"commit"}`, `[[[[`, `{}{}`, `null`, "\x00", `{"service":{"log_level":4.5}}`,
	} {
		f.Add(seed)
	}
	b := newBench(f)
	open := b.request(http.MethodPost, transactionPath, "Content-Length", "0")
	b.api.ServeHTTP(httptest.NewRecorder(), open)
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPut, options, strings.NewReader(body))
		r.AddCookie(&http.Cookie{Name: cookieName, Value: b.cookie})
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		b.api.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusCreated:
			var taken struct{ Body json.RawMessage }
			if err := json.Unmarshal(w.Body.Bytes(), &taken); err != nil {
				t.Fatalf("%v in %q", err, w.Body)
			}
			if err := contract.Validate("ProtocolOptions", taken.Body); err != nil {
				t.Errorf("%q was taken: %v", body, err)
			}
		case http.StatusBadRequest:
			wantOneOf(t, w, syntacticError, semanticError)
		default:
			t.Errorf("%q answered %d %s", body, w.Code, w.Body)
		}
	})
}

// Whatever is asked for: the answer is JSON, or a table, and no request makes the server fail.
func FuzzRequestTarget(f *testing.F) {
	for _, seed := range []string{
		"/api", "/api/", "//api//audit/sessions", "/api/../etc/passwd", "/api/%2e%2e/x", "/api/audit/sessions/a%2Fb", "/%00",
		"/api/audit/sessions?limit=1&offset=2&fields=*&sort=-start_time", "/api/audit/sessions?limit=%zz", "/api/audit/sessions?fields=a..b,,*&start=2017-01-25T10:00+02",
		"/api/audit/sessions/one/channels/1?limit=-1", "/api/configuration/vnc/channel_policies/-100", "*", "/api/audit/sessions?limit=99999999999999999999",
		"/api/audit/sessions?q=protocol:(SSH+OR+R*)+-user.name:joe~1&content=%22a+b%22~3", "/api/audit/sessions?format=csv&fields=*",
		"/api/audit/sessions?snapshot=x&search_after=y", "/api/audit/sessions/one/content/?q=command:su*", "/api/audit/sessions/_count?q=)",
		"/api/audit/sessions/stats?field=analytics.tags&sub_fields=user.name&size=3", "/api/audit/sessions/histogram?bin-size=week&start=2018",
		"/api/audit/sessions/_snapshot",
	} {
		f.Add(http.MethodGet, seed)
	}
	f.Add("PATCH", "/api/transaction")
	b := newBench(f)
	b.importSession(f, "one", "")
	f.Fuzz(func(t *testing.T, method, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || slices.Contains([]string{http.MethodDelete, http.MethodHead}, method) {
			return // net/http would not let it through; or it ends the login, or has no body
		}
		r := b.request(http.MethodGet, "/")
		r.Method, r.URL, r.RequestURI = method, u, target
		w := httptest.NewRecorder()
		b.api.ServeHTTP(w, r)
		table := w.Code == http.StatusOK && w.Header().Get("Content-Type") == "text/csv; charset=utf-8"
		if w.Code >= http.StatusInternalServerError || !table && (!json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json") {
			t.Errorf("%s %q answered %d %q", method, target, w.Code, w.Body)
		}
	})
}

func wantOneOf(t *testing.T, w *httptest.ResponseRecorder, want ...errorType) {
	t.Helper()
	var got errorDocument
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || !slices.Contains(want, got.Error.Type) {
		t.Errorf("answered %d %s (%v), want one of %v", w.Code, w.Body, err, want)
	}
}
