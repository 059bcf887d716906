package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/secret"
	"github.com/spskit/spskit/server/servertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"spsctl": func() {
			system := app.OS()
			system.Location = time.UTC
			system.Keyring = keyringFile(os.Getenv("TEST_KEYRING"))
			ctx, _ := system.Interrupts.Context(context.Background())
			os.Exit(Run(ctx, os.Args[1:], system))
		},
	})
}

// TestScripts runs the scripts against a stand-in with the demo data and a session
// whose user name attacks the terminal. $URL and $CA lead there, and the rest is empty:
// scripts choose the appliance themselves, or with "spsctl context add". They run at the
// same time, so one that changes the configuration starts a stand-in of its own, with
// "standin" or "standin 6.0", and is logged in to that.
func TestScripts(t *testing.T) {
	ca := servertest.NewCA(t)
	server := hostile(t, servertest.WithClientCA(ca))
	apiKey := server.APIKey(t, servertest.Username)
	certificates := map[string]string{}
	for _, name := range []string{"", "OTHER"} {
		certificates[name+"CERT"], certificates[name+"CERTKEY"] = certificateFiles(t, ca.Issue(t, servertest.Username))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("URL", server.URL)
			env.Setenv("CA", server.CAFile)
			env.Setenv("USERNAME", servertest.Username)
			env.Setenv("PASSWORD", servertest.Password)
			env.Values["t"] = env.T()
			env.Setenv("APIKEY", apiKey)
			for name, path := range certificates {
				env.Setenv(name, path)
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "key"), []byte(apiKey+"\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"standin": standin},
	})
}

// certificateFiles writes a certificate and its key as PEM files.
func certificateFiles(t *testing.T, c tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// standin starts a stand-in for the script alone, of the generation that it names.
func standin(ts *testscript.TestScript, _ bool, args []string) {
	var options []servertest.Option
	for _, generation := range args {
		options = append(options, servertest.WithAppliance(generation))
	}
	server := servertest.Start(ts.Value("t").(testing.TB), options...)
	for name, value := range login(server) {
		ts.Setenv(name, value)
	}
}

// login is an environment that leads to a stand-in, as its administrator.
func login(server *servertest.Server) map[string]string {
	return map[string]string{
		"SPSCTL_URL": server.URL, "SPSCTL_CA_FILE": server.CAFile,
		"SPSCTL_LOGIN_USER": servertest.Username, "SPSCTL_PASSWORD": servertest.Password,
	}
}

// evil is a user name that clears the screen, sets the title, and turns the text around.
const evil = "eve\x1b[2J\x1b]0;owned\a\u009b31m\u202e"

// hostile is a stand-in with the demo data and the session "evil", whose trail was
// downloaded once.
func hostile(t *testing.T, options ...servertest.Option) *servertest.Server {
	t.Helper()
	server := servertest.Start(t, append(options, servertest.WithDemo())...)
	name, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	text, at := string(name), `"time":"2017-01-01T00:00:10.000","record_id":1`
	line := `{"key":"evil","body":{"active":false,"client":{"ip":"192.0.2.1","name":"=cmd|calc","port":1},` +
		`"creation_time":"2017-01-01T00:00:00Z","start_time":"2017-01-01T00:00:00Z","end_time":"2017-01-01T00:01:00Z","duration":60,` +
		`"hidden":false,"node_id":"n","origin":"RECORDING","phantom":false,"protocol":"SSH","revision":1,` +
		`"server":{"ip":"192.0.2.2","name":"evil.example.com","port":22},` +
		`"user":{"name":` + text + `},"verdict":"DENY"},` +
		`"channels":[{"type":"session exec","verdict":"deny","start_time":1483228800,"end_time":1483228860,"duration":60,"command":` + text + `}],` +
		`"events":[{"type":"command",` + at + `,"channels_id":"0","action":` + text + `,"content":` + text + `}],` +
		`"alerts":[{"alert_type":"adp.event.command",` + at + `,"channel_id":"0","rule_name":` + text + `,"matched_action":` + text + `}],` +
		`"content":[{"kind":"command",` + at + `,"channel_id":"0","text":` + text + `}],` +
		`"indexing":[{"status":"COMPLETED","statistics":{"cpu_time":1,"duration":2,"start_time":1483228900000},"version":{"adp":` + text + `,"worker":"eve"}}],` +
		`"trail":"evil.zat"}`
	dir := t.TempDir()
	path := filepath.Join(dir, "evil.ndjson")
	for name, text := range map[string]string{"evil.ndjson": line + "\n", "evil.zat": "trail"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server.Import(t, path)
	sps, err := client.New(server.URL, client.WithCAFile(server.CAFile), client.WithPassword(servertest.Username, servertest.Password))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := sps.DownloadTrail(t.Context(), "evil", io.Discard, client.TrailOptions{}); err != nil {
		t.Fatal(err)
	}
	return server
}

// outcome is what one command line did.
type outcome struct {
	code     int
	out, err string
}

// machine is the surroundings of command lines that run in the test itself.
type machine struct {
	env      map[string]string
	in       string
	terminal bool // standard output is one
}

// newMachine has an empty home, and the login of the administrator in its environment.
func newMachine(t *testing.T, server *servertest.Server) *machine {
	t.Helper()
	env := login(server)
	env["HOME"] = t.TempDir()
	env["VISUAL"] = "true" // an editor that leaves the text as it is
	return &machine{env: env}
}

func (m *machine) run(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, words bytes.Buffer
	code := Run(t.Context(), args, app.System{
		Streams: app.Streams{In: strings.NewReader(m.in), Out: &out, Err: &words},
		Lookup:  func(name string) (string, bool) { v, ok := m.env[name]; return v, ok },
		Now:     time.Now, Location: time.UTC, Keyring: keyringFile(""),
		Terminal: func(stream any) bool { return m.terminal && stream == &out }, Interrupts: &app.Interrupts{},
	})
	return outcome{code, out.String(), words.String()}
}

// keyringFile keeps passwords in a file, for what comes from one process to be found by
// the next. Without a name it is a system that has no keyring.
type keyringFile string

var errNoKeyring = errors.New("no keyring service answers")

func (k keyringFile) Set(service, user, password string) error {
	if k == "" {
		return errNoKeyring
	}
	return os.WriteFile(string(k), []byte(service+"\n"+user+"\n"+password), 0o600)
}

func (k keyringFile) Get(service, user string) (string, error) {
	if k == "" {
		return "", errNoKeyring
	}
	text, err := os.ReadFile(string(k))
	if password, ok := strings.CutPrefix(string(text), service+"\n"+user+"\n"); ok && err == nil {
		return password, nil
	}
	return "", secret.ErrNotFound
}

func (k keyringFile) Delete(service, user string) error {
	if _, err := k.Get(service, user); err != nil {
		return err
	}
	return os.Remove(string(k))
}
