package client_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/spskit/spskit/client"
)

func TestPasswordSources(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	write := func(t *testing.T, content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SPS_TEST_PASSWORD", password)
	for _, tt := range []struct {
		name    string
		content string // of the file
		opt     client.Option
	}{
		{"password", "", client.WithPassword(user, password)},
		{"environment", "", client.WithPasswordEnv(user, "SPS_TEST_PASSWORD")},
		{"file", password, client.WithPasswordFile(user, file)},
		{"file with a newline", password + "\n", client.WithPasswordFile(user, file)},
		{"file of another system", password + "\r\n", client.WithPasswordFile(user, file)},
		{"function", "", client.WithPasswordFunc(user, func(context.Context) (string, error) { return password, nil })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			write(t, tt.content)
			f := newFake(t)
			if err := newClient(t, f.URL, tt.opt).Login(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A password that has changed is looked up again with the next login.
func TestPasswordRotates(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	set := func(content string) {
		t.Setenv("SPS_TEST_PASSWORD", content)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, source := range map[string]func() client.Option{
		"environment": func() client.Option { return client.WithPasswordEnv(user, "SPS_TEST_PASSWORD") },
		"file":        func() client.Option { return client.WithPasswordFile(user, file) },
		"function": func() client.Option {
			return client.WithPasswordFunc(user, func(context.Context) (string, error) { return os.Getenv("SPS_TEST_PASSWORD"), nil })
		},
	} {
		set("the-old-one")
		f := newFake(t)
		c := newClient(t, f.URL, source())
		if err := c.Login(t.Context()); !errors.Is(err, client.ErrAuthenticationFailed) {
			t.Errorf("%s: %v", name, err)
		}
		set(password)
		if err := c.Login(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPasswordFuncFails(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{}}`)
	vault := errors.New("the vault is sealed")
	calls := 0
	c := newClient(t, f.URL, client.WithPasswordFunc(user, func(ctx context.Context) (string, error) {
		calls++
		if _, ok := ctx.Deadline(); !ok {
			t.Error("the function may take for ever")
		}
		if calls == 1 {
			return "", vault
		}
		return password, nil
	}))
	if calls != 0 {
		t.Error("New asked for the password")
	}
	if _, err := c.Info(t.Context()); !errors.Is(err, vault) {
		t.Errorf("the error is %v", err)
	}
	if len(f.requests()) > 0 {
		t.Error("something was sent all the same")
	}
	if _, err := c.Info(t.Context()); err != nil || calls != 2 {
		t.Errorf("after %d calls: %v", calls, err)
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	t.Setenv("SPS_TEST_EMPTY", "")
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certPEM, keyPEM := testCertificate(t)
	cert, key := file("cert.pem", string(certPEM)), file("key.pem", string(keyPEM))
	known := client.WithPassword(user, password)
	for _, tt := range []struct {
		name string
		opts []client.Option
		text string // of the error; empty for none
	}{
		{"no user", []client.Option{client.WithPassword("", password)}, "user name"},
		{"colon", []client.Option{client.WithPasswordFunc("a:b", nilPassword)}, "colon"},
		{"unset variable", []client.Option{client.WithPasswordEnv(user, "SPS_TEST_UNSET")}, "SPS_TEST_UNSET"},
		{"empty variable", []client.Option{client.WithPasswordEnv(user, "SPS_TEST_EMPTY")}, "SPS_TEST_EMPTY"},
		{"no file", []client.Option{client.WithPasswordFile(user, filepath.Join(dir, "none"))}, "no such file"},
		{"empty file", []client.Option{client.WithPasswordFile(user, file("empty", "\n"))}, "empty"},
		{"two lines", []client.Option{client.WithPasswordFile(user, file("two", password+"\nmore\n"))}, "one line"},
		{"long file", []client.Option{client.WithPasswordFile(user, file("long", strings.Repeat("x", 1<<20)))}, "longer"},
		{"no function", []client.Option{client.WithPasswordFunc(user, nil)}, "nil"},
		{"no function for the key", []client.Option{client.WithAPIKeyFunc(nil)}, "nil"},
		{"empty key", []client.Option{client.WithAPIKey("")}, "printable"},
		{"key with a newline", []client.Option{client.WithAPIKey(password + "\n")}, "printable"},
		{"empty certificate", []client.Option{client.WithClientCertificate(tls.Certificate{})}, "empty"},
		{"no certificate file", []client.Option{client.WithClientCertificateFiles(filepath.Join(dir, "none"), key)}, "no such file"},
		{"certificate", []client.Option{client.WithClientCertificateFiles(cert, key)}, ""},
		{"certificate and another transport", []client.Option{
			client.WithClientCertificateFiles(cert, key), client.WithHTTPClient(wire(never)),
		}, "cannot be applied"},
		{"password and certificate", []client.Option{known, client.WithClientCertificateFiles(cert, key)}, "exclude"},
		{"password and key", []client.Option{known, client.WithAPIKey("k")}, "WithPassword and WithAPIKey exclude"},
		{"key and function", []client.Option{client.WithAPIKey("k"), client.WithAPIKeyFunc(nilPassword)}, "exclude"},
		{"two sources of the password", []client.Option{known, client.WithPasswordFunc(user, nilPassword)}, "exclude"},
		{"one after the other", []client.Option{known, client.WithPassword("joe", "other")}, ""},
		{"key and store", []client.Option{client.WithAPIKey("k"), client.WithLoginStore(&memory{})}, "store"},
		{"no store", []client.Option{client.WithLoginStore(nil)}, "nil"},
		{"no observer", []client.Option{client.WithObserver(nil)}, "nil"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client.New("https://sps.example.com", tt.opts...)
			if tt.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("the error is %v", err)
			}
			checkNoSecrets(t, err.Error())
		})
	}
	if _, err := client.New("http://sps.example.com", client.WithClientCertificateFiles(cert, key)); err == nil {
		t.Error("a certificate without https is taken")
	}
}

func nilPassword(context.Context) (string, error) { return "", nil }

func TestAPIKey(t *testing.T) {
	f := newFake(t)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Clone(r.Context()))
		f.mu.Unlock()
		if r.Header.Get("Authorization") != "apikey "+password {
			fail(w, http.StatusUnauthorized, "AuthenticationFailure", "{}")
			return
		}
		answer(w, `{"user":{"name":"joe"}}`)
	})
	c := newClient(t, f.URL, client.WithAPIKey(password))
	if err := c.Login(t.Context()); err != nil {
		t.Error(err)
	}
	if who, err := c.UserInfo(t.Context()); err != nil || who.Name != "joe" {
		t.Errorf("got %v, %v", who, err)
	}
	if f.last().Header.Get("Cookie") != "" {
		t.Error("there is a cookie")
	}
	if err := c.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(f.requests(), " "); strings.Contains(got, "authentication") {
		t.Errorf("the client logged in: %v", got)
	}
	if err := newClient(t, f.URL, client.WithAPIKey("wrong")).Login(t.Context()); !errors.Is(err, client.ErrAuthenticationFailed) {
		t.Errorf("with a wrong key: %v", err)
	}
	sealed := errors.New("sealed")
	for _, source := range []func(context.Context) (string, error){
		func(context.Context) (string, error) { return "", sealed },
		func(context.Context) (string, error) { return password + "\r\nX: y", nil },
	} {
		f.requests()
		err := newClient(t, f.URL, client.WithAPIKeyFunc(source)).Login(t.Context())
		if err == nil || len(f.requests()) > 0 {
			t.Errorf("the error is %v", err)
		}
		checkNoSecrets(t, err.Error())
	}
}

// memory is a login store that lives as long as the test.
type memory struct {
	mu            sync.Mutex
	token         client.Secret
	saves         []string
	loadErr, fail error
}

func (m *memory) Load(context.Context) (client.Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, m.loadErr
}

func (m *memory) Save(_ context.Context, t client.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.token = t
	m.saves = append(m.saves, string(t))
	return nil
}

func (m *memory) Clear(_ context.Context, ended client.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil && m.token == ended {
		m.token = ""
	}
	return m.fail
}

func TestLoginStore(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{"version":"6.0"}}`)
	f.on("DELETE /api/authentication", `{"meta":{}}`)
	store := &memory{}
	again := func() *client.Client { return f.client(t, client.WithLoginStore(store)) }
	info := func(c *client.Client, logins int) {
		t.Helper()
		if _, err := c.Info(t.Context()); err != nil {
			t.Error(err)
		}
		if got := f.loginCount(); got != logins {
			t.Errorf("%d logins, want %d", got, logins)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if !f.valid[string(store.token)] {
			t.Errorf("the store holds another login")
		}
	}
	info(again(), 1)
	info(again(), 1) // as the next run of a command
	f.expire()
	c := again()
	info(c, 2)
	info(c, 2)
	f.expire()
	info(c, 3)
	if err := again().Login(t.Context()); err != nil || f.loginCount() != 4 { // now means now
		t.Errorf("%d logins, %v", f.loginCount(), err)
	}

	f.requests()
	if err := again().Logout(t.Context()); err != nil {
		t.Error(err)
	}
	if got := f.requests(); len(got) != 1 || got[0] != "DELETE /api/authentication" || store.token != "" {
		t.Errorf("requests %v", got)
	}
	if err := again().Logout(t.Context()); err != nil || len(f.requests()) > 0 {
		t.Errorf("a logout without a login: %v", err)
	}
}

func TestLoginStoreWithoutCredentials(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{"version":"6.0"}}`)
	store := &memory{}
	if err := f.client(t, client.WithLoginStore(store)).Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, f.URL, client.WithLoginStore(store))
	if _, err := c.Info(t.Context()); err != nil {
		t.Error(err)
	}
	f.expire()
	for range 2 {
		if _, err := c.Info(t.Context()); !errors.Is(err, client.ErrUnauthenticated) {
			t.Errorf("the error is %v", err)
		}
	}
	if err := c.Login(t.Context()); !errors.Is(err, client.ErrNoCredentials) {
		t.Errorf("the error is %v", err)
	}
}

func TestLoginStoreThatFails(t *testing.T) {
	broken := errors.New("disk full")
	for name, store := range map[string]*memory{
		"load": {loadErr: broken, token: "1"}, "save": {fail: broken}, "garbage": {token: "a b\r\nX: y"},
	} {
		f := newFake(t)
		f.on("GET /api/info", `{"body":{"version":"6.0"}}`)
		c := f.client(t, client.WithLoginStore(store))
		if _, err := c.Info(t.Context()); err != nil || f.loginCount() != 1 {
			t.Errorf("%s: %d logins, %v", name, f.loginCount(), err)
		}
	}
	f := newFake(t)
	if err := f.client(t, client.WithLoginStore(&memory{loadErr: broken})).Logout(t.Context()); !errors.Is(err, broken) {
		t.Errorf("a logout that cannot load: %v", err)
	}
	if err := f.client(t, client.WithLoginStore(&memory{fail: broken, token: "1"})).Logout(t.Context()); !errors.Is(err, broken) {
		t.Errorf("a logout that cannot clear: %v", err)
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	f := newFake(t)
	store := &memory{}
	opts := []client.Option{client.WithPassword(user, password), client.WithLoginStore(store)}
	c := newClient(t, f.URL, opts...)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	key := newClient(t, f.URL, client.WithAPIKey(password))
	token := store.token
	nested := struct {
		Token client.Secret
		Map   map[string]client.Secret
	}{token, map[string]client.Secret{"a": token}}
	for _, v := range []any{c, key, opts, opts[0], token, &token, nested, client.WithAPIKey(password)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			printed := fmt.Sprintf(verb, v)
			checkNoSecrets(t, printed)
			if strings.Contains(printed, string(token)) {
				t.Errorf("%s of %T shows the token", verb, v)
			}
		}
	}
	marshalled, err := json.Marshal(nested)
	if err != nil || strings.Contains(string(marshalled), string(token)) {
		t.Errorf("JSON is %s, %v", marshalled, err)
	}
	if got := fmt.Sprint(c); got != "client.Client("+f.URL+")" {
		t.Errorf("the client prints as %q", got)
	}
}
