package blackbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

const configurationPath = "/api/configuration"

// protocols of the two generations.
var protocols = map[string][]string{
	"6.0": {"http", "ica", "rdp", "ssh", "telnet", "vnc"},
	"8.0": {"http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"},
}

// Every path of the configuration that the contract has answers what the contract
// says, and everything that a list names can be read.
func TestWholeConfiguration(t *testing.T) {
	for appliance := range protocols {
		t.Run(appliance, func(t *testing.T) {
			c := start(t, "", "--appliance", appliance).admin()
			for _, root := range []string{"/api", configurationPath, "/api/acl"} {
				c.crawl(root, map[string]bool{})
			}
			for _, op := range contract.Operations() {
				if op.Method != http.MethodGet || strings.Contains(op.Path, "{") || !strings.HasPrefix(op.Path, configurationPath) {
					continue
				}
				want := http.StatusOK
				if appliance == "6.0" && strings.Contains(op.Path, "/mssql") {
					want = http.StatusNotFound
				}
				c.get(op.Path).wantStatus(want)
			}
		})
	}
}

// crawl reads path and all that it lists, as far as it is not another branch of
// the tree.
func (c *caller) crawl(path string, seen map[string]bool) {
	if seen[path] || strings.HasSuffix(path, "/passwords") || strings.HasPrefix(path, "/api/audit/") {
		return
	}
	seen[path] = true
	items, _ := c.get(path).wantStatus(http.StatusOK).at("items").([]any)
	for _, item := range items {
		href, _ := item.(map[string]any)["meta"].(map[string]any)["href"].(string)
		c.crawl(href, seen)
	}
}

// Each protocol has options of its own, in the form of its generation.
func TestOptionsOfEachProtocol(t *testing.T) {
	for appliance, names := range protocols {
		t.Run(appliance, func(t *testing.T) {
			c := start(t, "", "--appliance", appliance).admin()
			form := `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":%d}}%s,"service":{"enabled":true,"log_level":4}}`
			if appliance == "8.0" {
				form = `{"channel_database_cleanup":{"enabled":true,"days":%d}%s,"service":{"enabled":false}}`
			}
			c.do("POST", "/api/transaction", "{}")
			for i, name := range names {
				more := ""
				if name == "ssh" {
					more = `,"gssapi":{"enabled":true}`
				}
				body := fmt.Sprintf(form, 100+i, more)
				sameJSON(t, c.do("PUT", configurationPath+"/"+name+"/options", body).wantStatus(http.StatusCreated).at("body"), body)
			}
			c.do("PUT", "/api/transaction", `{"status":"commit"}`).wantStatus(http.StatusOK)
			for i, name := range names {
				text := string(c.get(configurationPath + "/" + name + "/options").Body)
				if !strings.Contains(text, fmt.Sprint(100+i)) {
					t.Errorf("%s: %s", name, text)
				}
			}
		})
	}
}

// create posts a body within the transaction and returns the key.
func (c *caller) create(path, body string) string {
	key, _ := c.do("POST", path, body).wantStatus(http.StatusCreated).at("key").(string)
	return key
}

func (c *caller) commit() {
	c.do("PUT", "/api/transaction", `{"status":"commit"}`).wantStatus(http.StatusOK)
}

// Users are made, given rights and taken them over REST, and log in.
func TestUsersOverREST(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	const users, groups = configurationPath + "/aaa/local_database/users", configurationPath + "/aaa/local_database/groups"
	c.do("POST", "/api/transaction", "{}")
	password := c.create(configurationPath+"/passwords", `{"plain":"a long way home"}`)
	joe := c.create(users, `{"name":"joe","password":"`+password+`"}`)
	group := c.groupNamed("search")
	c.do("PUT", groups+"/"+group, `{"name":"search","members":["joe"]}`).wantStatus(http.StatusCreated)
	for _, answer := range []string{
		string(c.get("/api/transaction/changes").Body),
		string(c.get(configurationPath + "/passwords/" + password).Body),
		string(c.get(users + "/" + joe).Body),
	} {
		if strings.Contains(answer, "a long way home") || strings.Contains(answer, "$2a$") {
			t.Errorf("a secret is shown: %s", answer)
		}
	}
	c.commit()
	j := d.login("joe", "a long way home")
	j.get("/api/audit/sessions").wantStatus(http.StatusOK)
	j.get(configurationPath).wantError(http.StatusForbidden, "Unauthorized")

	c.do("POST", "/api/transaction", "{}")
	c.do("DELETE", users+"/"+joe, "").wantStatus(http.StatusOK)
	c.commit()
	j.get("/api/audit/sessions").wantError(http.StatusUnauthorized, "Unauthenticated")
	if strings.Contains(d.log.String(), "a long way home") {
		t.Error("the log has the password")
	}
}

func (c *caller) groupNamed(name string) string {
	list, _ := c.get(configurationPath + "/aaa/local_database/groups").at("items").([]any)
	for _, item := range list {
		key, _ := item.(map[string]any)["key"].(string)
		if c.get(configurationPath+"/aaa/local_database/groups/"+key).at("body", "name") == name {
			return key
		}
	}
	return ""
}

func TestRequiredCommitMessage(t *testing.T) {
	c := start(t, "", "--appliance", "8.0").admin()
	c.do("PUT", configurationPath+"/management/accounting", `{"require_commitlog":true}`).wantStatus(http.StatusCreated)
	c.commit()
	if got := c.get("/api/transaction").at("body", "commit_message"); got != "required" {
		t.Errorf("commit_message is %v", got)
	}
	c.do("PUT", configurationPath+"/management/webinterface", `{"timeout":20}`).wantStatus(http.StatusCreated)
	c.do("PUT", "/api/transaction", `{"status":"commit"}`).wantError(http.StatusBadRequest, "SemanticError")
	c.do("PUT", "/api/transaction", `{"status":"commit","commit_message":"longer"}`).wantStatus(http.StatusOK)
}

// The timeout of the web interface is that of logins, from the commit on, and
// after a restart.
func TestTimeoutDrivesLogins(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir, "--appliance", "8.0")
	c := d.admin()
	c.do("PUT", configurationPath+"/management/webinterface", `{"timeout":33}`).wantStatus(http.StatusCreated)
	c.commit()
	c.get("/api/info")
	if got := c.get("/api/info").at("meta", "remaining_seconds"); got != 1980.0 {
		t.Errorf("%v seconds remain", got)
	}
	d.stop()
	if got := start(t, dir, "--appliance", "8.0").admin().get("/api/info").at("meta", "remaining_seconds"); got != 1980.0 {
		t.Errorf("%v seconds remain after a restart", got)
	}
}

func TestSetupAndEndpoints(t *testing.T) {
	d := start(t, "")
	if got := d.anonymous().get("/api/setup").wantStatus(http.StatusOK); got.at("status") != "completed" || got.at("meta", "remaining_seconds") != 0.0 {
		t.Errorf("setup: %s", got.Body)
	}
	d.anonymous().get("/api/endpoints").wantError(http.StatusUnauthorized, "Unauthenticated")
	c := d.admin()
	if fmt.Sprint(c.get("/api/endpoints").at("endpoints")) != fmt.Sprint(c.get("/api/user_info").at("endpoints")) {
		t.Error("two lists of endpoints")
	}
}
