package blackbox

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spskit/spskit/gen/apispec"
	"github.com/spskit/spskit/tests/contract"
)

// One test per row of the contract's error table that can be provoked from
// outside; the rest have their tests beside the code.
func TestErrorTable(t *testing.T) {
	d := start(t, "", "--demo")
	d.run("pass phrase\n", "user", "add", "nobody", "--rights", "none")
	admin, other, nobody := d.admin(), d.admin(), d.login("nobody", "pass phrase")
	anonymous := d.anonymous()
	d.run("", "import", write(t, filepath.Join(t.TempDir(), "bare.ndjson"), sessionLine("bare", 1, false, "")))
	const trail = "/api/audit/sessions/" + sample + "/audit_trail"

	for _, tt := range []struct {
		name    string
		answer  func() *answer
		status  int
		errType string
		details map[string]any // that must be there
	}{
		{"unknown sort field", func() *answer { return admin.get("/api/audit/sessions?sort=-nothing") }, 400, "InvalidQuery", map[string]any{"parameter": "sort", "value": "-nothing"}},
		{"unknown field", func() *answer { return admin.get("/api/audit/sessions?fields=user.name,nothing") }, 400, "InvalidQuery", map[string]any{"parameter": "fields", "position": 10.0}},
		{"bad date", func() *answer { return admin.get("/api/audit/sessions?start=2018-13-01") }, 400, "InvalidQuery", map[string]any{"parameter": "start"}},
		{"limit is a word", func() *answer { return admin.loose().get("/api/audit/sessions?limit=many") }, 400, "InvalidQuery", map[string]any{"parameter": "limit", "value": "many"}},
		{"limit too small", func() *answer { return admin.loose().get("/api/audit/sessions?limit=0") }, 400, "InvalidQuery", map[string]any{"parameter": "limit"}},
		{"negative offset", func() *answer { return admin.loose().get("/api/audit/sessions?offset=-1") }, 400, "InvalidQuery", map[string]any{"parameter": "offset"}},
		{"malformed query", func() *answer { return admin.loose().get("/api/audit/sessions?start=2018-01-01%zz") }, 400, "InvalidQuery", nil},
		{"semicolons", func() *answer { return admin.loose().get("/api/audit/sessions?limit=1;offset=2") }, 400, "InvalidQuery", nil},
		{"bad filter", func() *answer { return admin.get("/api/audit/sessions?q=protocol:SSH+AND+user.nam:joe") }, 400, "InvalidQuery", map[string]any{"parameter": "q", "position": 17.0}},
		{"bad content search", func() *answer { return admin.get("/api/audit/sessions?content=*exit") }, 400, "InvalidQuery", map[string]any{"parameter": "content", "position": 0.0}},
		{"unknown statistics field", func() *answer { return admin.get("/api/audit/sessions/stats?field=nothing") }, 400, "InvalidQuery", map[string]any{"parameter": "field", "value": "nothing"}},
		{"no statistics field", func() *answer { return admin.loose().get("/api/audit/sessions/stats") }, 400, "InvalidQuery", map[string]any{"parameter": "field"}},
		{"too many bins", func() *answer {
			return admin.get("/api/audit/sessions/histogram?bin-size=minute&start=2020-01-01&end=2024-01-01")
		}, 400, "InvalidQuery", map[string]any{"parameter": "bin-size", "value": "minute"}},
		{"unknown format", func() *answer { return admin.loose().get("/api/audit/sessions?format=xml") }, 400, "InvalidQuery", map[string]any{"parameter": "format"}},
		{"search_after without a snapshot", func() *answer { return admin.get("/api/audit/sessions?search_after=1") }, 400, "InvalidQuery", map[string]any{"parameter": "search_after"}},
		{"no such snapshot", func() *answer { return admin.get("/api/audit/sessions?snapshot=" + strings.Repeat("0", 40)) }, 404, "NotFound", map[string]any{"path": "/api/audit/sessions"}},
		{"content of no session", func() *answer { return admin.get("/api/audit/sessions/nothing/content/?q=exit") }, 404, "NotFound", map[string]any{"path": "/api/audit/sessions/nothing/content"}},
		{"too many snapshots", func() *answer {
			for i := range 5 {
				admin.do("GET", "/api/audit/sessions/_snapshot", "", "User-Agent", fmt.Sprint(i)).wantStatus(200)
			}
			return admin.do("GET", "/api/audit/sessions/_snapshot", "", "User-Agent", "one more")
		}, 429, "TooManyRequests", nil},
		{"no right to count", func() *answer { return nobody.get("/api/audit/sessions/_count") }, 403, "Unauthorized", nil},
		{"unknown trail format", func() *answer { return admin.loose().get(trail + "?format=mp4") }, 400, "InvalidQuery", map[string]any{"parameter": "format", "value": "mp4"}},
		{"unknown login method", func() *answer { return anonymous.get("/api/authentication?login_method=ldap") }, 400, "InvalidQuery", map[string]any{"parameter": "login_method"}},
		{"malformed body", func() *answer { return admin.loose().do("PUT", optionsPath, `{"audit":`) }, 400, "SyntacticError", map[string]any{"position": 9.0}},
		{"two bodies", func() *answer { return admin.loose().do("PUT", "/api/transaction", `{"status":"commit"}{}`) }, 400, "SyntacticError", nil},
		{"invalid body", func() *answer { return admin.loose().do("PUT", optionsPath, `{"audit":{},"service":{"enabled":true}}`) }, 400, "SemanticError", nil},
		{"no cookie", func() *answer { return anonymous.get(optionsPath) }, 401, "Unauthenticated", map[string]any{"path": optionsPath}},
		{"made-up cookie", func() *answer {
			return (&caller{d: d, http: anonymous.http, cookie: strings.Repeat("0", 40)}).get(optionsPath)
		}, 401, "Unauthenticated", map[string]any{"path": optionsPath}},
		{"Basic is for the login only", func() *answer {
			return anonymous.do("GET", optionsPath, "", "Authorization", basic("admin", adminPassword))
		}, 401, "Unauthenticated", nil},
		{"unknown path without a login", func() *answer { return anonymous.loose().get("/api/nothing") }, 401, "Unauthenticated", map[string]any{"path": "/api/nothing"}},
		{"wrong password", func() *answer {
			return anonymous.do("GET", "/api/authentication", "", "Authorization", basic("admin", "wrong"))
		}, 401, "AuthenticationFailure", nil},
		{"unknown user", func() *answer {
			return anonymous.do("GET", "/api/authentication", "", "Authorization", basic("wrong", "wrong"))
		}, 401, "AuthenticationFailure", nil},
		{"garbled credentials", func() *answer {
			return anonymous.do("GET", "/api/authentication", "", "Authorization", "Basic !!!")
		}, 401, "AuthenticationFailure", nil},
		{"no certificate", func() *answer {
			return anonymous.do("GET", "/api/authentication?type=x509", "", "Authorization", basic("admin", adminPassword))
		}, 401, "AuthenticationFailure", nil},
		{"no right to search", func() *answer { return nobody.get("/api/audit/sessions") }, 403, "Unauthorized", map[string]any{"path": "/api/audit/sessions"}},
		{"no right to read", func() *answer { return nobody.get(optionsPath) }, 403, "Unauthorized", nil},
		{"no right to edit", func() *answer { return nobody.do("POST", "/api/transaction", "{}") }, 403, "Unauthorized", nil},
		{"no such session", func() *answer { return admin.get("/api/audit/sessions/nothing") }, 404, "NotFound", map[string]any{"path": "/api/audit/sessions/nothing"}},
		{"no such channel", func() *answer { return admin.get("/api/audit/sessions/1/channels/99") }, 404, "NotFound", nil},
		{"no such policy", func() *answer { return admin.get("/api/configuration/vnc/channel_policies/nothing") }, 404, "NotFound", nil},
		{"no trail", func() *answer { return admin.get("/api/audit/sessions/bare/audit_trail") }, 404, "NotFound", nil},
		{"no such path", func() *answer { return admin.loose().get("/api/nothing") }, 404, "NotFound", map[string]any{"path": "/api/nothing"}},
		{"dot segments", func() *answer { return admin.loose().get("/api/../etc/passwd") }, 404, "NotFound", nil},
		{"the root", func() *answer { return admin.loose().get("/") }, 404, "NotFound", nil},
		{"wrong method", func() *answer { return admin.loose().do("PATCH", optionsPath, "{}") }, 405, "MethodNotAllowed", map[string]any{"path": optionsPath}},
		{"wrong method to log in", func() *answer { return anonymous.loose().do("POST", "/api/authentication", "") }, 405, "MethodNotAllowed", nil},
		{"options", func() *answer { return admin.loose().do("OPTIONS", "/api", "") }, 405, "MethodNotAllowed", nil},
		{"write without a transaction", func() *answer { return admin.do("PUT", optionsPath, localOptions) }, 409, "NoTransaction", nil},
		{"commit without a transaction", func() *answer { return admin.do("PUT", "/api/transaction", `{"status":"commit"}`) }, 409, "NoTransaction", nil},
		{"locked", func() *answer {
			other.do("POST", "/api/transaction", "{}").wantStatus(201)
			defer func() { other.do("DELETE", "/api/transaction", "").wantStatus(200) }()
			return admin.do("POST", "/api/transaction", "{}")
		}, 409, "ConfigurationLocked", map[string]any{"holder": "admin"}},
		{"changed file", func() *answer { return admin.do("GET", trail, "", "If-Match", `"other"`) }, 412, "PreconditionFailed", nil},
		{"body too large", func() *answer {
			return admin.loose().do("PUT", optionsPath, `{"audit":"`+strings.Repeat("x", 1<<20)+`"}`)
		}, 413, "PayloadTooLarge", map[string]any{"limit": float64(1 << 20)}},
		{"not JSON", func() *answer {
			return admin.loose().do("PUT", optionsPath, localOptions, "Content-Type", "application/x-www-form-urlencoded")
		}, 415, "UnsupportedMediaType", nil},
		{"range outside", func() *answer { return admin.do("GET", trail, "", "Range", "bytes=99999999-") }, 416, "RangeNotSatisfiable", nil},
		{"expectation", func() *answer {
			return admin.loose().do("PUT", "/api/transaction", `{"status":"commit"}`, "Expect", "100-continue")
		}, 417, "ExpectationFailed", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.answer()
			details := got.wantError(tt.status, tt.errType)
			for name, want := range tt.details {
				if details[name] != want {
					t.Errorf("details are %v, want %s = %v", details, name, want)
				}
			}
			checkDetails(t, tt.errType, details)
			if _, has := got.Header["Www-Authenticate"]; has != (tt.status == 401) {
				t.Errorf("WWW-Authenticate: %v", got.Header["Www-Authenticate"])
			}
			if got.Header.Get("Content-Language") != "en" {
				t.Error("no Content-Language")
			}
		})
	}
}

