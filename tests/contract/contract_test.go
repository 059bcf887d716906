package contract_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/tests/contract"
)

// failures is a testing.TB that remembers what a test would fail with.
type failures struct {
	testing.TB
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
		want                   []contract.Violation
	}{
		{"valid", "TransactionCommit", `{"status":"commit"}`, nil},
		{"unknown members", "TransactionCommit", `{"status":"commit","a":1}`, nil},
		{"valid union", "Channel", forward, nil},
		{"missing", "TransactionCommit", `{}`, []contract.Violation{{"/status", "is missing"}}},
		{"enum", "TransactionCommit", `{"status":"open"}`, []contract.Violation{{"/status", `must be one of "commit", found "open"`}}},
		{"not JSON", "TransactionCommit", `{`, []contract.Violation{{"", "is not JSON: unexpected EOF"}}},
		{"empty", "TransactionCommit", ``, []contract.Violation{{"", "is not JSON: it is empty"}}},
		{"trailing", "TransactionCommit", `{"status":"commit"} {}`, []contract.Violation{{"", "is not JSON: there is more after the value: {}"}}},
		{"several", "ServiceSettings", `{"enabled":1,"log_level":11}`, []contract.Violation{
			{"/enabled", "value must be a boolean, found 1"},
			{"/log_level", "number must be at most 10, found 11"},
		}},
		{"variant by name", "Timestamping", `{"selection":"remote","signing_interval":30,"oid":{"enabled":true},"server_url":"a"}`, []contract.Violation{
			{"/oid/policy_oid", "is missing"},
		}},
		{"unknown variant", "Channel", strings.Replace(forward, "local forward", "odd", 1), []contract.Violation{
			{"", `"type" must be one of "CTXCAM", "CTXCDM"`},
		}},
		{"missing while enabled", "AuditSettings", `{"cleanup":{"enabled":true},"timestamping":{"selection":"local","signing_interval":30}}`, []contract.Violation{
			{"/cleanup/channel_database_cleanup_days", "is missing"},
		}},
		{"wrong while enabled", "Cleanup", `{"enabled":true,"channel_database_cleanup_days":"ten"}`, []contract.Violation{
			{"/channel_database_cleanup_days", `value must be an integer, found "ten"`},
		}},
		{"union of plain values", "ServerUsername", `["yoda",1]`, []contract.Violation{{"/1", "value must be a string, found 1"}}},
		{"no plain variant", "ServerUsername", `1`, []contract.Violation{{"", "must fit one of the variants of the union, found 1"}}},
		{"no switch", "Cleanup", `{"enabled":"yes"}`, []contract.Violation{{"/enabled", `value must be a boolean, found "yes"`}}},
		{"switched off", "Cleanup", `{"enabled":false}`, nil},
		{"switched on, and half done", "Cleanup", `{"enabled":true}`, []contract.Violation{{"/channel_database_cleanup_days", "is missing"}}},
		{"dotted names", "Channel", strings.Replace(forward, `"originator.port":1`, `"originator.port":"1"`, 1), []contract.Violation{
			{"/originator.port", `value must be an integer, found "1"`},
		}},
		{"format", "SessionLog", `{"syslog_time":"today"}`, []contract.Violation{{"/syslog_time", `must be a date-time, found "today"`}}},
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
			same := cmp.Comparer(func(a, b contract.Violation) bool { // the wanted reason may be the beginning only
				return a.Place == b.Place && (strings.HasPrefix(a.Reason, b.Reason) || strings.HasPrefix(b.Reason, a.Reason))
			})
			if diff := cmp.Diff(test.want, broken.Violations, same); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
	if err := contract.Validate("Nothing", []byte(`{}`)); err == nil || errors.As(err, new(*contract.Error)) {
		t.Errorf("unknown schema: %v", err)
	}
}
