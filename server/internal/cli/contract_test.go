package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	cleanRecording = `{"log":{"entries":[{"request":{"method":"GET","url":"https://sps/api/transaction"},"response":{"status":401,` +
		`"headers":[{"name":"allow","value":"GET"},{"name":"content-language","value":"en"},{"name":"content-type","value":"application/json"}],` +
		`"content":{"text":"{\"error\":{\"type\":\"Unauthenticated\",\"message\":\"no\"}}"}}}]}}`
	strayRecording = `{"log":{"entries":[{"request":{"method":"GET","url":"https://sps/"}}]}}`
)

func TestContractValidate(t *testing.T) {
	dir := t.TempDir()
	clean, broken, stray := filepath.Join(dir, "clean.har"), filepath.Join(dir, "broken.har"), filepath.Join(dir, "stray.har")
	writeFile(t, clean, cleanRecording)
	writeFile(t, broken, strings.Replace(cleanRecording, "Unauthenticated", "NotFound", 1))
	writeFile(t, stray, strayRecording)
	const violation = `body/error/type: expected a type of status 401, found "NotFound", which has status 404 (schema ErrorType)`
	for _, tt := range []struct {
		name  string
		args  []string
		stdin string
		code  int
		out   string
		words string
	}{
		{"clean", []string{clean}, "", 0, "getTransaction  1         401 x1    0", ""},
		{"standard input", []string{"-"}, cleanRecording, 0, "standard input: 1 recorded request, 1 of them to the API", ""},
		{"several", []string{clean, broken}, "", 1, "first in " + broken + " log.entries[0]", "spsd: 1 violation of the contract\n"},
		{"broken", []string{broken}, "", 1, violation, "spsd: 1 violation of the contract\n"},
		{"json", []string{"--format", "json", broken}, "", 1, `"violations": 1,`, "spsd: 1 violation of the contract\n"},
		{"junit", []string{"--format", "junit", broken}, "", 1, `<failure message="1 violation">`, "spsd: 1 violation of the contract\n"},
		{"verbose", []string{"--verbose", clean}, "", 0, "  getSession  GET /api/audit/sessions/{key}\n", ""},
		{"base", []string{"--base", "https://sps/api", clean}, "", 0, "1 of them to the API", ""},
		{"another base", []string{"--base", "https://sps/proxied", clean}, "", 1, "", "spsd: none of the 1 recorded requests is to the API\n"},
		{"nothing of the API", []string{stray}, "", 1, "", "spsd: none of the 1 recorded requests is to the API\n"},
		{"no file", []string{filepath.Join(dir, "none.har")}, "", 1, "", "spsd: open " + filepath.Join(dir, "none.har") + ": "},
		{"no HAR", []string{"-"}, "[]", 1, "", "spsd: standard input: at byte 1: this is no HAR file"},
		{"no name", nil, "", 2, "", "spsd: name at least one HAR file"},
		{"unknown format", []string{"--format", "xml", clean}, "", 2, "", `spsd: format "xml" is not one of text, json, junit`},
		{"no base", []string{"--base", "sps", clean}, "", 2, "", "spsd: --base is not a URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(t.Context(), append([]string{"contract", "validate"}, tt.args...), Streams{In: strings.NewReader(tt.stdin), Out: &out, Err: &errs})
			if code != tt.code || !strings.HasPrefix(errs.String(), tt.words) || tt.words == "" && errs.Len() > 0 {
				t.Errorf("exit code %d, want %d; %q, want %q", code, tt.code, errs.String(), tt.words)
			}
			if !strings.Contains(out.String(), tt.out) || tt.out == "" && out.Len() > 0 {
				t.Errorf("got\n%swant %s", out.String(), tt.out)
			}
		})
	}
	if _, err := os.Stat(".data"); err == nil {
		t.Error("a data directory was made")
	}
}

// TestContractValidateInterrupted shows that half a check doesn't pass for a
// whole one.
func TestContractValidateInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := Run(ctx, []string{"contract", "validate", "-"}, Streams{In: strings.NewReader(cleanRecording), Out: &out, Err: &errs})
	if code != 1 || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
}
