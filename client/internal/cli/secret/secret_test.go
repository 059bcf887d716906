package secret_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/secret"
)

func TestFromCommand(t *testing.T) {
	for command, want := range map[string]string{
		"echo word": "word", "printf word": "word", `printf 'two\n\n'`: "two\n", "echo ' blank '": " blank ",
		"cat": "typed", "echo words >&2; echo word": "word",
	} {
		var words strings.Builder
		got, err := secret.FromCommand(t.Context(), "password", command, strings.NewReader("typed"), &words)
		if got != want || err != nil || strings.Contains(words.String(), "word\n") {
			t.Errorf("%s: %q, want %q; error %v, words %q", command, got, want, err, words.String())
		}
	}
	for _, command := range []string{"", "true", "echo top-secret; exit 1", "no-such-command-of-spsctl"} {
		got, err := secret.FromCommand(t.Context(), "password", command, nil, io.Discard)
		if got != "" || failure.CodeOf(err) != failure.Authentication || strings.Contains(err.Error(), "top-secret") {
			t.Errorf("%q: %q, error %v", command, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := secret.FromCommand(ctx, "password", "echo word", nil, io.Discard); err == nil {
		t.Error("a command runs after the end")
	}
}

func TestFromLine(t *testing.T) {
	for text, want := range map[string]string{"word": "word", "word\n": "word", "word\r\nmore\n": "word", "two words\n": "two words"} {
		if got, err := secret.FromLine(strings.NewReader(text)); got != want || err != nil {
			t.Errorf("%q: %q, error %v", text, got, err)
		}
	}
	for _, text := range []string{"", "\n", "\r\n"} {
		if _, err := secret.FromLine(strings.NewReader(text)); failure.CodeOf(err) != failure.UsageError {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestKeyring(t *testing.T) {
	keyring.MockInit()
	k := secret.System{}
	joe := secret.Entry{URL: "https://a", User: "joe"}
	if _, err := secret.FromKeyring(k, joe); failure.CodeOf(err) != failure.Authentication {
		t.Errorf("error %v", err)
	}
	if err := secret.ToKeyring(k, joe, "word"); err != nil {
		t.Fatal(err)
	}
	if got, err := secret.FromKeyring(k, joe); got != "word" || err != nil {
		t.Errorf("%q, error %v", got, err)
	}
	if _, err := secret.FromKeyring(k, secret.Entry{URL: "https://b", User: "joe"}); err == nil {
		t.Error("another appliance gets the password")
	}
	if _, err := secret.FromKeyring(k, secret.Entry{URL: "https://a", User: "joe", APIKey: true}); err == nil {
		t.Error("the password is taken for an API key")
	}
	for range 2 { // what isn't there needs no forgetting
		if err := secret.ForgetInKeyring(k, joe); err != nil {
			t.Error(err)
		}
	}
	broken := errors.New("no service")
	keyring.MockInitWithError(broken)
	_, get := secret.FromKeyring(k, joe)
	for name, err := range map[string]error{
		"get": get, "set": secret.ToKeyring(k, joe, "top-secret"), "delete": secret.ForgetInKeyring(k, joe),
	} {
		if !errors.Is(err, broken) || strings.Contains(err.Error(), "top-secret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestFromTerminalNeedsOne(t *testing.T) {
	var words strings.Builder
	_, err := secret.FromTerminal(t.Context(), "password", strings.NewReader("word\n"), &words, "Password: ")
	if failure.CodeOf(err) != failure.Authentication || words.String() != "" {
		t.Errorf("error %v, words %q", err, words.String())
	}
}
