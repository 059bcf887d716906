// Package secret gets passwords and API keys: from the keyring of the operating system, from a
// command, and from a terminal. It stores them in the keyring and nowhere else, and
// never shows one.
package secret

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
	"golang.org/x/term"

	"github.com/spskit/spskit/client/internal/cli/failure"
)

// Keyring is a place for passwords, by appliance and user.
type Keyring interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// System is the keyring of the operating system.
type System struct{}

// Set stores a password.
func (System) Set(service, user, password string) error { return keyring.Set(service, user, password) }

// Get gives a password, or ErrNotFound.
func (System) Get(service, user string) (string, error) { return keyring.Get(service, user) }

// Delete forgets a password.
func (System) Delete(service, user string) error { return keyring.Delete(service, user) }

// ErrNotFound says that a keyring doesn't have a password.
var ErrNotFound = keyring.ErrNotFound

// Entry is what a keyring has a secret for: a user at an appliance, whose API key is
// another one than the password. The user of an API key may be empty.
type Entry struct {
	URL, User string
	APIKey    bool
}

func (e Entry) service() string { return "spsctl " + e.URL }

// account is none that a password has, for no user who logs in has a colon in the name.
func (e Entry) account() string {
	if e.APIKey {
		return "api-key:" + e.User
	}
	return e.User
}

func (e Entry) String() string {
	if e.APIKey {
		return "API key for " + e.URL
	}
	return fmt.Sprintf("password of %s at %s", e.User, e.URL)
}

// FromKeyring gives a secret.
func FromKeyring(k Keyring, e Entry) (string, error) {
	value, err := k.Get(e.service(), e.account())
	switch {
	case errors.Is(err, ErrNotFound):
		return "", failure.WithHint(fmt.Errorf("the keyring has no %v", e),
			failure.Authentication, "run 'spsctl login', which asks for it and stores it")
	case err != nil:
		return "", noKeyring(err)
	}
	return value, nil
}

// ToKeyring stores a secret.
func ToKeyring(k Keyring, e Entry, value string) error {
	if err := k.Set(e.service(), e.account(), value); err != nil {
		return noKeyring(err)
	}
	return nil
}

// ForgetInKeyring removes a secret, if it is there.
func ForgetInKeyring(k Keyring, e Entry) error {
	if err := k.Delete(e.service(), e.account()); err != nil && !errors.Is(err, ErrNotFound) {
		return noKeyring(err)
	}
	return nil
}

func noKeyring(err error) error {
	return failure.WithHint(fmt.Errorf("the keyring of the operating system cannot be used: %w", err),
		failure.Authentication, "start a keyring service, or have a program give the secret with --password-command or --api-key-command")
}

// FromCommand runs a command with the shell and gives the secret, named what, that it
// prints, without the line end. What it says on standard error goes to the user, and the terminal is the command's.
func FromCommand(ctx context.Context, what, command string, in io.Reader, words io.Writer) (string, error) {
	shell := []string{"/bin/sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, shell[0], shell[1], command) //nolint:gosec // running it is what the user asks for
	c.Stdin, c.Stdout, c.Stderr = in, &out, words
	err := c.Run()
	password := strings.TrimSuffix(strings.TrimSuffix(out.String(), "\n"), "\r")
	if err == nil && password == "" {
		err = errors.New("it printed nothing")
	}
	if err != nil {
		return "", failure.WithHint(fmt.Errorf("the %s command failed: %w", what, err),
			failure.Authentication, "run the command by itself; it has to print the "+what+" and nothing else")
	}
	return password, nil
}

// FromLine reads a secret from the first line of in.
func FromLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 1<<16)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if password == "" {
		return "", failure.Usage("there is nothing in the first line of standard input")
	}
	return password, nil
}

// FromTerminal asks the user for a secret, named what, who doesn't see what is typed.
func FromTerminal(ctx context.Context, what string, in io.Reader, words io.Writer, question string) (string, error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", failure.WithHint(fmt.Errorf("there is no %s, and no terminal to ask for it", what), failure.Authentication,
			"run 'spsctl login' in a terminal first, or use --password-command, SPSCTL_PASSWORD or SPSCTL_API_KEY")
	}
	fmt.Fprint(words, question)
	type answer struct {
		password []byte
		err      error
	}
	done := make(chan answer, 1)
	restore := Remember(in)
	go func() {
		password, err := term.ReadPassword(int(f.Fd()))
		done <- answer{password, err}
	}()
	select {
	case a := <-done:
		fmt.Fprintln(words)
		return string(a.password), a.err
	case <-ctx.Done():
		fmt.Fprintln(words)
		restore()
		return "", ctx.Err()
	}
}

// Remember gives a function that brings the terminal back to how it is now, showing
// what is typed. It does nothing if in is no terminal.
func Remember(in io.Reader) (restore func()) {
	f, ok := in.(*os.File)
	if !ok {
		return func() {}
	}
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return func() {}
	}
	return func() { _ = term.Restore(int(f.Fd()), state) } // there is nothing else to try
}
