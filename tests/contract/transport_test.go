package contract_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

const (
	transaction  = `{"key":"transaction","meta":{"href":"/api/transaction","parent":"/api"},"transaction":{"status":"closed"}}`
	notFound     = `{"error":{"type":"NotFound","message":"no","details":{"path":"/api/audit/sessions/1"}},"meta":{"href":"/api/audit/sessions/1"}}`
	vncOptions   = `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`
	busy         = `{"error":{"type":"ServiceUnavailable","message":"no","details":{"retry_after":5}},"meta":{"href":"/api/audit/sessions"}}`
	noHits       = `{"items":[],"meta":{"first":"/a","href":"/a","last":"/a","limit":500,"match_count":0,"next":null,"offset":0,"parent":"/","previous":null}}`
	unauthorized = `{"error":{"type":"Unauthenticated","message":"no"}}`
)

// reply is what the server under test answers.
type reply struct {
	status int
	header headers
	body   string
}

func (a reply) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for name, value := range map[string]string{"Allow": "GET", "Content-Language": "en", "Content-Type": "application/json"} {
		w.Header().Set(name, value)
	}
	for name, value := range a.header {
		if value == "" {
			w.Header().Del(name)
			continue
		}
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// headers are set; those with an empty value are taken away.
type headers map[string]string

func no(name string) headers            { return headers{name: ""} }
func header(name, value string) headers { return headers{name: value} }

// messages are requests and responses, and the words that a failure must have.
var messages = []struct {
	name, method, target, contentType, body string
	reply                                   reply
	want                                    []string
}{
	{name: "good", target: "/api/transaction", reply: reply{200, nil, transaction}},
	{name: "slashes don't matter", target: "//api/transaction/", reply: reply{200, nil, transaction}},
	{name: "charset", target: "/api/transaction", reply: reply{200, header("Content-Type", "application/json; charset=utf-8"), transaction}},
	{name: "declared failure", target: "/api/audit/sessions/1", reply: reply{404, nil, notFound}},
	{name: "failure without details", target: "/api/transaction", reply: reply{401, header("WWW-Authenticate", `Basic realm="a"`), unauthorized}},
	{name: "no challenge", target: "/api/transaction", reply: reply{401, nil, unauthorized}},
	{name: "body", method: "PUT", target: "/api/configuration/vnc/options", contentType: "application/json", body: vncOptions, reply: reply{404, nil, notFound}},
	{name: "opening without a body", method: "POST", target: "/api/transaction", reply: reply{201, nil, transaction}},
	{name: "opening with any type", method: "POST", target: "/api/transaction", contentType: "text/plain", body: "{}", reply: reply{201, nil, transaction}},
	{name: "stream", target: "/api/audit/sessions/1/audit_trail?format=srs", reply: reply{200, header("Content-Type", "application/octet-stream"), "bytes"}},
	{name: "not modified", target: "/api/audit/sessions/1/audit_trail", reply: reply{304, no("Content-Type"), ""}},
	{name: "head", method: "HEAD", target: "/api/transaction", reply: reply{200, nil, ""}},
	{name: "escaped key", target: "/api/audit/sessions/a%2Fb", reply: reply{404, nil, notFound}},

	{name: "literal segment", target: "/api/audit/sessions/_count?fields=*&sort=-start_time", reply: reply{200, nil, `{"count":12345}`}},
	{name: "slash at the end", target: "/api/audit/sessions/1/content/?q=man%20iptables", reply: reply{200, nil, noHits}},
	{name: "empty expression", target: "/api/audit/sessions/1/content/?q=", reply: reply{200, nil, noHits}},
	{name: "hyphen", target: "/api/audit/sessions/histogram?bin-size=hour&field=", reply: reply{503, header("Retry-After", "5"), busy}},
	{name: "table", target: "/api/audit/sessions?format=csv", reply: reply{200, map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Link": `</api/audit/sessions?limit=500&offset=500&fields=&format=csv>; rel="next"`,
	}, "key\r\n1\r\n"}},

	{name: "unknown path", target: "/api/nothing", reply: reply{404, nil, notFound}, want: []string{"request GET /api/nothing", "path: expected an operation of the contract"}},
	{name: "unknown method", method: "PATCH", target: "/api/transaction", reply: reply{405, nil, strings.Replace(notFound, "NotFound", "MethodNotAllowed", 1)}, want: []string{"PATCH /api/transaction", "expected an operation of the contract"}},
	{name: "unknown parameter", target: "/api/audit/sessions/1?fields=*", reply: reply{404, nil, notFound}, want: []string{"getSession", `parameter "fields": expected no parameters, found "fields"`}},
	{name: "bad parameter", target: "/api/audit/sessions/1/alerts?limit=0", reply: reply{404, nil, notFound}, want: []string{"listSessionAlerts", `parameter "limit"`, "at least 1", "found 0"}},
	{name: "no number", target: "/api/audit/sessions/1/alerts?limit=a", reply: reply{404, nil, notFound}, want: []string{"listSessionAlerts", `parameter "limit"`, `expected an integer, found "a"`}},
	{name: "body missing", method: "PUT", target: "/api/configuration/vnc/options", contentType: "application/json", reply: reply{404, nil, notFound}, want: []string{"replaceVncOptions", "body: expected an object, found nothing (schema ProtocolOptions)"}},
	{name: "body of wrong type", method: "PUT", target: "/api/configuration/vnc/options", contentType: "text/plain", body: vncOptions, reply: reply{404, nil, notFound}, want: []string{`header "Content-Type"`, "application/json", "text/plain"}},
	{name: "bad body", method: "PUT", target: "/api/configuration/vnc/options", contentType: "application/json", body: strings.Replace(vncOptions, "30", "3", 1), reply: reply{404, nil, notFound}, want: []string{"replaceVncOptions", "body/audit/timestamping/signing_interval", "at least 10", "found 3"}},
	{name: "body not wanted", method: "DELETE", target: "/api/transaction", body: "{}", reply: reply{200, nil, `{"meta":{"href":"/api/transaction"}}`}, want: []string{"rollbackTransaction", "body: expected nothing, found 2 bytes"}},

	{name: "parameter missing", target: "/api/audit/sessions/stats", reply: reply{503, nil, busy}, want: []string{"getSessionStatistics", `parameter "field": expected a string, found nothing`}},
	{name: "unknown unit", target: "/api/audit/sessions/histogram?bin-size=fortnight", reply: reply{503, nil, busy}, want: []string{"getSessionHistogram", `parameter "bin-size"`, `"hour"`, "fortnight"}},
	{name: "wrong hyphen", target: "/api/audit/sessions/histogram?bin_size=hour", reply: reply{503, nil, busy}, want: []string{"getSessionHistogram", `parameter "bin_size": expected only "bin-size", `}},
	{name: "table where there is none", target: "/api/audit/sessions/stats?field=protocol", reply: reply{200, header("Content-Type", "text/csv"), "value,count\r\n"}, want: []string{"getSessionStatistics", "application/json", "text/csv"}},
	{name: "odd table", target: "/api/audit/sessions?format=csv", reply: reply{200, header("Content-Type", "text/tab-separated-values"), "key\r\n"}, want: []string{"listSessions", `"application/json", "text/csv"`, "tab-separated"}},
	{name: "busy without a number", target: "/api/audit/sessions", reply: reply{503, header("Retry-After", "0"), busy}, want: []string{"listSessions", `header "Retry-After"`, "at least 1"}},

	{name: "undeclared status", target: "/api/transaction", reply: reply{202, nil, transaction}, want: []string{"response 202 of getTransaction", "status", `"200"`, "found 202"}},
	{name: "plain text", target: "/api/transaction", reply: reply{500, header("Content-Type", "text/plain; charset=utf-8"), "oops"}, want: []string{"response 500 of getTransaction", "Content-Type", "application/json", "text/plain"}},
	{name: "no type", target: "/api/audit/sessions/1/audit_trail", reply: reply{200, header("Content-Type", "application/json"), "{}"}, want: []string{"downloadTrail", "application/octet-stream"}},
	{name: "no Allow", target: "/api/transaction", reply: reply{200, no("Allow"), transaction}, want: []string{"getTransaction", `header "Allow": expected a string, found nothing`}},
	{name: "other language", target: "/api/transaction", reply: reply{200, header("Content-Language", "fr"), transaction}, want: []string{`header "Content-Language"`, `"en"`, `"fr"`}},
	{name: "other challenge", target: "/api/transaction", reply: reply{401, header("WWW-Authenticate", "Bearer"), unauthorized}, want: []string{"getTransaction", `header "WWW-Authenticate"`}},
	{name: "header of wrong type", target: "/api/authentication", reply: reply{429, header("Retry-After", "soon"), strings.Replace(notFound, "NotFound", "TooManyRequests", 1)}, want: []string{"createLogin", `header "Retry-After"`, "integer", "soon"}},
	{name: "bad response", target: "/api/transaction", reply: reply{200, nil, strings.Replace(transaction, "closed", "ajar", 1)}, want: []string{"response 200 of getTransaction", "body/transaction/status", `"closed", "open"`, `"ajar"`}},
	{name: "no JSON", target: "/api/transaction", reply: reply{200, nil, "oops"}, want: []string{"getTransaction", "body: expected one JSON value, found invalid character"}},
	{name: "more than JSON", target: "/api/transaction", reply: reply{200, nil, transaction + transaction}, want: []string{"getTransaction", "body: expected one JSON value, found 106 bytes more after it"}},
	{name: "wrong type of failure", target: "/api/audit/sessions/1", reply: reply{404, nil, strings.Replace(notFound, "NotFound", "Unauthorized", 1)}, want: []string{"response 404 of getSession", `body/error/type: expected a type of status 404, found "Unauthorized", which has status 403`}},
	{name: "unknown failure", target: "/api/audit/sessions/1", reply: reply{404, nil, strings.Replace(notFound, "NotFound", "Lost", 1)}, want: []string{"body/error/type: expected one of ", `found "Lost"`}},
}