const localOptions = `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`

// checkDetails compares the members of an error's details with those that the
// contract lists for its type.
func checkDetails(t *testing.T, errorType string, details map[string]any) {
	t.Helper()
	raw, err := apispec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas struct {
				ErrorType struct {
					Values map[string]struct{ Details []string } `json:"x-values"`
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	listed := doc.Components.Schemas.ErrorType.Values[errorType].Details
	for name := range details {
		if !slices.Contains(listed, name) {
			t.Errorf("%s has the detail %q, the contract lists %v", errorType, name, listed)
		}
	}
}

func TestViolationsNameThePlace(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	for _, tt := range []struct{ document, path string }{
		{strings.Replace(localOptions, `30`, `9`, 1), "/audit/timestamping/signing_interval"},
		{strings.Replace(localOptions, `"local"`, `"nowhere"`, 1), "/audit/timestamping"},
		{strings.Replace(localOptions, `"enabled":true`, `"enabled":"yes"`, 1), "/service/enabled"},
		{strings.Replace(localOptions, `"enabled":false`, `"enabled":true`, 1), "/audit/cleanup"},
	} {
		details := c.loose().do("PUT", optionsPath, tt.document).wantError(400, "SemanticError")
		if text := fmt.Sprint(details["violations"]); !strings.Contains(text, tt.path) {
			t.Errorf("%s: violations are %s, want %s among them", tt.document, text, tt.path)
		}
	}
}

// A POST that says nothing of its length, which no client of this language sends.
func TestLengthRequired(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	for _, tt := range []struct {
		name, headers, body string
		status              int
	}{
		{"none", "", "", 411},
		{"chunked", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 411},
		{"zero", "Content-Length: 0\r\n", "", 201},
		{"empty object", "Content-Length: 2\r\nContent-Type: application/x-www-form-urlencoded\r\n", "{}", 200},
		{"odd type", "Content-Length: 0\r\nContent-Type: text/plain\r\n", "", 200},
		{"garbage", "Content-Length: 3\r\n", "{x}", 400},
	} {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(d.URL, "https://"), d.rawTransport().TLSClientConfig)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /api/transaction HTTP/1.1\r\nHost: x\r\nCookie: session_id=%s\r\n%s\r\n%s", c.cookie, tt.headers, tt.body)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if resp.StatusCode != tt.status || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: answered %s %s, want %d", tt.name, resp.Status, resp.Header.Get("Content-Type"), tt.status)
		}
		_ = resp.Body.Close()
		_ = conn.Close()
	}
}

