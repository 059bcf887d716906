package blackbox

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestLogin(t *testing.T) {
	d := start(t, "")
	anonymous := d.anonymous()
	answer := anonymous.do("GET", "/api/authentication?type=basic&login_method=local&return=/api/authentication", "",
		"Authorization", basic("admin", adminPassword)).wantStatus(http.StatusOK)
	if parent := answer.at("meta", "parent"); parent != "/api" || answer.at("meta", "href") != "/api/authentication" {
		t.Errorf("meta is %v", answer.at("meta"))
	}
	cookie := answer.Header.Get("Set-Cookie")
	if !regexp.MustCompile(`^session_id=[0-9a-f]{40}; Path=/; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$`).MatchString(cookie) {
		t.Errorf("Set-Cookie is %s", cookie)
	}

	c := d.admin()
	again := c.do("GET", "/api/authentication", "", "Authorization", basic("admin", "wrong")).wantStatus(http.StatusOK)
	if again.Header.Get("Set-Cookie") != "" {
		t.Error("a valid cookie got a second login")
	}
	c.do("GET", optionsPath, "", "Authorization", basic("admin", "wrong")).wantStatus(http.StatusOK)

	// A cookie that has ended does not keep its owner from logging in anew.
	stale := *c
	c.do("DELETE", "/api/authentication", "").wantStatus(http.StatusOK)
	stale.get(optionsPath).wantError(http.StatusUnauthorized, "Unauthenticated")
	renewed := stale.do("GET", "/api/authentication", "", "Authorization", basic("admin", adminPassword)).wantStatus(http.StatusOK)
	if renewed.Header.Get("Set-Cookie") == "" {
		t.Error("a new login set no cookie")
	}
}

func TestAnonymousInformation(t *testing.T) {
	d := start(t, "")
	anonymous, admin := d.anonymous(), d.admin()
	for _, member := range []string{"firmware_version", "version", "config_hash", "build_date", "roles", "analytics_enabled"} {
		if anonymous.get("/api/info").at("body", member) != nil {
			t.Errorf("anybody may read %s", member)
		}
		if admin.get("/api/info").at("body", member) == nil {
			t.Errorf("a user may not read %s", member)
		}
	}
	if anonymous.get("/api/info").at("meta", "remaining_seconds") != 0.0 {
		t.Error("an anonymous client has seconds left")
	}
	if anonymous.get("/api/authentication/types").at("types", "basic") == nil {
		t.Error("passwords are not among the types")
	}
	if methods := anonymous.get("/api/authentication/login_methods").at("login_methods").([]any); len(methods) != 1 {
		t.Errorf("login methods are %v", methods)
	}
	for _, path := range []string{"/api/user_info", "/api/user/info"} {
		who := admin.get(path).wantStatus(http.StatusOK)
		if who.at("user", "name") != "admin" || who.at("meta", "href") != path {
			t.Errorf("%s answered %s", path, who.Body)
		}
	}
}

func TestSlashesMakeNoDifference(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	for _, path := range []string{"/api/configuration/vnc/options/", "//api//configuration/vnc///options", "/api/configuration/vnc/options//"} {
		if href := c.get(path).wantStatus(http.StatusOK).at("meta", "href"); href != optionsPath {
			t.Errorf("%s has href %v", path, href)
		}
	}
}

func TestEveryAnswerTellsItsMethods(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	for path, allow := range map[string]string{
		"/api": "GET", "/api/transaction": "DELETE, GET, POST, PUT", optionsPath: "GET, PUT",
	} {
		if got := c.get(path).Header.Get("Allow"); got != allow {
			t.Errorf("%s allows %q, want %q", path, got, allow)
		}
		if got := c.loose().do("PATCH", path, "").Header.Get("Allow"); got != allow {
			t.Errorf("PATCH %s allows %q, want %q", path, got, allow)
		}
	}
}

