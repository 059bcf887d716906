package blackbox

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spskit/spskit/server/servertest"
	"github.com/spskit/spskit/tests/contract"
)

// certified returns a caller that has a certificate, and no login yet.
func (d *daemon) certified(cert tls.Certificate) *caller {
	tr := d.rawTransport()
	tr.TLSClientConfig.Certificates = []tls.Certificate{cert}
	return &caller{d: d, http: &http.Client{Transport: contract.Transport(d.t, tr)}}
}

func TestCertificates(t *testing.T) {
	ca := servertest.NewCA(t)
	d := start(t, "", "--client-ca", ca.File)
	const login = "/api/authentication?type=x509"
	admin := d.certified(ca.Issue(t, "admin"))
	for _, path := range []string{login, login + "&login_method=x509", "/api/authentication?login_method=x509"} {
		cookies := (&http.Response{Header: admin.get(path).wantStatus(http.StatusOK).Header}).Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s set the cookies %v", path, cookies)
		}
		in := *d.anonymous() // the cookie alone is enough
		in.cookie = cookies[0].Value
		who := in.get("/api/user_info").wantStatus(http.StatusOK)
		if who.at("user", "name") != "admin" || who.at("body", "login_method", "credential") != "x509" {
			t.Errorf("%s logged in %s", path, who.Body)
		}
	}
	for path, status := range map[string]int{
		login + "&login_method=local":                              http.StatusBadRequest,
		login + "&login_method=ldap":                               http.StatusBadRequest,
		"/api/authentication?type=basic&login_method=x509":         http.StatusBadRequest,
		"/api/authentication":                                      http.StatusUnauthorized, // wants a password
		"/api/authentication?type=basic":                           http.StatusUnauthorized,
		"/api/configuration/vnc/options":                           http.StatusUnauthorized,
		"/api/authentication?type=x509&login_method=x509&return=/": http.StatusOK,
	} {
		admin.get(path).wantStatus(status)
	}
	d.certified(ca.Issue(t, "nobody")).get(login).wantError(http.StatusUnauthorized, "AuthenticationFailure")
	d.certified(ca.Issue(t, "")).get(login).wantError(http.StatusUnauthorized, "AuthenticationFailure")
	d.anonymous().get(login).wantError(http.StatusUnauthorized, "AuthenticationFailure")
	d.admin().get(optionsPath).wantStatus(http.StatusOK) // passwords go on

	stranger := d.certified(servertest.NewCA(t).Issue(t, "admin"))
	if resp, err := stranger.http.Get(d.URL + login); err == nil {
		t.Errorf("another CA's certificate got %s", resp.Status)
		_ = resp.Body.Close()
	}

	if href := d.anonymous().get("/api/authentication/types").at("types", "x509", "href"); href != login {
		t.Errorf("types say %v", href)
	}
	methods := d.anonymous().get("/api/authentication/login_methods").at("login_methods").([]any)
	if len(methods) != 2 || methods[1].(map[string]any)["name"] != "x509" {
		t.Errorf("login methods are %v", methods)
	}
	if types := start(t, "").anonymous().get("/api/authentication/types"); types.at("types", "x509") != nil {
		t.Errorf("without a CA the types are %s", types.Body)
	}
}

func TestCertificatesMisconfigured(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--http", "--client-ca", empty}, 2, "plain HTTP and client certificates"},
		{[]string{"--client-ca", empty}, 1, "no certificate"},
		{[]string{"--client-ca", filepath.Join(data, "none")}, 1, "no such file"},
	} {
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, tt.args...)
		if _, errs, code := run(t, "", args...); code != tt.code || !strings.Contains(errs, tt.says) {
			t.Errorf("%v: exit code %d, %s", tt.args, code, errs)
		}
	}
}

