//go:build unix

package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/server/servertest"
)

// console is the real program on a terminal of its own.
type console struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	tty    *os.File // kept open, so that its state can be looked at after the end
	before *term.State
	shown  []byte
	ended  chan error
}

func buildSpsctl(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spsctl")
	if text, err := exec.Command("go", "build", "-o", path, "github.com/spskit/spskit/client/cmd/spsctl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return path
}

// open starts a command with standard input and error on a terminal, and with standard
// output there too unless it is given.
func (m *machine) open(t *testing.T, columns uint16, out *os.File, path string, args ...string) *console {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if out == nil {
		out = tty
	}
	c := &console{t: t, master: master, tty: tty, before: before, ended: make(chan error, 1)}
	c.cmd = exec.CommandContext(t.Context(), path, args...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = tty, out, tty
	c.cmd.Dir = m.env["HOME"]
	c.cmd.Env = []string{"TERM=xterm", "TZ=UTC"}
	for name, value := range m.env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.ended <- c.cmd.Wait() }()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		_ = tty.Close()
		_ = master.Close()
	})
	return c
}

// expect reads until words are shown.
func (c *console) expect(words string) {
	c.t.Helper()
	buffer := make([]byte, 4096)
	for !bytes.Contains(c.shown, []byte(words)) {
		n, err := c.master.Read(buffer)
		c.shown = append(c.shown, buffer[:n]...)
		if err != nil {
			c.t.Fatalf("%q is not shown: %v\n%q", words, err, c.shown)
		}
	}
}

// silent waits until what is typed isn't shown.
func (c *console) silent() {
	c.t.Helper()
	for c.restored() {
		if c.t.Context().Err() != nil {
			c.t.Fatal("what is typed is shown")
		}
		runtime.Gosched()
	}
}

func (c *console) restored() bool {
	now, err := term.GetState(int(c.tty.Fd()))
	if err != nil {
		c.t.Fatal(err)
	}
	return reflect.DeepEqual(now, c.before)
}

func (c *console) write(text string) {
	c.t.Helper()
	if _, err := c.master.WriteString(text); err != nil {
		c.t.Fatal(err)
	}
}

// end waits for the end, and gives all that was shown and the exit code.
func (c *console) end() (shown string, code int) {
	c.t.Helper()
	const mark = "\x00end\x00"
	go func() {
		err := <-c.ended
		_, _ = c.tty.WriteString(mark) // after all that the program wrote
		c.ended <- err
	}()
	c.expect(mark)
	err := <-c.ended
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		c.t.Fatal(err)
	}
	return strings.TrimSuffix(string(c.shown), mark), code
}

