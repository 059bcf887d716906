package blackbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sessionLine is a line of an import file.
func sessionLine(key string, revision int, active bool, trail string) string {
	end, extra := `"2026-01-02T03:05:00Z"`, ""
	if active {
		end = "null"
	}
	if trail != "" {
		extra = `,"trail":"` + trail + `"`
	}
	return fmt.Sprintf(`{"key":%q,"body":{"active":%v,"creation_time":"2026-01-02T03:04:00Z","duration":60,"end_time":%s,"origin":"RECORDING","protocol":"SSH","revision":%d,"start_time":"2026-01-02T03:04:00Z","verdict":"ACCEPT"}%s}`+"\n",
		key, active, end, revision, extra)
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImport(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a.ndjson"), sessionLine("one", 2, false, "one.zat")+sessionLine("two", 1, false, ""))
	write(t, filepath.Join(dir, "one.zat"), "the trail of one")
	for round := range 2 {
		out, errs, code := d.run("", "import", dir)
		if code != 0 || !strings.Contains(out+errs, "2") {
			t.Fatalf("round %d: exit code %d\n%s%s", round, code, out, errs)
		}
		if got := string(c.get("/api/audit/sessions/one/audit_trail").wantStatus(http.StatusOK).Body); got != "the trail of one" {
			t.Errorf("the trail is %q", got)
		}
		c.get("/api/audit/sessions/two/audit_trail").wantError(http.StatusNotFound, "NotFound")
	}
	// An older revision changes nothing, a newer one replaces.
	write(t, file, sessionLine("one", 1, true, ""))
	d.run("", "import", file)
	if c.get("/api/audit/sessions/one").at("body", "revision") != 2.0 {
		t.Error("an older revision won")
	}
	write(t, file, sessionLine("one", 3, false, ""))
	d.run("", "import", file)
	if got := c.get("/api/audit/sessions/one"); got.at("body", "revision") != 3.0 || got.at("body", "recording", "audit_trail") == nil {
		t.Errorf("after a newer revision: %s", got.Body)
	}

	for name, bad := range map[string]string{
		"not JSON":       "{",
		"no key":         `{"body":{}}`,
		"wrong type":     strings.Replace(sessionLine("x", 1, false, ""), `"duration":60`, `"duration":"long"`, 1),
		"unknown enum":   strings.Replace(sessionLine("x", 1, false, ""), `"SSH"`, `"SMOKE"`, 1),
		"missing trail":  sessionLine("x", 1, false, "nothing.zat"),
		"trail outside":  sessionLine("x", 1, false, "../../../etc/passwd"),
		"odd key":        sessionLine("a/b", 1, false, ""),
		"unknown member": strings.Replace(sessionLine("x", 1, false, ""), `"key"`, `"colour":1,"key"`, 1),
	} {
		path := write(t, filepath.Join(t.TempDir(), "bad.ndjson"), sessionLine("three", 1, false, "")+bad)
		_, errs, code := d.run("", "import", path)
		if code != 1 || !strings.Contains(errs, "bad.ndjson:2") {
			t.Errorf("%s: exit code %d, %s", name, code, errs)
		}
		c.get("/api/audit/sessions/three").wantError(http.StatusNotFound, "NotFound")
	}
	if _, errs, code := d.run("", "import", filepath.Join(dir, "nothing")); code != 1 || errs == "" {
		t.Errorf("a missing file: exit code %d, %s", code, errs)
	}
}

func TestSeedIsDeterministic(t *testing.T) {
	first, second := start(t, ""), start(t, "")
	for _, d := range []*daemon{first, second} {
		if _, errs, code := d.run("", "seed", "--sessions", "300", "--seed", "7"); code != 0 {
			t.Fatalf("seed: %s", errs)
		}
	}
	page := func(d *daemon) []byte {
		return []byte(fmt.Sprint(d.admin().get("/api/audit/sessions?fields=*&limit=500").wantStatus(http.StatusOK).at("items")))
	}
	one := page(first)
	if !bytes.Equal(one, page(second)) {
		t.Error("the same seed gave different sessions")
	}
	first.run("", "seed", "--sessions", "300", "--seed", "7")
	if !bytes.Equal(one, page(first)) {
		t.Error("seeding again changed something")
	}
	c := first.admin()
	for _, query := range []string{"sort=user.name,-duration", "sort=-analytics.score.aggregated", "start=2024-01-01&end=2025-01-01T00:00:00.0000000%2B10:00", "limit=7&offset=290"} {
		c.get("/api/audit/sessions?fields=protocol,user&" + query).wantStatus(http.StatusOK)
	}
}

// Following a session that is going on: what is there comes at once, what is
// added comes later, and the end of the session ends the answer.
func TestFollow(t *testing.T) {
	d := start(t, "")
	c := d.admin()
	dir := t.TempDir()
	grow := func(revision int, active bool, content string) {
		t.Helper()
		write(t, filepath.Join(dir, "live.zat"), content)
		write(t, filepath.Join(dir, "live.ndjson"), sessionLine("live", revision, active, "live.zat"))
		if _, errs, code := d.run("", "import", filepath.Join(dir, "live.ndjson")); code != 0 {
			t.Fatal(errs)
		}
	}
	grow(1, true, "one,")

	resp := c.open("/api/audit/sessions/live/audit_trail?format=srs")
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.ContentLength != -1 {
		t.Fatalf("answered %s with length %d", resp.Status, resp.ContentLength)
	}
	read := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != want {
			t.Fatalf("read %q, %v; want %q", got, err, want)
		}
	}
	read("one,")
	grow(2, true, "one,two,")
	read("two,")
	grow(3, false, "one,two,three")
	read("three")
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) != 0 {
		t.Errorf("at the end: %q, %v", rest, err)
	}

	// A session that is going on and one that is over, as a plain file.
	if got := string(c.get("/api/audit/sessions/live/audit_trail").Body); got != "one,two,three" {
		t.Errorf("the file is %q", got)
	}
}