func TestUsers(t *testing.T) {
	d := start(t, "")
	if _, errs, code := d.run("first\n", "user", "add", "joe", "--rights", "search,read-config"); code != 0 {
		t.Fatalf("user add: %s", errs)
	}
	if _, errs, code := d.run("first\n", "user", "add", "joe"); code != 1 || !strings.Contains(errs, "joe") {
		t.Errorf("a second joe: exit code %d, %s", code, errs)
	}
	for _, args := range [][]string{{"user", "add", "a:b"}, {"user", "passwd", "nobody"}, {"user", "delete", "nobody"}} {
		if _, errs, code := d.run("x\n", args...); code != 1 || errs == "" {
			t.Errorf("%v: exit code %d, %q", args, code, errs)
		}
	}
	for _, args := range [][]string{{"user", "add", "jim", "--rights", "everything"}, {"user", "add"}, {"nothing"}, {"serve", "--nothing"}} {
		if _, errs, code := d.run("x\n", args...); code != 2 || errs == "" {
			t.Errorf("%v: exit code %d, %q", args, code, errs)
		}
	}
	out, _, _ := d.run("", "user", "list")
	if !strings.Contains(out, "admin") || !regexp.MustCompile(`joe +search,read-config`).MatchString(out) {
		t.Errorf("user list printed\n%s", out)
	}

	joe := d.login("joe", "first")
	joe.get(optionsPath).wantStatus(http.StatusOK)
	joe.get("/api/audit/sessions").wantStatus(http.StatusOK)
	joe.do("POST", "/api/transaction", "{}").wantError(http.StatusForbidden, "Unauthorized")
	for _, e := range joe.get("/api/user_info").at("endpoints").([]any) {
		if e := e.(map[string]any); e["url"] == "/api/transaction" && len(e["methods"].([]any)) != 1 {
			t.Errorf("joe is told that he may %v", e)
		}
	}

	if _, errs, code := d.run("second\n", "user", "passwd", "joe"); code != 0 {
		t.Fatalf("user passwd: %s", errs)
	}
	d.eventually("the end of joe's login", func() bool { return joe.get("/api").Status == http.StatusUnauthorized })
	d.anonymous().do("GET", "/api/authentication", "", "Authorization", basic("joe", "first")).wantError(http.StatusUnauthorized, "AuthenticationFailure")
	joe = d.login("joe", "second")
	if _, errs, code := d.run("", "user", "delete", "joe"); code != 0 {
		t.Fatalf("user delete: %s", errs)
	}
	d.eventually("the end of joe's login", func() bool { return joe.get("/api").Status == http.StatusUnauthorized })
}

func TestFailedLoginsAreThrottled(t *testing.T) {
	d := start(t, "")
	anonymous := d.anonymous()
	for range 100 {
		answer := anonymous.do("GET", "/api/authentication", "", "Authorization", basic("admin", "wrong"))
		if answer.Status != http.StatusTooManyRequests {
			answer.wantError(http.StatusUnauthorized, "AuthenticationFailure")
			continue
		}
		details := answer.wantError(http.StatusTooManyRequests, "TooManyRequests")
		if seconds, _ := details["retry_after"].(float64); seconds < 1 || answer.Header.Get("Retry-After") == "" {
			t.Errorf("retry after %v, %q", details, answer.Header.Get("Retry-After"))
		}
		anonymous.do("GET", "/api/authentication", "", "Authorization", basic("admin", adminPassword)).
			wantError(http.StatusTooManyRequests, "TooManyRequests")
		return
	}
	t.Error("nobody stopped the guessing")
}

func TestNoSecretInTheLog(t *testing.T) {
	d := start(t, "", "--log-level", "debug", "--log-format", "json")
	c := d.admin()
	d.anonymous().do("GET", "/api/authentication", "", "Authorization", basic("admin", "a wrong one"))
	c.get("/api").wantStatus(http.StatusOK)
	if code := d.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for _, secret := range []string{c.cookie, adminPassword, "a wrong one", basic("admin", adminPassword)[6:]} {
		if strings.Contains(d.log.String()+d.out.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, d.log)
		}
	}
	if !strings.Contains(d.log.String(), `"user":"admin"`) || !strings.Contains(d.log.String(), `"request_id":"`) {
		t.Errorf("the log names neither user nor request:\n%s", d.log)
	}
}
