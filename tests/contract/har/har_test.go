package har_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/tests/contract/har"
)

const (
	closed     = `{"key":"transaction","meta":{"href":"/api/transaction","parent":"/api"},"transaction":{"status":"closed"}}`
	headers    = `[{"name":"allow","value":"GET"},{"name":"content-language","value":"en"},{"name":"content-type","value":"application/json"}]`
	noResponse = `{"status":0}`
)

// file is a HAR file with these entries.
func file(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"pages":[{"id":"p"}],"entries":[` + strings.Join(entries, ",\n") + `],"comment":""}}`
}

// exchange is an entry as browsers write it.
func exchange(method, target, response string) string {
	return fmt.Sprintf(`{"startedDateTime":"2026-11-26T00:00:00Z","time":1,"_resourceType":"fetch","request":{"method":%q,"url":%q,"httpVersion":"h2",`+
		`"headers":[{"name":":method","value":%q},{"name":"cookie","value":"session_id=s3cret"}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":0},`+
		`"response":%s,"cache":{},"timings":{"send":-1,"wait":1,"receive":0}}`, method, target, method, response)
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// response is a JSON response with these members of its content.
func response(status int, content string) string {
	return fmt.Sprintf(`{"status":%d,"statusText":"","headers":%s,"cookies":[],"content":{"mimeType":"application/json"%s},"redirectURL":"","headersSize":-1,"bodySize":-1}`,
		status, headers, content)
}

func text(body string) string { return fmt.Sprintf(`,"size":%d,"text":%s`, len(body), quoted(body)) }

// report reads one file and returns its report as JSON was written.
func report(t *testing.T, base, content string) (*har.Report, output) {
	t.Helper()
	var below *url.URL
	if base != "" {
		var err error
		if below, err = url.Parse(base); err != nil {
			t.Fatal(err)
		}
	}
	r := har.NewReport(below)
	if err := r.Add("a.har", strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteJSON(&b, false); err != nil {
		t.Fatal(err)
	}
	var out output
	if err := json.Unmarshal([]byte(b.String()), &out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "s3cret") {
		t.Errorf("the report has a secret: %s", b.String())
	}
	return r, out
}

type output struct {
	Exchanges   int
	Violations  int
	NotRecorded int `json:"bodies_not_recorded"`
	Operations  []struct {
		ID       string
		Findings []struct {
			Message, Place, Expected, Found string
			Count                           int
			First                           struct {
				Entry int
				Path  string
			}
		}
	}
	Strays []struct {
		What  string
		Count int
	} `json:"not_of_the_api"`
	Unseen []string `json:"operations_not_seen"`
}

// findings are lines of operation, message, place, expected and found.
func (o output) findings() []string {
	var lines []string
	for _, op := range o.Operations {
		for _, f := range op.Findings {
			lines = append(lines, fmt.Sprintf("%s %s: %s: %s, %s, x%d at %d", op.ID, f.Message, f.Place, f.Expected, f.Found, f.Count, f.First.Entry))
		}
	}
	return lines
}

// TestRecordings has what recorders make of traffic, and what is found in it.
func TestRecordings(t *testing.T) {
	const target = "https://sps/api/transaction"
	ajar := strings.Replace(closed, "closed", "ajar", 1)
	const isAjar = `getTransaction response 200: body/transaction/status: one of "closed", "open", "ajar", x1 at 0`
	b64 := func(s string) string {
		return `,"size":` + fmt.Sprint(len(s)) + `,"encoding":"base64","text":"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"`
	}
	put := func(target, sent string) string {
		return `{"request":{"method":"PUT","url":"` + target + `","headers":[{"name":"Content-Type","value":"application/json"}]` + sent + `},"response":` + noResponse + `}`
	}
	for _, test := range []struct {
		name, entry string
		missing     int
		want        []string
	}{
		{"good", exchange("GET", target, response(200, text(closed))), 0, nil},
		{"bad", exchange("GET", target, response(200, text(ajar))), 0, []string{isAjar}},
		{"base64", exchange("GET", target, response(200, b64(ajar))), 0, []string{isAjar}},
		{"compressed", exchange("GET", target, response(200, text(ajar)+`,"compression":20`)), 0, []string{isAjar}},
		{"no text", exchange("GET", target, response(200, `,"size":105`)), 1, nil},
		{"null text", exchange("GET", target, response(200, `,"size":105,"text":null`)), 1, nil},
		{"emptied text", exchange("GET", target, response(200, `,"size":105,"text":""`)), 1, nil},
		{"cut off by the recorder", exchange("GET", target, response(200, `,"size":105,"text":`+quoted(closed[:50]))), 1, nil},
		{"cut off by the server", exchange("GET", target, response(200, `,"size":50,"text":`+quoted(closed[:50]))), 0, []string{
			"getTransaction response 200: body: one JSON value, one that ends within itself, after 50 bytes, x1 at 0",
		}},
		{"truly empty", exchange("GET", target, response(200, `,"size":0,"text":""`)), 0, []string{
			"getTransaction response 200: body: one JSON value, nothing, x1 at 0",
		}},
		{"no answer", exchange("GET", target, noResponse), 0, nil},
		{"no headers", exchange("GET", target, strings.Replace(response(200, text(ajar)), headers, "[]", 1)), 0, []string{isAjar}},
		{"header missing", exchange("GET", target, strings.Replace(response(200, text(closed)), "allow", "x-allow", 1)), 0, []string{
			`getTransaction response 200: header "Allow": a string, nothing, x1 at 0`,
		}},
		{"no cookies", exchange("GET", "https://sps/api/authentication", response(200, text(`{"meta":{"href":"/api/authentication"}}`))), 0, nil},
		{"trail", exchange("GET", "https://sps/api/audit/sessions/1/audit_trail", `{"status":200,"headers":[{"name":"Content-Type","value":"application/octet-stream"}],"content":{"mimeType":"application/octet-stream","size":3}}`), 0, nil},
		{"in a folder", exchange("GET", "https://sps/proxied/api/transaction", response(200, text(ajar))), 0, []string{isAjar}},
		{"head", exchange("HEAD", target, response(200, "")), 0, nil},
		{"undeclared status", exchange("GET", target, response(302, "")), 1, []string{
			`getTransaction response 302: status: one of "200", "400", "401", "403", "417", "500", "503", 302, x1 at 0`,
		}},
		{"unknown method", exchange("PATCH", target, noResponse), 0, []string{
			"(no operation) request: path: an operation of the contract, none with this method and path, x1 at 0",
		}},
		{"parameter", exchange("GET", "https://sps/api/audit/sessions/1/alerts?limit=0&token=s3cret", noResponse), 0, []string{
			`listSessionAlerts request: parameter "limit": at least 1, 0, x1 at 0`,
			`listSessionAlerts request: parameter "token": only "limit", "offset", "token", x1 at 0`,
		}},
		{"body", put(target, `,"postData":{"mimeType":"application/json","text":"{\"status\":\"open\"}"}`), 0, []string{
			`commitTransaction request: body/status: "commit", "open", x1 at 0`,
		}},
		{"body in base64", put(target, `,"postData":{"mimeType":"application/json","encoding":"base64","text":"e30="}`), 0, []string{
			`commitTransaction request: body/status: "commit", nothing, x1 at 0`,
		}},
		{"body not recorded", put(target, `,"bodySize":19`), 1, nil},
		{"body of unknown size", put(target, `,"bodySize":-1`), 1, nil},
		{"no body", put(target, `,"bodySize":0`), 0, []string{`commitTransaction request: body: an object, nothing, x1 at 0`}},
		{"a password as the body", put(target, `,"postData":{"text":"\"s3cret\""}`), 0, []string{
			"commitTransaction request: body: an object, text which is not shown, x1 at 0",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, out := report(t, "", file(test.entry))
			if diff := cmp.Diff(test.want, out.findings()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if r.Exchanges() != 1 || r.Violations() != len(test.want) || out.NotRecorded != test.missing {
				t.Errorf("%d exchanges, %d violations, %d bodies not recorded", r.Exchanges(), r.Violations(), out.NotRecorded)
			}
		})
	}
}

// TestGroups shows that what is wrong in the same way is one finding, and that the
// first is named.
func TestGroups(t *testing.T) {
	item := `{"alert_type":"adp.event.command","time":"today"}`
	alerts := `{"items":[` + item + "," + item + `],"meta":{"first":"/","href":"/","last":"/","limit":1,"match_count":2,"next":null,"offset":0,"parent":"/","previous":null}}`
	var entries []string
	for key := range 3 {
		entries = append(entries, exchange("GET", "https://sps/favicon.ico", noResponse),
			exchange("GET", fmt.Sprintf("https://sps/api/audit/sessions/%d/alerts", key), response(200, text(alerts))))
	}
	_, out := report(t, "", file(entries...))
	var times int
	for _, f := range out.Operations[0].Findings {
		if f.Place == "body/items/*/time" && f.First.Entry == 1 && f.First.Path == "/api/audit/sessions/0/alerts" {
			times += f.Count
		}
	}
	if times != 2*2*3 { // the pattern and the format
		t.Errorf("%d bad times in %v", times, out.findings())
	}
}

// TestBounds shows that ever new violations and strays are counted, and not kept.
func TestBounds(t *testing.T) {
	var entries []string
	for i := range 300 {
		entries = append(entries, exchange("GET", fmt.Sprintf("https://sps/api/transaction?p%d=1", i), noResponse),
			exchange("GET", fmt.Sprintf("https://sps/%d", i), noResponse))
	}
	r, out := report(t, "", file(entries...))
	if n := len(out.Operations[0].Findings); r.Violations() != 300 || n != 100 {
		t.Errorf("%d violations of %d kinds", r.Violations(), n)
	}
	if last := out.Strays[len(out.Strays)-1]; len(out.Strays) != 201 || last.What != "others" || last.Count != 100 {
		t.Errorf("%d strays, the last %v", len(out.Strays), last)
	}
}

func TestStrays(t *testing.T) {
	recorded := file(
		exchange("GET", "https://sps/api/transaction", noResponse),
		exchange("GET", "https://SPS:443/index.html?token=s3cret", noResponse),
		exchange("OPTIONS", "https://sps/api/transaction", noResponse),
		exchange("GET", "https://sps/api/cluster", noResponse),
		exchange("GET", "https://hooks.example/services/s3cret", noResponse),
		exchange("GET", "https://user:s3cret@hooks.example/", noResponse),
		exchange("GET", "data:image/png;base64,s3cret", noResponse),
		exchange("GET", "https://other/api/info", noResponse),
		exchange("GET", "https://sps/apiary", noResponse),
		exchange("GET", "https://long/"+strings.Repeat("api/", 100_000)+"api/info", noResponse),
	)
	for _, test := range []struct {
		base      string
		exchanges int
		want      map[string]int
	}{
		{"", 2, map[string]int{
			"GET https://sps/index.html": 1, "OPTIONS https://sps/api/transaction": 1, "GET https://sps/api/cluster": 1, "GET https://sps/apiary": 1,
			"https://hooks.example": 2, "data:": 1, "https://long": 1,
		}},
		{"https://sps", 2, map[string]int{
			"GET https://sps/index.html": 1, "OPTIONS https://sps/api/transaction": 1, "GET https://sps/apiary": 1,
			"https://hooks.example": 2, "data:": 1, "https://long": 1, "https://other": 1,
		}},
	} {
		r, out := report(t, test.base, recorded)
		got := map[string]int{}
		for _, s := range out.Strays {
			got[s.What] = s.Count
		}
		if diff := cmp.Diff(test.want, got); diff != "" || r.Exchanges() != test.exchanges {
			t.Errorf("base %q: %d exchanges; strays (-want +got):\n%s", test.base, r.Exchanges(), diff)
		}
	}
	if _, out := report(t, "https://sps", recorded); out.Violations != 1 {
		t.Errorf("below a base an unknown path is a violation: %v", out.findings())
	}
}

func TestBase(t *testing.T) {
	recorded := file(exchange("GET", "https://proxy/sps/api/transaction", noResponse))
	for base, want := range map[string]int{
		"https://proxy/sps": 1, "https://proxy/sps/": 1, "https://proxy:443/sps": 1,
		"https://proxy": 0, "http://proxy/sps": 0, "https://proxy/sp": 0,
	} {
		if r, _ := report(t, base, recorded); r.Exchanges() != want {
			t.Errorf("base %s: %d exchanges", base, r.Exchanges())
		}
	}
}

// TestBroken has files that can't be read, and what is said of them.
func TestBroken(t *testing.T) {
	good := exchange("GET", "https://sps/api/transaction", response(200, text(closed)))
	whole := file(good, good)
	for _, test := range []struct{ name, content, want string }{
		{"empty", "", "at byte 0: the file ends here, within itself"},
		{"text", "GET / HTTP/1.1", "at byte 0: invalid character 'G' looking for beginning of value"},
		{"list", "[]", "at byte 1: this is no HAR file: expected '{'"},
		{"another document", `{"openapi":"3.0.3","log":[]}`, "this is no HAR file: expected '{'"},
		{"no entries", `{"log":{"version":"1.2"}}`, "this is no HAR file: it has no log.entries"},
		{"no log", `{"a":{"entries":[]}}`, "this is no HAR file: it has no log.entries"},
		{"cut off in an entry", whole[:len(whole)-100], "at log.entries[1], which begins at byte "},
		{"cut off after the entries", whole[:len(whole)-1], "the file ends here, within itself"},
		{"more than one", whole + whole, "there is more after the end of the HAR file"},
		{"broken entry", file(good, `{"request":oops}`), "at log.entries[1], which begins at byte "},
		{"entry of another type", file("7"), "at log.entries[0], which begins at byte"},
		{"text for a status", file(exchange("GET", "https://sps/api/transaction", `{"status":"ok"}`)), "response.status can't be a JSON string"},
		{"no request", file(`{}`), "it has no request with a url"},
		{"no url", file(exchange("GET", "https://sps/%zz?s3cret", noResponse)), "request.url is not a URL"},
		{"not base64", file(exchange("GET", "https://sps/api/transaction", response(200, `,"encoding":"base64","text":"!"`))), "response.content.text: it is said to be base64, and is not"},
		{"nested too deeply", `{"log":` + strings.Repeat(`{"a":[`, 6000), "it is nested too deeply"},
		{"entry nested too deeply", `{"log":{"entries":[` + strings.Repeat("[", 20000), "exceeded max depth"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := har.NewReport(nil).Add("a.har", strings.NewReader(test.content))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error is %v, want %s", err, test.want)
			}
		})
	}
	if err := har.NewReport(nil).Add("a.har", strings.NewReader("\xef\xbb\xbf"+whole)); err != nil {
		t.Errorf("with a byte order mark: %v", err)
	}
}