func TestAFollowerDoesNotHoldUpAStop(t *testing.T) {
	d := start(t, "", "--demo")
	c := d.admin()
	resp := c.open("/api/audit/sessions/svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29/audit_trail?format=srs")
	defer resp.Body.Close()
	first := make([]byte, 1)
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		t.Fatal(err)
	}
	if code := d.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, d.log)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the answer ended as if the session had")
	}
}

// A client that goes away, and a file that loses its end, harm nothing else.
func TestTrailAccidents(t *testing.T) {
	d := start(t, "", "--http")
	c := d.admin()
	dir := t.TempDir()
	const size = 8 << 20
	write(t, filepath.Join(dir, "big.zat"), strings.Repeat("x", size))
	write(t, filepath.Join(dir, "big.ndjson"), sessionLine("big", 1, false, "big.zat"))
	if _, errs, code := d.run("", "import", dir); code != 0 {
		t.Fatal(errs)
	}
	const path = "/api/audit/sessions/big/audit_trail"

	ctx, cancel := context.WithCancel(context.Background())
	resp := c.openWith(ctx, path)
	if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	_ = resp.Body.Close()

	resp = c.open(path)
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	blobs, err := filepath.Glob(filepath.Join(d.Data, "trails", "big", "*"))
	if err != nil || len(blobs) != 1 {
		t.Fatalf("blobs: %v, %v", blobs, err)
	}
	if err := os.Truncate(blobs[0], 2000); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil && n+1000 != size {
		t.Errorf("a torn file ended well after %d bytes", n+1000)
	}
	if err := os.Remove(blobs[0]); err != nil {
		t.Fatal(err)
	}
	c.get(path).wantError(http.StatusNotFound, "NotFound")
	c.get("/api/audit/sessions/big").wantStatus(http.StatusOK)
}

// Who may not log in any more sees no more of what is going on.
func TestAFollowerLosesTheRightToFollow(t *testing.T) {
	d := start(t, "", "--demo")
	d.run("pass phrase\n", "user", "add", "joe", "--rights", "search")
	resp := d.login("joe", "pass phrase").open("/api/audit/sessions/svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29/audit_trail?format=srs")
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := d.run("", "user", "delete", "joe"); code != 0 {
		t.Fatal(errs)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the answer ended as if the session had")
	}
}
