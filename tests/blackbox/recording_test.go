package blackbox

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// recorder writes down traffic as HAR.
type recorder struct {
	next    http.RoundTripper
	mu      sync.Mutex
	entries []map[string]any
}

func (rec *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	request := map[string]any{"method": r.Method, "url": r.URL.String(), "httpVersion": "HTTP/1.1", "headers": pairs(r.Header), "bodySize": r.ContentLength}
	if r.Body != nil && r.Body != http.NoBody {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		request["postData"] = map[string]any{"mimeType": r.Header.Get("Content-Type"), "text": string(raw)}
	}
	response, err := rec.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(raw))
	content := map[string]any{"size": len(raw), "mimeType": response.Header.Get("Content-Type"), "text": raw, "encoding": "base64"}
	if response.Header.Get("Content-Type") == "application/json" {
		content["text"] = string(raw)
		delete(content, "encoding")
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.entries = append(rec.entries, map[string]any{"request": request, "response": map[string]any{
		"status": response.StatusCode, "headers": pairs(response.Header), "content": content, "bodySize": -1,
	}})
	return response, nil
}

func pairs(h http.Header) []map[string]string {
	list := []map[string]string{}
	for name, values := range h {
		for _, value := range values {
			list = append(list, map[string]string{"name": strings.ToLower(name), "value": value})
		}
	}
	return list
}

// save writes a HAR file and returns its name.
func (rec *recorder) save(t *testing.T) string {
	t.Helper()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	raw, err := json.MarshalIndent(map[string]any{"log": map[string]any{"version": "1.2", "entries": rec.entries}}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "capture.har")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestContractValidate records traffic with spsd and validates it with spsd: as it
// was it is clean, and an error that is planted in it is found and named.
func TestContractValidate(t *testing.T) {
	d := start(t, "", "--demo")
	rec := &recorder{next: d.transport()}
	c := d.admin()
	c.http = &http.Client{Transport: rec}
	// The login itself is recorded too.
	c.do("GET", "/api/authentication", "", "Authorization", basic("admin", adminPassword)).wantStatus(200)
	c.do("POST", "/api/transaction", "{}").wantStatus(201)
	options := c.get("/api/configuration/vnc/options").wantStatus(200)
	body, err := json.Marshal(options.at("body"))
	if err != nil {
		t.Fatal(err)
	}
	c.do("PUT", "/api/configuration/vnc/options", string(body)).wantStatus(201)
	c.do("POST", "/api/configuration/passwords", `{"plain":"hunter2-of-the-test"}`).wantStatus(201)
	c.do("DELETE", "/api/transaction", "").wantStatus(200)
	c.get("/api/audit/sessions?q=protocol%3ASSH&fields=*").wantStatus(200)
	c.get("/api/audit/sessions?format=csv&fields=*").wantStatus(200)
	c.get("/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq").wantStatus(200)
	c.get("/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/audit_trail").wantStatus(200)
	c.get("/api/audit/sessions/nope").wantStatus(404)
	const requests = 11

	recorded := rec.save(t)
	out, words, code := run(t, "", "contract", "validate", recorded)
	if code != 0 || words != "" || !strings.Contains(out, "11 recorded requests, 11 of them to the API") {
		t.Fatalf("exit code %d: %s%s", code, words, out)
	}
	for _, line := range []string{"getSession ", "listSessions ", "downloadTrail ", "createLogin "} {
		if !strings.Contains(out, "\n"+line) {
			t.Errorf("%s is not in the report:\n%s", line, out)
		}
	}

	raw, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	planted := strings.NewReplacer(`\"log_level\":4`, `\"log_level\":\"four\"`, `\"plain\":\"hunter2-of-the-test\"`, `\"plain\":[\"hunter2-of-the-test\"]`).Replace(string(raw))
	out, words, code = run(t, planted, "contract", "validate", "--format", "json", "-")
	if code != 1 || !strings.HasSuffix(words, "violations of the contract\n") {
		t.Errorf("exit code %d, %s", code, words)
	}
	for _, secret := range []string{c.cookie, "hunter2", adminPassword, basic("admin", adminPassword)} {
		if strings.Contains(out+words, secret) {
			t.Errorf("the report has a secret, %s:\n%s", secret, out)
		}
	}
	var report struct {
		Exchanges, Violations int
		Operations            []struct {
			ID       string
			Findings []struct{ Message, Place, Schema, Expected, Found string }
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	found := map[string]string{}
	for _, op := range report.Operations {
		for _, f := range op.Findings {
			found[op.ID+" "+f.Message+" "+f.Place] = f.Expected + ", " + f.Found + ", " + f.Schema
		}
	}
	for place, want := range map[string]string{
		"getVncOptions response 200 body/body/service/log_level":     `an integer, "four", ServiceSettings`,
		"replaceVncOptions request body/service/log_level":           `an integer, "four", ServiceSettings`,
		"replaceVncOptions response 201 body/body/service/log_level": `an integer, "four", ServiceSettings`,
		"createPassword request body/plain":                          `a string, a list of 1 item, PasswordInput`,
	} {
		if found[place] != want {
			t.Errorf("%s: %q, want %q", place, found[place], want)
		}
		delete(found, place)
	}
	if len(found) > 0 || report.Exchanges != requests {
		t.Errorf("%d exchanges; also found: %v", report.Exchanges, found)
	}

	out, _, code = run(t, planted, "contract", "validate", "--format", "junit", "-")
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
	}
	if err := xml.Unmarshal([]byte(out), &suite); err != nil || code != 1 || suite.Failures != 3 {
		t.Errorf("exit code %d, %+v, %v:\n%s", code, suite, err, out)
	}
}

// TestReadmeReport checks that the report which README shows is true, but for how
// many operations there are.
func TestReadmeReport(t *testing.T) {
	const recorded = "tests/contract/har/testdata/mitmproxy.har"
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	out, words, code := run(t, "", "contract", "validate", "../../"+recorded)
	shown, _, _ := strings.Cut(strings.ReplaceAll(out, "../../", ""), "Operations not seen")
	if code != 1 || !strings.Contains(string(readme), "spsd contract validate "+recorded+"\n"+shown) || !strings.Contains(string(readme), words+"```") {
		t.Errorf("exit code %d, and README doesn't show:\n%s%s", code, out, words)
	}
}
