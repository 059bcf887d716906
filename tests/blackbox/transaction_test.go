package blackbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

var (
	cleanup10 = strings.Replace(localOptions, `{"enabled":false}`, `{"channel_database_cleanup_days":10,"enabled":true}`, 1)
	logLevel9 = strings.Replace(localOptions, `"log_level":4`, `"log_level":9`, 1)
)

func (c *caller) transactionStatus() any {
	c.d.t.Helper()
	answer := c.get("/api/transaction").wantStatus(http.StatusOK)
	if answer.at("body", "status") != answer.at("transaction", "status") {
		c.d.t.Errorf("two statuses: %s", answer.Body)
	}
	return answer.at("body", "status")
}

func (c *caller) logLevel() any {
	c.d.t.Helper()
	return c.get(optionsPath).wantStatus(http.StatusOK).at("body", "service", "log_level")
}

func TestTransactionLife(t *testing.T) {
	d := start(t, "")
	joe, jim := d.admin(), d.admin()
	if joe.transactionStatus() != "closed" {
		t.Error("a new login has a transaction")
	}
	joe.do("POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	joe.do("POST", "/api/transaction", "{}").wantStatus(http.StatusOK)
	if joe.transactionStatus() != "open" || jim.transactionStatus() != "closed" {
		t.Error("a transaction shows where it is not")
	}
	joe.do("PUT", optionsPath, cleanup10).wantStatus(http.StatusCreated)
	if jim.get(optionsPath).at("body", "audit", "cleanup", "enabled") != false {
		t.Error("a pending value shows to others")
	}
	if joe.get(optionsPath).at("body", "audit", "cleanup", "enabled") != true {
		t.Error("a pending value does not show to its owner")
	}
	sameJSON(t, joe.get("/api/transaction/changes").at("changes"), `[
		{"type":"create","path":"/api/configuration/vnc/options#audit/cleanup/channel_database_cleanup_days","new_value":10},
		{"type":"replace","path":"/api/configuration/vnc/options#audit/cleanup/enabled","old_value":false,"new_value":true}]`)
	sameJSON(t, jim.get("/api/transaction/changes").at("changes"), `[]`)
	jim.do("POST", "/api/transaction", "{}").wantError(http.StatusConflict, "ConfigurationLocked")

	joe.do("DELETE", "/api/transaction", "").wantStatus(http.StatusOK)
	joe.do("DELETE", "/api/transaction", "").wantStatus(http.StatusOK)
	if joe.get(optionsPath).at("body", "audit", "cleanup", "enabled") != false {
		t.Error("a rolled back value stayed")
	}
	jim.do("POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	jim.do("PUT", optionsPath, cleanup10).wantStatus(http.StatusCreated)
	jim.do("PUT", "/api/transaction", `{"status":"commit","commit_message":"clean up"}`).wantStatus(http.StatusOK)
	if joe.get(optionsPath).at("body", "audit", "cleanup", "channel_database_cleanup_days") != 10.0 {
		t.Error("a committed value does not show")
	}

	// What is taken away shows as deleted.
	jim.do("POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	jim.do("PUT", optionsPath, localOptions).wantStatus(http.StatusCreated)
	sameJSON(t, jim.get("/api/transaction/changes").at("changes"), `[
		{"type":"delete","path":"/api/configuration/vnc/options#audit/cleanup/channel_database_cleanup_days","old_value":10},
		{"type":"replace","path":"/api/configuration/vnc/options#audit/cleanup/enabled","old_value":true,"new_value":false}]`)

	// Logging out rolls back, and frees the lock.
	jim.do("DELETE", "/api/authentication", "").wantStatus(http.StatusOK)
	joe.do("POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	if joe.get(optionsPath).at("body", "audit", "cleanup", "enabled") != true {
		t.Error("logging out committed")
	}
}

func TestTransactionSurvivesARestart(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	c.do("POST", "/api/transaction", "{}").wantStatus(http.StatusCreated)
	c.do("PUT", optionsPath, logLevel9).wantStatus(http.StatusCreated)
	if code := d.stop(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, d.log)
	}
	again := start(t, d.Data)
	same := &caller{d: again, http: again.anonymous().http, cookie: c.cookie}
	if same.transactionStatus() != "open" || same.logLevel() != 9.0 || again.admin().logLevel() != 4.0 {
		t.Error("the transaction changed over the restart")
	}
	same.do("PUT", "/api/transaction", `{"status":"commit"}`).wantStatus(http.StatusOK)
	if again.admin().logLevel() != 9.0 {
		t.Error("the commit had no effect")
	}
}

func TestTransactionsOfNewerGenerations(t *testing.T) {
	d := start(t, "", "--appliance", "8.0")
	joe, jim := d.admin(), d.admin()
	const form = `{"channel_database_cleanup":{"enabled":%s},"service":{"enabled":true,"log_level":%d}}`
	joe.do("PUT", optionsPath, fmt.Sprintf(form, `true,"days":10`, 4)).wantStatus(http.StatusCreated)
	if joe.transactionStatus() != "open" {
		t.Error("the first change opened no transaction")
	}
	jim.do("PUT", optionsPath, fmt.Sprintf(form, "false", 9)).wantStatus(http.StatusCreated)
	if joe.logLevel() != 4.0 || jim.logLevel() != 9.0 {
		t.Error("two transactions see each other")
	}
	joe.do("PUT", "/api/transaction", `{"status":"commit"}`).wantStatus(http.StatusOK)
	details := jim.do("PUT", "/api/transaction", `{"status":"commit"}`).wantError(http.StatusConflict, "TransactionConflict")
	if details["path"] != optionsPath || jim.transactionStatus() != "open" {
		t.Errorf("after a conflict: %v, %v", details, jim.transactionStatus())
	}
	jim.do("DELETE", "/api/transaction", "").wantStatus(http.StatusOK)
	if jim.logLevel() != 4.0 {
		t.Error("rolling back shows something else than what is committed")
	}
	for _, item := range joe.get("/api/configuration/vnc/channel_policies").at("items").([]any) {
		if item.(map[string]any)["body"] == nil {
			t.Error("an item of a collection has no body")
		}
	}
}

func TestUnknownMembers(t *testing.T) {
	const extended = `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4,"colour":"red"}}`
	lenient := start(t, "").admin()
	lenient.do("POST", "/api/transaction", "{}")
	sameJSON(t, lenient.do("PUT", optionsPath, extended).wantStatus(http.StatusCreated).at("body"), localOptions)
	lenient.loose().get("/api/audit/sessions?colour=red").wantStatus(http.StatusOK)

	strict := start(t, "", "--strict").admin()
	strict.do("POST", "/api/transaction", "{}")
	details := strict.do("PUT", optionsPath, extended).wantError(http.StatusBadRequest, "SemanticError")
	if raw, _ := json.Marshal(details); !strings.Contains(string(raw), "/service/colour") {
		t.Errorf("details are %s", raw)
	}
	strict.loose().get("/api/audit/sessions?colour=red").wantError(http.StatusBadRequest, "InvalidQuery")
}

// What GET returned is accepted by PUT as it is.
func TestReadAndWriteBack(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	c.do("POST", "/api/transaction", "{}")
	for _, document := range []string{localOptions, cleanup10, logLevel9} {
		c.do("PUT", optionsPath, document).wantStatus(http.StatusCreated)
		var got struct{ Body json.RawMessage }
		c.get(optionsPath).decode(&got)
		sameJSON(t, c.do("PUT", optionsPath, string(got.Body)).wantStatus(http.StatusCreated).at("body"), document)
	}
}