func TestTransport(t *testing.T) {
	for _, test := range messages {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.reply)
			defer server.Close()
			var found failures
			client := &http.Client{Transport: contract.Transport(&found, nil)}
			request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.target, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if test.contentType != "" {
				request.Header.Set("Content-Type", test.contentType)
			}
			query := request.URL.RawQuery
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err := errors.Join(err, response.Body.Close()); err != nil {
				t.Fatal(err)
			}
			if string(body) != test.reply.body || response.StatusCode != test.reply.status {
				t.Errorf("the client got %d %q", response.StatusCode, body)
			}
			if request.URL.RawQuery != query {
				t.Errorf("the request changed: %s", request.URL)
			}
			found.expect(t, test.want...)
		})
	}
}

func TestHandler(t *testing.T) {
	for _, test := range messages {
		t.Run(test.name, func(t *testing.T) {
			var found failures
			request := httptest.NewRequestWithContext(t.Context(), test.method, "http://sps"+test.target, strings.NewReader(test.body))
			if test.contentType != "" {
				request.Header.Set("Content-Type", test.contentType)
			}
			var received string
			response := httptest.NewRecorder()
			contract.Handler(&found, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				received = string(body)
				test.reply.ServeHTTP(w, r)
			})).ServeHTTP(response, request)
			if received != test.body {
				t.Errorf("the handler got %q", received)
			}
			if response.Body.String() != test.reply.body || response.Code != test.reply.status {
				t.Errorf("the client got %d %q", response.Code, response.Body)
			}
			found.expect(t, test.want...)
		})
	}
}