func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("builds spsctl")
	}
	server := hostile(t)
	path := buildSpsctl(t)

	t.Run("password", func(t *testing.T) {
		m := newMachine(t, server)
		delete(m.env, "SPSCTL_PASSWORD")
		c := m.open(t, 80, nil, path, "login")
		c.expect("Password of admin at " + server.URL + ": ")
		c.silent()
		c.write(servertest.Password + "\n")
		shown, code := c.end()
		if code != 0 || strings.Contains(shown, servertest.Password) || !strings.HasSuffix(shown, ": \r\nLogged in to "+server.URL+" as admin.\r\n") {
			t.Errorf("code %d, %q", code, shown)
		}
		if !c.restored() {
			t.Error("the terminal is not as it was")
		}
	})

	t.Run("API key", func(t *testing.T) {
		m := newMachine(t, server)
		delete(m.env, "SPSCTL_PASSWORD")
		key := server.APIKey(t, servertest.Username)
		if o := m.run(t, "context", "add", "keyed", server.URL, "--ca-file", server.CAFile, "--api-key-from", "prompt"); o.code != 0 {
			t.Fatal(o.err)
		}
		c := m.open(t, 80, nil, path, "whoami", "--context", "keyed")
		c.expect("API key for " + server.URL + ": ")
		c.silent()
		c.write(key + "\n")
		if shown, code := c.end(); code != 0 || strings.Contains(shown, key) || !strings.Contains(shown, "admin") || !c.restored() {
			t.Errorf("code %d, %q", code, shown)
		}
	})

	t.Run("interrupted", func(t *testing.T) {
		m := newMachine(t, server)
		delete(m.env, "SPSCTL_PASSWORD")
		c := m.open(t, 80, nil, path, "login")
		c.expect("Password of")
		c.silent()
		c.write("half a pass\x03")
		shown, code := c.end()
		if code != 130 || !strings.HasSuffix(shown, "spsctl login: interrupted\r\n") || strings.Contains(shown, "half") {
			t.Errorf("code %d, %q", code, shown)
		}
		if !c.restored() {
			t.Error("the terminal is not as it was")
		}
	})

	t.Run("progress", func(t *testing.T) {
		m := newMachine(t, server)
		for columns, args := range map[uint16][]string{80: {"1", "2"}, 60: {"7930f4308efe8aecd710202d815b76ff"}} {
			shown, code := m.open(t, columns, nil, path, append([]string{"trail", "download"}, args...)...).end()
			bar, after, ended := strings.Cut(shown, "\r\n")
			if code != 0 || !ended || !strings.Contains(bar, "100%") || !strings.Contains(after, "downloaded") {
				t.Errorf("%d columns: code %d, %q", columns, code, shown)
			}
			for frame := range strings.SplitSeq(bar, "\r") {
				if n := output.Width(frame); n > int(columns) {
					t.Errorf("a bar of %d columns where there are %d: %q", n, columns, frame)
				}
			}
		}
		shown, code := m.open(t, 40, nil, path, "trail", "download", "1", "--dir", "narrow").end()
		if code != 0 || strings.Contains(shown, "%") || !strings.Contains(shown, "downloaded") {
			t.Errorf("no room for a bar: code %d, %q", code, shown)
		}
		for name, args := range map[string][]string{"--quiet": {"--quiet"}, "--curl": {"--curl"}} {
			shown, code := m.open(t, 80, nil, path, append([]string{"trail", "download", "7930f4308efe8aecd710202d815b76ff"}, args...)...).end()
			if code != 0 || strings.Contains(shown, "%") {
				t.Errorf("%s: code %d, %q", name, code, shown)
			}
		}
	})

	t.Run("follow", func(t *testing.T) {
		m := newMachine(t, server)
		shown, code := m.open(t, 80, nil, path, "trail", "follow", "1").end()
		if code != 2 || !strings.Contains(shown, "standard output is a terminal") {
			t.Errorf("code %d, %q", code, shown)
		}
	})

	t.Run("follow, interrupted", func(t *testing.T) {
		m := newMachine(t, server)
		c := m.open(t, 80, nil, path, "trail", "follow", "svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29", "-O", "live.srs")
		c.expect("kB")
		c.write("\x03")
		shown, code := c.end()
		if code != 130 || !strings.HasSuffix(shown, "\r\nspsctl trail follow: interrupted\r\n") {
			t.Errorf("code %d, %q", code, shown)
		}
		if info, err := os.Stat(filepath.Join(m.env["HOME"], "live.srs")); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", info, err)
		}
	})

	t.Run("colours", func(t *testing.T) {
		list := []string{"sessions", "list", "--active=false", "-L", "3"}
		m := newMachine(t, server)
		shown, code := m.open(t, 80, nil, path, list...).end()
		if code != 0 || !strings.Contains(shown, "\x1b[1mKEY") {
			t.Errorf("code %d, %q", code, shown)
		}
		narrow, code := m.open(t, 20, nil, path, list...).end()
		if code != 0 || narrow != shown {
			t.Errorf("a narrow window changes the table: code %d, %q", code, narrow)
		}
		file, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		if shown, code = m.open(t, 80, file, path, list...).end(); code != 0 || strings.Contains(shown, "\x1b") {
			t.Errorf("code %d, %q", code, shown)
		}
		if text, err := os.ReadFile(file.Name()); err != nil || bytes.Contains(text, []byte("\x1b")) || len(text) == 0 {
			t.Errorf("a file has colours: %q, %v", text, err)
		}
		m.env["NO_COLOR"] = "1"
		if shown, code = m.open(t, 80, nil, path, list...).end(); code != 0 || strings.Contains(shown, "\x1b") {
			t.Errorf("NO_COLOR: code %d, %q", code, shown)
		}
	})
}
