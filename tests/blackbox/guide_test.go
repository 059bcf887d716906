package blackbox

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const (
	optionsPath = "/api/configuration/vnc/options"
	sample      = "rUhhQZ3jYsY1NDWYp9DEpq"
)

// sameJSON reports whether two documents say the same.
func sameJSON(t *testing.T, got any, want string) {
	t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		raw, _ := json.Marshal(got)
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

// The page on the options of VNC connections, from top to bottom.
func TestGuideVNCOptions(t *testing.T) {
	d := start(t, "")
	c := d.admin()

	list := c.get(optionsPath).wantStatus(http.StatusOK)
	sameJSON(t, list.at("body"), `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`)
	if key := list.at("key"); key != "options" {
		t.Errorf("key is %v", key)
	}
	meta := list.at("meta").(map[string]any)
	delete(meta, "remaining_seconds")
	sameJSON(t, meta, `{"first":"/api/configuration/vnc/channel_policies","href":"/api/configuration/vnc/options","last":"/api/configuration/vnc/options","next":null,"parent":"/api/configuration/vnc","previous":"/api/configuration/vnc/channel_policies","transaction":"/api/transaction"}`)

	for name, document := range map[string]string{
		"local timestamping":    `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
		"cleanup every 10 days": `{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
		"remote, no policy":     `{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"oid":{"enabled":false},"selection":"remote","server_url":"<url-of-timestamping-server>","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
		"remote, policy 1.2.3":  `{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"oid":{"enabled":true,"policy_oid":"1.2.3"},"selection":"remote","server_url":"<url-of-timestamping-server>","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
	} {
		t.Run(name, func(t *testing.T) {
			c.do("POST", "/api/transaction", "", "Content-Length", "0").wantStatus(http.StatusCreated)
			sameJSON(t, c.do("PUT", optionsPath, document).wantStatus(http.StatusCreated).at("body"), document)
			c.do("PUT", "/api/transaction", `{"status":"commit"}`).wantStatus(http.StatusOK)
			sameJSON(t, c.get(optionsPath).at("body"), document)
		})
	}
}

// The page on listing sessions, on the demo data that is made of its samples.
func TestGuideSessions(t *testing.T) {
	d := start(t, "", "--demo")
	c := d.admin()

	list := c.get("/api/audit/sessions").wantStatus(http.StatusOK)
	keys := map[string]bool{}
	for _, item := range list.at("items").([]any) {
		members := item.(map[string]any)
		key := members["key"].(string)
		keys[key] = true
		if _, has := members["body"]; has {
			t.Errorf("item %s has a body without fields being asked for", key)
		}
		sameJSON(t, members["meta"], `{"href":"/api/audit/sessions/`+key+`"}`)
	}
	for _, key := range []string{"1", "2", sample} {
		if !keys[key] {
			t.Errorf("the demo lacks session %s of the page", key)
		}
	}
	meta := list.at("meta").(map[string]any)
	delete(meta, "remaining_seconds")
	sameJSON(t, meta, `{"fields":[],"first":"/api/audit/sessions?limit=500&offset=0&fields=","href":"/api/audit/sessions","last":"/api/audit/sessions?limit=500&offset=0&fields=","limit":500,"match_count":39,"next":null,"offset":0,"parent":"/api/audit","previous":null}`)

	one := c.get("/api/audit/sessions/" + sample).wantStatus(http.StatusOK)
	sameJSON(t, one.at("body"), guideSession)
	if got := one.at("meta", "parent"); got != "/api/audit/sessions" {
		t.Errorf("parent is %v", got)
	}

	for key, types := range map[string]string{
		"1": "session shell,session exec,session exec scp,session subsystem sftp,local forward,remote forward,x11 forward",
		"2": "drawing,sound,clipboard,seamless,dynamic virtual,custom,serial redirect,parallel redirect,printer redirect,disk redirect,scard redirect",
	} {
		channels := c.get("/api/audit/sessions/" + key + "/channels").wantStatus(http.StatusOK)
		var got []string
		for _, item := range channels.at("items").([]any) {
			got = append(got, item.(map[string]any)["body"].(map[string]any)["type"].(string))
		}
		if strings.Join(got, ",") != types {
			t.Errorf("channels of %s: %v", key, got)
		}
	}
	sameJSON(t, c.get("/api/audit/sessions/1/channels/5").wantStatus(http.StatusOK).at("body"),
		`{"type":"local forward","verdict":"accept","start_time":1451902145,"end_time":1451902146,"duration":1,"originator.address":"::1","originator.port":59578,"connected.address":"<server>","connected.port":22}`)

	for _, part := range []string{"alerts", "events", "indexing", "indexer", "indexers"} {
		answer := c.get("/api/audit/sessions/" + sample + "/" + part).wantStatus(http.StatusOK)
		if items, _ := answer.at("items").([]any); len(items) == 0 {
			t.Errorf("%s is empty: %s", part, answer.Body)
		}
	}
}

const guideSession = `{"active":false,"alerts":{"href":"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/alerts"},"analytics":{"interesting_events":[],"scripted":false,"scripted_results":{},"similar_sessions":[],"tags":[]},"channels":{"href":"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/channels"},"client":{"ip":"10.20.30.40","name":"10.20.30.40","port":59125},"creation_time":"2018-11-14T12:26:59.244Z","duration":57,"end_time":"2018-09-15T14:22:00+05:00","events":{"href":"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/events"},"hidden":false,"indexing":{"href":"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/indexing"},"node_id":"6fed7872-065e-41d2-9cfa-ba75e8cad901","origin":"RECORDING","phantom":false,"protocol":"SSH","recording":{"archived":false,"audit_trail":{"archive":null,"download":{"href":"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/audit_trail"}},"auth_method":"password","channel_policy":"shell-only","command_extracted":false,"connection_policy":"myconnectionpolicy","connection_policy_id":"15682863055beac3c8d23bf","content_reference_id":30,"has_accepted_channel":true,"index_status":"INDEXED","server_local":{"ip":"10.20.30.40","name":"10.20.30.40","port":55386},"session_id":"svc/rUhhQZ3jYsY1NDWYp9DEpq/abcde:29","target":{"ip":"10.20.30.40","name":"10.20.30.40","port":221},"verdict":"Accepted","window_title_extracted":false},"revision":15,"server":{"ip":"10.20.30.40","name":"10.20.30.40","port":22},"start_time":"2018-09-15T15:53:00+05:00","user":{"id":"myid","name":"myname","server_username":"myserver"},"verdict":"ACCEPT"}`

// The page on downloading trails.
func TestGuideTrailDownload(t *testing.T) {
	d := start(t, "", "--demo")
	c := d.admin()
	path := "/api/audit/sessions/" + sample + "/audit_trail"
	whole := c.get(path).wantStatus(http.StatusOK)
	if len(whole.Body) == 0 || whole.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("the trail is %d bytes of %s", len(whole.Body), whole.Header.Get("Content-Type"))
	}
	if name := whole.Header.Get("Content-Disposition"); !strings.Contains(name, sample+".zat") {
		t.Errorf("Content-Disposition is %s", name)
	}
	srs := c.get(path + "?format=srs").wantStatus(http.StatusOK)
	if name := srs.Header.Get("Content-Disposition"); !strings.Contains(name, sample+".srs") {
		t.Errorf("Content-Disposition is %s", name)
	}
	log := c.get("/api/audit/sessions/" + sample + "/trail_downloads")
	if !strings.Contains(string(log.Body), `"from_api":true`) || !strings.Contains(string(log.Body), `"username":"admin"`) {
		t.Errorf("the downloads do not show in the log: %s", log.Body)
	}
}
