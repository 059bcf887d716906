// Package secret gets passwords: from the keyring of the operating system, from a
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

// service names the passwords of an appliance in a keyring.
func service(url string) string { return "spsctl " + url }

// FromKeyring gives the password of a user at an appliance.
func FromKeyring(k Keyring, url, user string) (string, error) {
	password, err := k.Get(service(url), user)
	switch {
	case errors.Is(err, ErrNotFound):
		return "", failure.WithHint(fmt.Errorf("the keyring has no password of %s at %s", user, url),
			failure.Authentication, "run 'spsctl login', which asks for it and stores it")
	case err != nil:
		return "", noKeyring(err)
	}
	return password, nil
}

// ToKeyring stores the password of a user at an appliance.
func ToKeyring(k Keyring, url, user, password string) error {
	if err := k.Set(service(url), user, password); err != nil {
		return noKeyring(err)
	}
	return nil
}

// ForgetInKeyring removes the password of a user at an appliance, if it is there.
func ForgetInKeyring(k Keyring, url, user string) error {
	if err := k.Delete(service(url), user); err != nil && !errors.Is(err, ErrNotFound) {
		return noKeyring(err)
	}
	return nil
}

func noKeyring(err error) error {
	return failure.WithHint(fmt.Errorf("the keyring of the operating system cannot be used: %w", err),
		failure.Authentication, "start a keyring service, or have a program give the password with --password-command")
}

// FromCommand runs a command with the shell and gives what it prints, without the line
// end. What it says on standard error goes to the user, and the terminal is the command's.
func FromCommand(ctx context.Context, command string, in io.Reader, words io.Writer) (string, error) {
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
		return "", failure.WithHint(fmt.Errorf("the password command failed: %w", err),
			failure.Authentication, "run the command by itself; it has to print the password and nothing else")
	}
	return password, nil
}

// FromLine reads a password from the first line of in.
func FromLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 1<<16)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if password == "" {
		return "", failure.Usage("there is no password on standard input")
	}
	return password, nil
}

// FromTerminal asks the user, who doesn't see what is typed.
func FromTerminal(ctx context.Context, in io.Reader, words io.Writer, question string) (string, error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", failure.WithHint(errors.New("there is no password, and no terminal to ask for it"), failure.Authentication,
			"run 'spsctl login' in a terminal first, or use --password-command or SPSCTL_PASSWORD")
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
