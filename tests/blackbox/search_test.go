package blackbox

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

const sessionsPath = "/api/audit/sessions"

// find is a query as a person would type it after "curl --get --data-urlencode".
func find(path string, parameters ...string) string {
	values := url.Values{}
	for _, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		values.Set(name, value)
	}
	return path + "?" + values.Encode()
}

// itemKeys returns the keys of a list in its order.
func (a *answer) itemKeys() []string {
	a.t.Helper()
	a.wantStatus(http.StatusOK)
	var list struct{ Items []struct{ Key string } }
	a.decode(&list)
	all := make([]string, len(list.Items))
	for i, item := range list.Items {
		all[i] = item.Key
	}
	return all
}

// An auditor's question: who ran sudo on one of the databases in the first week of
// September, sessions that were cut off or refused excepted? And then: what was
// it, who does that most often, and when?
func TestSearchStory(t *testing.T) {
	d := start(t, "", "--demo")
	c := d.admin()

	const (
		who  = "q=server.name:db* AND screen.content:(command:sudo) AND start_time:[2025-09-01 TO 2025-09-07] AND NOT verdict:(DENY OR AUTH_FAIL OR TERMINATED)"
		sudo = "content=command:sudo"
	)
	found := c.get(find(sessionsPath, who, "fields=user.name,server.name"))
	keys := found.itemKeys()
	if len(keys) != 1 || !strings.HasPrefix(keys[0], "svc-PkjLjDNJHo0efDZWShCrm9") {
		t.Fatalf("found %s", found.Body)
	}
	sameJSON(t, found.at("items").([]any)[0].(map[string]any)["body"], `{"server":{"name":"db283.prod.example.com"},"user":{"name":"carlos.brown"}}`)

	// What was it? The guide writes this path with a slash at its end.
	hits := c.get(find(sessionsPath+"/"+keys[0]+"/content/", "q=command:sudo")).wantStatus(http.StatusOK)
	sameJSON(t, hits.at("items"), `[
		{"channel_id":"0","content":"sudo systemctl restart redis","matched":["sudo"],"record_id":192,"time":"2025-09-04T08:58:29.875Z","type":"command"},
		{"channel_id":"0","content":"sudo shutdown -r now","matched":["sudo"],"record_id":455,"time":"2025-09-04T08:59:04.766Z","type":"command"}]`)

	// Every session that is found has something to show, the same words in it.
	for _, key := range c.get(find(sessionsPath, sudo)).itemKeys() {
		hits := c.get(find(sessionsPath+"/"+key+"/content", "q=command:sudo", "limit=1")).wantStatus(http.StatusOK)
		if hits.at("meta", "match_count").(float64) < 1 {
			t.Errorf("%s was found for what it does not have", key)
		}
	}

	// Who else? Ten sessions have it, and the answers agree on that.
	const total = 10.0
	if got := c.get(find(sessionsPath+"/_count", sudo)).wantStatus(http.StatusOK).at("count"); got != total {
		t.Errorf("%v sessions have sudo", got)
	}
	stats := c.get(find(sessionsPath+"/stats", sudo, "field=verdict", "sub_fields=user.name", "size=1")).wantStatus(http.StatusOK)
	if stats.at("meta", "match_count") != total || stats.at("meta", "other_count") != 2.0 {
		t.Errorf("statistics are %s", stats.Body)
	}
	histogram := c.get(find(sessionsPath+"/histogram", sudo, "bin-size=quarter")).wantStatus(http.StatusOK)
	sum, bins := 0.0, histogram.at("items").([]any)
	for _, bin := range bins {
		sum += bin.(map[string]any)["count"].(float64)
	}
	if first := bins[0].(map[string]any)["start"]; sum != total || len(bins) != 30 || first != "2019-04-01T00:00:00Z" {
		t.Errorf("%d quarters from %v hold %v", len(bins), first, sum)
	}

	// And all of it for the spreadsheet, a page at a time.
	var rows [][]string
	for path := find(sessionsPath, sudo, "fields=user.name,start_time", "format=csv", "limit=4", "sort=start_time"); path != ""; {
		page := c.get(path).wantStatus(http.StatusOK)
		records, err := csv.NewReader(strings.NewReader(string(page.Body))).ReadAll()
		if err != nil || strings.Join(records[0], " ") != "key user.name start_time" {
			t.Fatalf("%v in %q", err, page.Body)
		}
		rows = append(rows, records[1:]...)
		path, _, _ = strings.Cut(strings.TrimPrefix(page.Header.Get("Link"), "<"), ">")
	}
	if len(rows) != total || rows[0][1] != "myname" || rows[0][2] != "2019-06-04T21:03:44Z" {
		t.Errorf("the table has %q", rows)
	}
}

// The words of the guides' pages on searching, on their own samples.
func TestGuideSearch(t *testing.T) {
	c := start(t, "", "--demo").admin()
	for q, want := range map[string]string{
		"protocol:SSH AND user.name:myuser":                   "7930f4308efe8aecd710202d815b76ff",
		`user.name:yoda`:                                      "qbDgP4YB6q61cSrUGJic",
		`screen.content="exit" AND user.name:john.moore`:      "svc-EppgRFSiBrNDzZiO9wArn6-ssh_production-18",
		`start_time:[2016-01-04T10:06 TO 2016-01-04T10:06}`:   "",
		`start_time:[2016-01-04T10:06 TO 2016-01-04T10:06]`:   "2 1",
		`origin:("RECORDING" OR "LOG") AND user.name:"guest"`: "c7e51cebad1a3e2ade480909f7687b16",
		`"sudo vim"`: "qbDgP4YB6q61cSrUGJic",
	} {
		if got := strings.Join(c.get(find(sessionsPath, "q="+q)).itemKeys(), " "); got != want {
			t.Errorf("%s: found %q, want %q", q, got, want)
		}
	}
}

// A walk through a snapshot goes on where it was after the server was killed, and
// sees nothing of what was imported meanwhile.
func TestSnapshotOutlivesTheServer(t *testing.T) {
	const sessions, agent = 25, "curl/8.5.0"
	dir := t.TempDir()
	d := start(t, dir)
	var lines strings.Builder
	for i := range sessions {
		lines.WriteString(sessionLine(fmt.Sprintf("old-%02d", i), 1, false, ""))
	}
	d.run("", "import", write(t, filepath.Join(t.TempDir(), "old.ndjson"), lines.String()))
	c := d.admin()
	opened := c.do("GET", sessionsPath+"/_snapshot", "", "User-Agent", agent).wantStatus(http.StatusOK)
	next := find(sessionsPath, "snapshot="+opened.at("body", "snapshot").(string), "limit=4")
	seen := map[string]bool{}
	for page := 0; next != ""; page++ {
		if page == 2 {
			d.run("", "import", write(t, filepath.Join(t.TempDir(), "new.ndjson"), sessionLine("new", 1, false, "")+sessionLine("old-00", 2, true, "")))
			d.kill()
			d = start(t, dir)
			c = &caller{d: d, http: &http.Client{Transport: d.transport()}, cookie: c.cookie}
		}
		list := c.do("GET", next, "", "User-Agent", agent)
		for _, key := range list.itemKeys() {
			if seen[key] {
				t.Errorf("%s came twice", key)
			}
			seen[key] = true
		}
		next, _ = list.at("meta", "next").(string)
	}
	if len(seen) != sessions || seen["new"] {
		t.Errorf("saw %d sessions: %v", len(seen), seen)
	}
	if got := c.get(sessionsPath + "/_count").at("count"); got != float64(sessions+1) {
		t.Errorf("there are %v sessions", got)
	}
}
