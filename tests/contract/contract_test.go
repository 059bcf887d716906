package contract_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/tests/contract"
)

// failures remembers what a test would fail with.
type failures struct {
	mu   sync.Mutex
	text []string
}

func (f *failures) Helper() {}

func (f *failures) Error(args ...any) { f.add(fmt.Sprint(args...)) }

func (f *failures) Errorf(format string, args ...any) { f.add(fmt.Sprintf(format, args...)) }

func (f *failures) add(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = append(f.text, text)
}

// expect checks that there was exactly one failure and that it contains each
// word; no words mean that there must be no failure.
func (f *failures) expect(t *testing.T, words ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(words) == 0 {
		if len(f.text) > 0 {
			t.Errorf("unexpected: %s", strings.Join(f.text, "\n"))
		}
		return
	}
	if len(f.text) != 1 {
		t.Errorf("%d failures, want one:\n%s", len(f.text), strings.Join(f.text, "\n"))
		return
	}
	for _, word := range words {
		if !strings.Contains(f.text[0], word) {
			t.Errorf("%q is not in the failure:\n%s", word, f.text[0])
		}
	}
}

// expectLines checks how many violations the failures name.
func (f *failures) expectLines(t *testing.T, want int) {
	t.Helper()
	if got := strings.Count(strings.Join(f.text, ""), "\n\t"); got != want {
		t.Errorf("%d violations, want %d:\n%s", got, want, strings.Join(f.text, "\n"))
	}
}

func mustParse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestOperations(t *testing.T) {
	seen := map[string]contract.Operation{}
	for _, op := range contract.Operations() {
		seen[op.ID] = op
	}
	if got, want := len(seen), len(contract.Operations()); got != want {
		t.Errorf("%d different operations out of %d", got, want)
	}
	for _, want := range []contract.Operation{
		{ID: "createLogin", Method: "GET", Path: "/api/authentication", Tag: "authentication"},
		{ID: "getInfo", Method: "GET", Path: "/api/info", Tag: "authentication", Anonymous: true},
		{ID: "listLoginMethods", Method: "GET", Path: "/api/authentication/login_methods", Tag: "authentication", Anonymous: true},
		{ID: "replaceVncOptions", Method: "PUT", Path: "/api/configuration/vnc/options", Tag: "vnc"},
	} {
		if diff := cmp.Diff(want, seen[want.ID]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.ID, diff)
		}
	}
	if contract.Document().Paths.Find("/api/audit/sessions") == nil {
		t.Error("the document has no sessions")
	}
}