func TestAPIKeys(t *testing.T) {
	d := start(t, "")
	if _, errs, code := d.run("first\n", "user", "add", "joe", "--rights", "search,read-config"); code != 0 {
		t.Fatalf("user add: %s", errs)
	}
	makeKey := func(user string) (key, name string) {
		out, errs, code := d.run("", "user", "key", user)
		if code != 0 || !regexp.MustCompile(`^[0-9a-f]{40}\n$`).MatchString(out) {
			t.Fatalf("user key: exit code %d, %q, %s", code, out, errs)
		}
		return strings.TrimSpace(out), regexp.MustCompile(`[0-9a-f]{8}`).FindString(errs)
	}
	joe, name := makeKey("joe")
	admin, _ := makeKey("admin")
	c := d.anonymous()
	with := func(key, method, path, body string) *answer {
		t.Helper()
		return c.do(method, path, body, "Authorization", "apikey "+key)
	}
	who := with(joe, "GET", "/api/user_info", "").wantStatus(http.StatusOK)
	if who.at("user", "name") != "joe" || who.at("body", "login_method", "credential") != nil || who.Header.Get("Set-Cookie") != "" {
		t.Errorf("the key is %s", who.Body)
	}
	c.do("GET", "/api/audit/sessions", "", "Authorization", "ApiKey "+joe).wantStatus(http.StatusOK)
	with(joe, "POST", "/api/transaction", "{}").wantError(http.StatusForbidden, "Unauthorized")
	if with(joe, "GET", "/api/info", "").at("body", "version") == nil {
		t.Error("a key tells anonymous clients from others")
	}
	if with(joe, "GET", "/api/authentication", "").wantStatus(http.StatusOK).Header.Get("Set-Cookie") != "" {
		t.Error("a key opened a second login")
	}

	// The key acts as one login, whose transaction all its requests share.
	with(admin, "POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	with(admin, "PUT", optionsPath, localOptions).wantStatus(http.StatusCreated)
	d.admin().do("POST", "/api/transaction", "{}").wantError(http.StatusConflict, "ConfigurationLocked")
	with(admin, "PUT", "/api/transaction", `{"status":"commit"}`).wantStatus(http.StatusOK)
	with(admin, "POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	with(admin, "DELETE", "/api/authentication", "").wantStatus(http.StatusOK)
	d.admin().do("POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	with(admin, "GET", optionsPath, "").wantStatus(http.StatusOK) // the key itself is still good

	wrong := strings.Repeat("0", 40)
	for _, key := range []string{wrong, "x", ""} {
		with(key, "GET", optionsPath, "").wantError(http.StatusUnauthorized, "AuthenticationFailure")
	}
	with(wrong, "GET", "/api/authentication/types", "").wantStatus(http.StatusOK)
	c.loose().do("GET", "/api/nothing", "", "Authorization", "apikey "+wrong).wantError(http.StatusUnauthorized, "AuthenticationFailure")
	d.admin().do("GET", optionsPath, "", "Authorization", "apikey "+wrong).wantStatus(http.StatusOK) // the cookie wins

	out, _, _ := d.run("", "user", "key", "joe", "--list")
	if !strings.Contains(out, name) || strings.Contains(out, joe) {
		t.Errorf("user key --list printed\n%s", out)
	}
	if strings.Contains(d.log.String()+d.out.String(), joe) {
		t.Error("spsd shows the key")
	}
	files, err := filepath.Glob(filepath.Join(d.Data, "spsd.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if content, err := os.ReadFile(file); err != nil || strings.Contains(string(content), joe) {
			t.Errorf("%s holds the key, %v", file, err)
		}
	}
	for _, args := range [][]string{{"nobody"}, {"nobody", "--list"}, {"joe", "--revoke", "00000000"}, {"joe", "--revoke", ""}} {
		if _, errs, code := d.run("", append([]string{"user", "key"}, args...)...); code != 1 || errs == "" {
			t.Errorf("%v: exit code %d, %q", args, code, errs)
		}
	}
	if _, _, code := d.run("", "user", "key", "joe", "--list", "--revoke", name); code != 2 {
		t.Errorf("exit code %d", code)
	}
	if _, errs, code := d.run("", "user", "key", "joe", "--revoke", name); code != 0 {
		t.Fatalf("exit code %d, %s", code, errs)
	}
	d.eventually("the end of the key", func() bool { return with(joe, "GET", "/api/user_info", "").Status == http.StatusUnauthorized })
	with(joe, "GET", "/api/user_info", "").wantError(http.StatusUnauthorized, "AuthenticationFailure")
}