// TestExpect shows that a body which waits for a 100 is not missed: the server
// refuses the request before it is sent.
func TestExpect(t *testing.T) {
	var found failures
	request := httptest.NewRequestWithContext(t.Context(), "PUT", "http://sps/api/configuration/vnc/options", strings.NewReader(vncOptions))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue")
	refused := reply{417, nil, strings.Replace(notFound, "NotFound", "ExpectationFailed", 1)}
	contract.Handler(&found, refused).ServeHTTP(httptest.NewRecorder(), request)
	found.expect(t)
}

func TestDeliberate(t *testing.T) {
	ctx := contract.Deliberate(t.Context())
	for _, test := range []struct {
		name, target string
		reply        reply
		want         []string
	}{
		{"parameter", "/api/audit/sessions/1/alerts?limit=0", reply{400, nil, strings.Replace(notFound, "NotFound", "InvalidQuery", 1)}, nil},
		{"path", "/api/nothing", reply{404, nil, notFound}, nil},
		{"path, without headers", "/api/nothing", reply{404, no("Allow"), notFound}, nil},
		{"no failure", "/api/nothing", reply{200, nil, "{}"}, []string{"response 200 to GET /api/nothing", "expected an error", "found 200"}},
		{"no envelope", "/api/nothing", reply{404, nil, "{}"}, []string{"response 404 to GET /api/nothing", "body/error: expected an object, found nothing (schema ErrorDocument)"}},
		{"no JSON", "/api/nothing", reply{404, header("Content-Type", "text/plain"), "404 page not found"}, []string{"Content-Type", "text/plain"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.reply)
			defer server.Close()
			var found failures
			client := &http.Client{Transport: contract.Transport(&found, server.Client().Transport)}
			defer client.CloseIdleConnections()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+test.target, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil {
				t.Fatal(err)
			}
			found.expect(t, test.want...)
		})
	}
}

