package cli

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/server/servertest"
)

// own takes out the codes that spsctl itself sends.
var own = strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "")

// harmless checks that a command has shown the attacking text, and in such a way that it
// steers no terminal.
func (o outcome) harmless(t *testing.T, command string) {
	t.Helper()
	if !strings.Contains(o.out+o.err, "eve") {
		t.Errorf("%s: code %d; the text is not in %q, %q", command, o.code, o.out, o.err)
	}
	for _, shown := range []string{o.out, o.err} {
		for _, r := range own.Replace(shown) {
			if r != '\n' && output.Clean(string(r)) != string(r) {
				t.Errorf("%s: %q reaches the terminal in %q", command, r, shown)
				break
			}
		}
	}
}

var everyFormat = []string{"table", "wide", "json", "ndjson", "yaml", "csv", "jsonpath=$", "template={{.}}"}

// TestNothingReachesTheTerminal: in no format does a server's text steer the terminal.
func TestNothingReachesTheTerminal(t *testing.T) {
	server := hostile(t)
	m := newMachine(t, server)
	m.terminal = true
	whole := []string{"json", "ndjson", "yaml", "csv", "wide", "jsonpath=$", "template={{json .}}"}
	most := append([]string{"table"}, whole...)
	documents := append([]string{"jsonpath=$.body.user.name", "template={{.body.user.name}}"}, most...)
	for verb, formats := range map[string][]string{
		"show evil": documents, "list --user eve*": documents, "search evil.example.com": documents, "list --user eve* --fields user.name": documents,
		"stats --field user.name --user eve*":                      most,
		"stats --field protocol --sub-field user.name --user eve*": most,
		"events evil":                     append([]string{"jsonpath=$.action", "template={{.action}}"}, most...),
		"alerts evil":                     append([]string{"jsonpath=$.rule_name", "template={{.rule_name}}"}, most...),
		"channels evil":                   append([]string{"jsonpath=$.body.command", "template={{.body.command}}"}, most...),
		"content evil owned":              append([]string{"jsonpath=$.content", "template={{.content}}"}, most...),
		"indexing evil":                   append([]string{"jsonpath=$.version.adp", "template={{.version.adp}}"}, whole...),
		"export --user eve* --explain":    {""},
		"export --user eve*":              {""},
		"export --user eve* --format csv": {""},
	} {
		for _, format := range formats {
			args := append([]string{"sessions"}, strings.Fields(verb)...)
			if format != "" {
				args = append(args, "-o", format)
			}
			o := m.run(t, args...)
			if o.code != 0 {
				t.Errorf("%s -o %s: code %d, %s", verb, format, o.code, o.err)
			}
			o.harmless(t, verb+" -o "+format)
			if format != "table" && format != "wide" && own.Replace(o.out) != o.out {
				t.Errorf("%s -o %s has colours: %q", verb, format, o.out)
			}
		}
	}
}

// TestNothingOfTheConfigurationReachesTheTerminal is the same for the commands that
// change the configuration: also their differences and errors are harmless.
func TestNothingOfTheConfigurationReachesTheTerminal(t *testing.T) {
	server := servertest.Start(t)
	m, other := newMachine(t, server), newMachine(t, server)
	object := `{"name":"MARK","groups":["g"],"query":"protocol:MARK"}`
	if o := m.run(t, "api", "--transaction", "POST", "acl/audit_data", "-d", object); o.code != 0 {
		t.Fatalf("make an object: %s", o.err)
	}
	found := m.run(t, "config", "get", "acl/audit_data", "-o", `template={{if eq .body.name "MARK"}}{{.key}}{{end}}`)
	path := "acl/audit_data/" + strings.TrimSpace(found.out)
	interpose(t, m, other)
	m.in = "path: " + path + "\nbody: {name: other, groups: [g], query: 'protocol:RDP'}\n"
	m.env["VISUAL"] = "sed -i s/RDP/VNC/"
	for _, c := range []struct {
		code    int
		result  bool // shown in every format
		command []string
	}{
		{0, true, []string{"config", "get", "acl/audit_data"}},
		{0, true, []string{"config", "get", path}},
		{0, true, []string{"config", "export", "acl/audit_data"}},
		{0, true, []string{"config", "diff", "-f", "-"}},
		{0, true, []string{"config", "apply", "-f", "-", "--dry-run"}},
		{0, true, []string{"config", "set", path, "query=protocol:RDP", "--dry-run"}},
		{7, false, []string{"config", "set", path, "query=("}},
		{5, false, []string{"config", "get", "acl/nothing"}},
		{5, false, []string{"api", "GET", "acl/nothing"}},
		{0, false, []string{"api", "GET", path, "-i"}},
		{0, false, []string{"config", "set", path, "query=protocol:RDP"}},
		{0, false, []string{"config", "edit", path, "--yes"}},
		{0, false, []string{"transaction", "open"}},
		{0, false, []string{"api", "PUT", path, "-d", object}},
		{0, true, []string{"transaction", "changes"}},
	} {
		formats := []string{""}
		if c.result {
			formats = slices.Concat(everyFormat, []string{"jsonpath=$..*", "template={{json .}}"})
		}
		for _, format := range formats {
			args := c.command
			if format != "" {
				args = slices.Concat(c.command, []string{"-o", format})
			}
			o := m.run(t, args...)
			if o.code != c.code {
				t.Errorf("%s: code %d, want %d: %s", args, o.code, c.code, o.err)
			}
			if c.command[1] != "open" { // it shows nothing of the server's
				o.harmless(t, strings.Join(args, " "))
			}
		}
	}
	o := other.run(t, "config", "set", path, "query=protocol:RDP")
	if o.code != 6 || !strings.Contains(o.err, "is held by eve") {
		t.Errorf("code %d, and nobody holds the configuration: %s", o.code, o.err)
	}
	o.harmless(t, "the holder")
}

// interpose leads machines to the same stand-in through a proxy that puts the attacking text
// in the place of each MARK, of the user, and of words in errors.
func interpose(t *testing.T, machines ...*machine) {
	t.Helper()
	target, err := url.Parse(machines[0].env["SPSCTL_URL"])
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Trim(string(quoted), `"`)
	words := strings.NewReplacer("MARK", text, `"`+servertest.Username+`"`, string(quoted), "no such object", text, "does not fit", text)
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Accept-Encoding")
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableCompression: true},
		ModifyResponse: func(resp *http.Response) error {
			body, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(strings.NewReader(words.Replace(string(body))))
			resp.Header.Del("Content-Length")
			resp.Header.Set("X-Words", "eve\u009b31m\u202e")
			return err
		},
	})
	t.Cleanup(proxy.Close)
	for _, m := range machines {
		m.terminal = true
		m.env["SPSCTL_URL"], m.env["SPSCTL_INSECURE"] = proxy.URL, "true"
		delete(m.env, "SPSCTL_CA_FILE")
	}
}