// Deny by default: whatever the contract has, it is closed without a cookie or a
// good API key unless the contract says so.
func TestEverythingNeedsALogin(t *testing.T) {
	d := start(t, "", "--demo")
	anonymous := d.anonymous().loose()
	closed := 0
	for _, op := range contract.Operations() {
		path := strings.NewReplacer("{key}", sample, "{channel}", "1").Replace(op.Path)
		got := anonymous.do(op.Method, path, "")
		if op.Anonymous {
			got.wantStatus(http.StatusOK)
			continue
		}
		closed++
		got.wantError(http.StatusUnauthorized, "Unauthenticated")
		anonymous.do(op.Method, path, "", "Authorization", "apikey "+strings.Repeat("0", 40)).
			wantError(http.StatusUnauthorized, "AuthenticationFailure")
	}
	if closed < 20 {
		t.Errorf("only %d operations were tried", closed)
	}
}

// A body where none belongs is not read, however long it is.
func TestBodyThatDoesNotBelong(t *testing.T) {
	d := start(t, "", "--http")
	for _, path := range []string{"/api/authentication?type=basic", "/api/info"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n", path)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil) // although nothing of the body came
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s answered %s", path, resp.Status)
		}
		_ = resp.Body.Close()
		_ = conn.Close()
	}
}