// TestStreams shows that bodies other than JSON arrive while they are being
// written, on both sides.
func TestStreams(t *testing.T) {
	more := make(chan struct{})
	trail := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, "first")
		_ = http.NewResponseController(w).Flush()
		<-more
		_, _ = io.Copy(w, strings.NewReader("second"))
	})
	server := httptest.NewServer(contract.Handler(t, trail))
	defer server.Close()
	client := &http.Client{Transport: contract.Transport(t, nil)}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/audit/sessions/1/audit_trail?format=srs", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, len("first"))
	if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != "first" {
		t.Errorf("got %q, %v", first, err)
	}
	close(more)
	rest, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil || string(rest) != "second" {
		t.Errorf("got %q, %v", rest, err)
	}
}

func TestTransportFails(t *testing.T) {
	broken := errors.New("no network")
	var found failures
	client := &http.Client{Transport: contract.Transport(&found, roundTripper(func(*http.Request) (*http.Response, error) { return nil, broken }))}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://sps/api/transaction", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	if err == nil {
		_ = response.Body.Close()
	}
	found.expect(t)
}

// TestTornBody shows that a JSON body that breaks off is reported, and reaches
// the client as it came; but not when the client itself gave up.
func TestTornBody(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want []string
	}{
		{"torn", io.ErrUnexpectedEOF, []string{"/api/transaction", "broke off", "unexpected EOF"}},
		{"given up", context.Canceled, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			torn := roundTripper(func(*http.Request) (*http.Response, error) {
				if errors.Is(test.err, context.Canceled) {
					cancel()
				}
				return &http.Response{
					StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
					Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"key"`), tearing{test.err})),
				}, nil
			})
			var found failures
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://sps/api/transaction", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := contract.Transport(&found, torn).RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if string(body) != `{"key"` || !errors.Is(err, test.err) || response.Body.Close() != nil {
				t.Errorf("got %q, %v", body, err)
			}
			found.expect(t, test.want...)
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type tearing struct{ err error }

func (r tearing) Read([]byte) (int, error) { return 0, r.err }
