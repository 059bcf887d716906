//go:build unix

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "spsctl")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "spsctl")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build spsctl: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

const (
	path  = "vnc/options"
	level = "log_level: 4" // that the stand-in begins with
)

// spsctl is a run of the program on a stand-in, with a home of its own.
func spsctl(t *testing.T, url string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "TMPDIR="+t.TempDir(),
		"SPSCTL_URL="+url, "SPSCTL_INSECURE=true", "SPSCTL_LOGIN_USER="+servertest.Username, "SPSCTL_PASSWORD="+servertest.Password)
	return cmd
}

// logLevel gives the log level as another login reads it, which opens a transaction for
// that: nobody else may have one open.
func logLevel(t *testing.T, server *servertest.Server) (level int) {
	t.Helper()
	sps, err := client.New(server.URL, client.WithPassword(servertest.Username, servertest.Password), client.WithCAFile(server.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	err = sps.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		var options struct {
			Body struct {
				Service struct {
					LogLevel int `json:"log_level"`
				}
			}
		}
		err := tx.Get(ctx, "/api/configuration/"+path, &options)
		level = options.Body.Service.LogLevel
		return err
	})
	if err != nil {
		t.Errorf("another login cannot change the configuration: %v", err)
	}
	return level
}

// TestInterruptedChange: a signal that comes while a change is on its way, and pending
// already, rolls it back. The answer to the change is awaited for some seconds, so the
// cases run side by side, each with a stand-in of its own.
func TestInterruptedChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wanted.yaml")
	exported, err := spsctl(t, servertest.Start(t).URL, "config", "export", path).Output()
	if err != nil || !strings.Contains(string(exported), level) {
		t.Fatalf("%v: %s", err, exported)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(exported), level, "log_level: 6", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"set":   {"config", "set", path, "service.log_level=6"},
		"apply": {"config", "apply", "-f", file},
		"edit":  {"config", "edit", path, "--yes"},
		"api":   {"api", "PUT", path, "--transaction", "-d", `{"service":{"enabled":true,"log_level":6},"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}}}`},
	} {
		signals := []syscall.Signal{syscall.SIGINT}
		if name == "set" {
			signals = append(signals, syscall.SIGTERM, syscall.SIGHUP)
		}
		for _, sig := range signals {
			t.Run(fmt.Sprint(name, " ", sig), func(t *testing.T) {
				t.Parallel()
				server := servertest.Start(t)
				target, err := url.Parse(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				through := httputil.NewSingleHostReverseProxy(target)
				through.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
				pending := make(chan int, 1)
				proxy := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != http.MethodPut || strings.HasSuffix(r.URL.Path, "/transaction") {
						through.ServeHTTP(w, r)
						return
					}
					answer := httptest.NewRecorder()
					through.ServeHTTP(answer, r)
					pending <- answer.Code
					<-r.Context().Done() // the answer never comes
				}))
				defer proxy.Close()
				cmd := spsctl(t, proxy.URL, args...)
				cmd.Env = append(cmd.Env, "VISUAL=sed -i 's/"+level+"/log_level: 6/'")
				var words strings.Builder
				cmd.Stderr = &words
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan struct{})
				go func() {
					_ = cmd.Wait() // the code tells
					close(ended)
				}()
				select {
				case <-ended:
					t.Fatalf("it came to no change: %s", words.String())
				case code := <-pending:
					if code >= http.StatusMultipleChoices {
						t.Errorf("the change was answered with %d", code)
					}
				}
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				<-ended
				if code := cmd.ProcessState.ExitCode(); code != 130 {
					t.Errorf("code %d: %s", code, words.String())
				}
				if got := logLevel(t, server); got != 4 {
					t.Errorf("the log level is %d", got)
				}
			})
		}
	}
}

// TestInterruptedEditor: Ctrl-C is the editor's, and SIGTERM ends both and keeps the text.
// Meanwhile nothing is locked.
func TestInterruptedEditor(t *testing.T) {
	script := filepath.Join(t.TempDir(), "editor.sh")
	text := "sed -i 's/" + level + "/log_level: 6/' \"$1\"\ntrap '' INT\necho editing\nread line || true\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for sig, want := range map[syscall.Signal]struct {
		code, level int
		words       string
	}{
		syscall.SIGINT:  {0, 6, "Changed"},
		syscall.SIGTERM: {130, 4, "Your text is kept in"},
	} {
		t.Run(sig.String(), func(t *testing.T) {
			server := servertest.Start(t)
			cmd := spsctl(t, server.URL, "config", "edit", path, "--yes")
			cmd.Env = append(cmd.Env, "VISUAL=sh "+script)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			words, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for lines := bufio.NewScanner(words); lines.Scan(); {
				all.WriteString(lines.Text() + "\n")
				if lines.Text() != "editing" {
					continue
				}
				if got := logLevel(t, server); got != 4 {
					t.Errorf("the log level is %d while somebody edits", got)
				}
				if err := errors.Join(cmd.Process.Signal(sig), in.Close()); err != nil {
					t.Error(err)
				}
			}
			_ = cmd.Wait() // the code tells
			if code := cmd.ProcessState.ExitCode(); code != want.code || !strings.Contains(all.String(), want.words) {
				t.Errorf("code %d, want %d: %s", code, want.code, all.String())
			}
			if got := logLevel(t, server); got != want.level {
				t.Errorf("the log level is %d, want %d", got, want.level)
			}
		})
	}
}