func TestValidate(t *testing.T) {
	const forward = `{"type":"local forward","verdict":"accept","start_time":1,"end_time":2,"duration":1,
		"originator.address":"::1","originator.port":1,"connected.address":"a","connected.port":22}`
	for _, test := range []struct {
		name, schema, document string
		want                   []string
	}{
		{"valid", "TransactionCommit", `{"status":"commit"}`, nil},
		{"unknown members", "TransactionCommit", `{"status":"commit","a":1}`, nil},
		{"valid union", "Channel", forward, nil},
		{"missing", "TransactionCommit", `{}`, []string{`/status: expected "commit", found nothing (schema TransactionCommit)`}},
		{"enum", "TransactionCommit", `{"status":"open"}`, []string{`/status: expected "commit", found "open" (schema CommitStatus)`}},
		{"torn", "TransactionCommit", `{`, []string{"the document: expected one JSON value, found one that ends within itself, after 1 byte (schema TransactionCommit)"}},
		{"not JSON", "TransactionCommit", `<html>`, []string{"the document: expected one JSON value, found invalid character '<' looking for beginning of value (schema TransactionCommit)"}},
		{"empty", "TransactionCommit", ``, []string{"the document: expected one JSON value, found nothing (schema TransactionCommit)"}},
		{"trailing", "TransactionCommit", `{"status":"commit"} {}`, []string{"the document: expected one JSON value, found 2 bytes more after it (schema TransactionCommit)"}},
		{"several", "ServiceSettings", `{"enabled":1,"log_level":11}`, []string{
			"/enabled: expected a boolean, found 1 (schema ServiceSettings)",
			"/log_level: expected at most 10, found 11 (schema ServiceSettings)",
		}},
		{"variant by name", "Timestamping", `{"selection":"remote","signing_interval":30,"oid":{"enabled":true},"server_url":"a"}`, []string{
			"/oid/policy_oid: expected a string, found nothing (schema TimestampingOid)",
		}},
		{"unknown variant", "Timestamping", `{"selection":"odd","signing_interval":30}`, []string{
			`/selection: expected one of "local", "remote", found "odd" (schema Timestamping)`,
		}},
		{"no name of the variant", "Timestamping", `{"signing_interval":30}`, []string{
			`/selection: expected one of "local", "remote", found nothing (schema Timestamping)`,
		}},
		{"missing while enabled", "AuditSettings", `{"cleanup":{"enabled":true},"timestamping":{"selection":"local","signing_interval":30}}`, []string{
			"/cleanup/channel_database_cleanup_days: expected an integer, found nothing (schema Cleanup)",
		}},
		{"wrong while enabled", "Cleanup", `{"enabled":true,"channel_database_cleanup_days":"ten"}`, []string{
			`/channel_database_cleanup_days: expected an integer, found "ten" (schema Cleanup)`,
		}},
		{"union of plain values", "ServerUsername", `["yoda",1]`, []string{"/1: expected a string, found 1 (schema ServerUsernameText)"}},
		{"no plain variant", "ServerUsername", `1`, []string{"the document: expected one of the variants of the union, found 1 (schema ServerUsername)"}},
		{"no switch", "Cleanup", `{"enabled":"yes"}`, []string{`/enabled: expected a boolean, found "yes" (schema Cleanup)`}},
		{"switched off", "Cleanup", `{"enabled":false}`, nil},
		{"switched on, and half done", "Cleanup", `{"enabled":true}`, []string{
			"/channel_database_cleanup_days: expected an integer, found nothing (schema Cleanup)",
		}},
		{"null while enabled", "Cleanup", `{"enabled":true,"channel_database_cleanup_days":null}`, []string{
			"/channel_database_cleanup_days: expected an integer, found null (schema Cleanup)",
		}},
		{"dotted names", "Channel", strings.Replace(forward, `"originator.port":1`, `"originator.port":"1"`, 1), []string{
			`/originator.port: expected an integer, found "1" (schema ForwardChannel)`,
		}},
		{"format", "SessionLog", `{"syslog_time":"today"}`, []string{
			`/syslog_time: expected a date-time of RFC 3339, such as 2018-09-15T09:22:00Z, found "today" (schema SessionLog)`,
		}},
		{"not in the calendar", "SessionLog", `{"syslog_time":"2019-02-30T00:00:00Z"}`, []string{
			`/syslog_time: expected a date-time of RFC 3339, such as 2018-09-15T09:22:00Z, found "2019-02-30T00:00:00Z" (schema SessionLog)`,
		}},
		{"leap second", "SessionLog", `{"syslog_time":"2016-12-31T23:59:60Z"}`, nil},
		{"secret", "PasswordInput", `{"plain":"` + strings.Repeat("hunter2", 12) + `"}`, []string{
			`/plain: expected at most 72 characters, found text which is not shown (schema PasswordInput)`,
		}},
		{"secret within", "TransactionCommit", `{"status":{"password":"hunter2"}}`, []string{
			`/status: expected "commit", found an object with "password" (schema CommitStatus)`,
		}},
		{"control characters", "TransactionCommit", `{"status":"\u001b[2J\u202e\u009b"}`, []string{
			`/status: expected "commit", found "\x1b[2J\u202e\u009b" (schema CommitStatus)`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := contract.Validate(test.schema, []byte(test.document))
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var broken *contract.Error
			if !errors.As(err, &broken) {
				t.Fatalf("error is %v", err)
			}
			if broken.Subject != test.schema {
				t.Errorf("subject is %q", broken.Subject)
			}
			found := make([]string, len(broken.Violations))
			for i, v := range broken.Violations {
				found[i] = v.String()
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
	if err := contract.Validate("Nothing", []byte(`{}`)); err == nil || errors.As(err, new(*contract.Error)) {
		t.Errorf("unknown schema: %v", err)
	}
}
