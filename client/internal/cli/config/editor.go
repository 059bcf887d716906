package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// draft is the file that a person edits. It stays until drop is called.
type draft struct {
	path    string
	offered []byte // what was put into it last
}

func newDraft() (*draft, error) {
	f, err := os.CreateTemp("", "spsctl-*.yaml") // has mode 0600
	if err != nil {
		return nil, err
	}
	return &draft{path: f.Name()}, f.Close()
}

func (d *draft) drop() { _ = os.Remove(d.path) } // a file of the temporary directory

// offer puts a text with a comment on top of it into the file.
func (d *draft) offer(comment string, body []byte) error {
	var b bytes.Buffer
	for line := range strings.SplitSeq(strings.TrimRight(comment, "\n"), "\n") {
		b.WriteString(strings.TrimRight("# "+output.Clean(line), " ") + "\n")
	}
	b.Write(body)
	d.offered = b.Bytes()
	return os.WriteFile(d.path, d.offered, 0o600)
}

// edit runs the editor, and gives the text, and whether it is another one.
func (d *draft) edit(ctx context.Context, a *app.App) (text []byte, changed bool, err error) {
	if err := runEditor(ctx, a, d.path); err != nil {
		return nil, false, err
	}
	text, err = os.ReadFile(d.path)
	return text, !bytes.Equal(text, d.offered), err
}

// uncommented is a text without the comments that begin it.
func uncommented(text []byte) []byte {
	for bytes.HasPrefix(text, []byte("#")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text
}

// editor is the user's, with its arguments.
func editor(a *app.App) string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if command, _ := a.Lookup(name); strings.TrimSpace(command) != "" {
			return command
		}
	}
	if runtime.GOOS == "windows" {
		return "notepad"
	}
	return "vi"
}

func runEditor(ctx context.Context, a *app.App, path string) error {
	command := editor(a)
	c := exec.CommandContext(ctx, "/bin/sh", "-c", command+` "$@"`, command, path) //nolint:gosec // running it is what the user asks for
	if runtime.GOOS == "windows" {
		c = exec.CommandContext(ctx, "cmd", "/C", command+` "`+path+`"`) //nolint:gosec // as above
	} else {
		c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // so that it gives the terminal back
		c.WaitDelay = 5 * time.Second
	}
	c.Stdin, c.Stdout, c.Stderr = a.In, a.Out, a.Err
	if !a.Terminal(a.Out) {
		c.Stdout = a.Err
	}
	err := c.Start()
	if err == nil {
		release := a.Interrupts.Hold()
		err = c.Wait()
		release()
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return failure.WithHint(fmt.Errorf("the editor %q failed: %w", command, err), failure.Failed, "choose one with VISUAL or EDITOR")
	}
	return nil
}

// confirm asks a question, to which no answer is no.
func confirm(ctx context.Context, a *app.App, question string) (bool, error) {
	fmt.Fprint(a.Err, question+" [y/N] ")
	type answer struct {
		line string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		line, err := readLine(a.In)
		done <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.Err)
		return false, ctx.Err()
	case got := <-done:
		word := strings.ToLower(strings.TrimSpace(got.line))
		return word == "y" || word == "yes", got.err
	}
}

// readLine reads a line and nothing behind it.
func readLine(in io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < 1<<10 {
		n, err := in.Read(one)
		if n > 0 && one[0] == '\n' || errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		line = append(line, one[:n]...)
	}
	return string(line), nil
}
