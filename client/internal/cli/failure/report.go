package failure

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// Report tells a person what happened, why, and what to try, and returns the exit
// code. Query is the query that the command sent, if it sent one.
func Report(w io.Writer, command string, err error, query string) Code {
	code, try := classify(err)
	if code == Interrupted {
		fmt.Fprintf(w, "%s: interrupted\n", command)
		return code
	}
	for i, line := range strings.Split(err.Error(), "\n") {
		if i == 0 {
			line = command + ": " + line
		}
		fmt.Fprintln(w, output.Clean(line))
	}
	var answer *client.Error
	if errors.As(err, &answer) {
		particulars(w, answer, query)
		caret(w, answer, query)
		if answer.Type == client.TypeConfigurationLocked {
			try = lockHint(answer, try)
		}
		if answer.RetryAfter > 0 {
			try = fmt.Sprintf("wait %v, and run the command again", answer.RetryAfter)
		}
	}
	switch {
	case code == UsageError && try == "":
		fmt.Fprintf(w, "Try '%s --help'.\n", command)
	case try != "":
		fmt.Fprint(w, "Try: ")
		for line := range strings.SplitSeq(try, "\n") {
			fmt.Fprintln(w, output.Clean(line))
		}
	}
	return code
}

// particulars says what the API found in which place, and what it takes there.
func particulars(w io.Writer, answer *client.Error, query string) {
	expected := answer.Detail("expected")
	if expected == "" {
		return
	}
	words := "Expected " + expected
	if value := answer.Detail("value"); value != "" && value != query { // which caret shows
		words += fmt.Sprintf(" in the parameter %s, and not %q", answer.Detail("parameter"), value)
	}
	fmt.Fprintf(w, "  %s.\n", output.Clean(words))
}

// caret shows where in the query the trouble begins.
func caret(w io.Writer, answer *client.Error, query string) {
	position, ok := answer.Position()
	if !ok || query == "" || position < 0 || position > len(query) || answer.Type != client.TypeInvalidQuery {
		return
	}
	if p := answer.Detail("parameter"); p != "" && p != "q" {
		return
	}
	for position > 0 && position < len(query) && !utf8.RuneStart(query[position]) {
		position--
	}
	before := output.Clean(query[:position])
	fmt.Fprintf(w, "  %s%s\n  %s^\n", before, output.Clean(query[position:]), strings.Repeat(" ", output.Width(before)))
}

func lockHint(answer *client.Error, otherwise string) string {
	holder := answer.Detail("holder")
	if holder == "" {
		return otherwise
	}
	hint := "the configuration is held by " + holder
	if since := answer.Detail("opened_at"); since != "" {
		hint += " since " + since
	}
	if until := answer.Detail("expires_at"); until != "" {
		hint += ", until " + until + " unless it is used"
	}
	return hint + "; wait until that transaction is over, and run the command again"
}

// certificateHint shows the fingerprint of a certificate that was not trusted.
func certificateHint(err error) string {
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) && len(untrusted.UnverifiedCertificates) > 0 {
		sum := sha256.Sum256(untrusted.UnverifiedCertificates[0].Raw)
		return "if the appliance's own certificate has this fingerprint (look there, not here), trust it with\n" +
			"  --fingerprint " + strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":") +
			"\nor give the CA that signed it with --ca-file"
	}
	return ""
}
