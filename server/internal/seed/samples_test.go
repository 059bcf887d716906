package seed

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/spec"
	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

var demoStart = time.Date(2026, time.November, 22, 19, 0, 0, 123e6, time.UTC)

func openDemo(t *testing.T) (*sqlite.Store, *trail.Files) {
	t.Helper()
	sessions, trails, _ := openData(t)
	fillDemo(t, sessions, trails)
	return sessions, trails
}

func fillDemo(t *testing.T, sessions *sqlite.Store, trails *trail.Files) {
	t.Helper()
	importer := &audit.Importer{
		Sessions: sessions, Trails: trails, Validate: spec.ValidateDocument, Now: func() time.Time { return demoStart },
	}
	if err := FillWithDemo(t.Context(), sessions, importer, t.TempDir(), demoStart); err != nil {
		t.Fatal(err)
	}
}

// TestDemoIsWhatTheGuideShows compares with the samples of the guide: the number
// of sessions, which come last, and the session that is printed in full.
func TestDemoIsWhatTheGuideShows(t *testing.T) {
	sessions, _ := openDemo(t)
	count, err := sessions.CountSessions(t.Context(), store.Filter{}, 10_000)
	if err != nil || count != 39 {
		t.Errorf("the demo has %d sessions, %v; want 39", count, err)
	}
	var keys []string
	err = sessions.WalkSessions(t.Context(), store.Page{Limit: 500}, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if keys[0] != liveKey || !slices.Equal(keys[37:], []string{"2", "1"}) {
		t.Errorf("sessions, newest first: %q", keys)
	}

	const link = "/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq"
	printed := `{"active":false,"alerts":{"href":"` + link + `/alerts"},"analytics":{"interesting_events":[],"scripted":false,` +
		`"scripted_results":{},"similar_sessions":[],"tags":[]},"channels":{"href":"` + link + `/channels"},` +
		`"client":{"ip":"10.20.30.40","name":"10.20.30.40","port":59125},"creation_time":"2018-11-14T12:26:59.244Z",` +
		`"duration":57,"end_time":"2018-09-15T14:22:00+05:00","events":{"href":"` + link + `/events"},"hidden":false,` +
		`"indexing":{"href":"` + link + `/indexing"},"node_id":"6fed7872-065e-41d2-9cfa-ba75e8cad901","origin":"RECORDING",` +
		`"phantom":false,"protocol":"SSH","recording":{"archived":false,"audit_trail":{"archive":null,` +
		`"download":{"href":"` + link + `/audit_trail"}},"auth_method":"password","channel_policy":"shell-only",` +
		`"command_extracted":false,"connection_policy":"myconnectionpolicy","connection_policy_id":"15682863055beac3c8d23bf",` +
		`"content_reference_id":30,"has_accepted_channel":true,"index_status":"INDEXED",` +
		`"server_local":{"ip":"10.20.30.40","name":"10.20.30.40","port":55386},"session_id":"svc/rUhhQZ3jYsY1NDWYp9DEpq/abcde:29",` +
		`"target":{"ip":"10.20.30.40","name":"10.20.30.40","port":221},"verdict":"Accepted","window_title_extracted":false},` +
		`"revision":15,"server":{"ip":"10.20.30.40","name":"10.20.30.40","port":22},"start_time":"2018-09-15T15:53:00+05:00",` +
		`"user":{"id":"myid","name":"myname","server_username":"myserver"},"verdict":"ACCEPT"}`
	got, err := sessions.SessionBody(t.Context(), "rUhhQZ3jYsY1NDWYp9DEpq")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(printed, string(got)); diff != "" {
		t.Errorf("the session that the guide prints (-guide +stored):\n%s", diff)
	}
}

func TestDemoHasAllChannelTypesOfTheGuide(t *testing.T) {
	sessions, _ := openDemo(t)
	for key, want := range map[string][]string{
		"1": {
			"session shell", "session exec", "session exec scp", "session subsystem sftp", "local forward", "remote forward",
			"x11 forward",
		},
		"2": {
			"drawing", "sound", "clipboard", "seamless", "dynamic virtual", "custom", "serial redirect", "parallel redirect",
			"printer redirect", "disk redirect", "scard redirect",
		},
	} {
		raw, err := sessions.SessionPart(t.Context(), key, store.PartChannels)
		if err != nil {
			t.Fatal(err)
		}
		var channels []struct{ Type string }
		if err := json.Unmarshal(raw, &channels); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range channels {
			got = append(got, c.Type)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("channels of session %s (-want +got):\n%s", key, diff)
		}
	}
}

func TestDemoHasTheSampleDownload(t *testing.T) {
	sessions, _ := openDemo(t)
	got, count, err := sessions.Downloads(t.Context(), downloadedKey, 0, 10)
	if err != nil || count != 1 {
		t.Fatalf("%d downloads, %v", count, err)
	}
	want := store.Download{Time: time.Date(2018, 11, 20, 11, 10, 19, 0, time.UTC), User: "admin", Address: "10.20.30.40"}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("download (-want +got):\n%s", diff)
	}
	raw, err := sessions.SessionBody(t.Context(), downloadedKey)
	if err != nil {
		t.Fatal(err)
	}
	link := []byte(`"trail_downloads":{"href":"/api/audit/sessions/` + downloadedKey + `/trail_downloads"},"user"`)
	if !bytes.Contains(raw, link) {
		t.Errorf("the body does not link to the download: %s", raw)
	}
	check(t, downloadedKey, "Session", decode(t, raw))
}

func TestDemoIsFilledOnce(t *testing.T) {
	sessions, trails, _ := openData(t)
	if _, err := mustNew(t, 1, 1, 0).Fill(t.Context(), sessions, trails, nil); err != nil {
		t.Fatal(err)
	}
	fillDemo(t, sessions, trails)
	if count, err := sessions.CountSessions(t.Context(), store.Filter{}, 10); err != nil || count != 1 {
		t.Errorf("there are %d sessions, %v: a database with sessions must stay as it is", count, err)
	}
}

func TestDownloadsLinkNeedsChannels(t *testing.T) {
	for _, body := range []string{"", "[]", "{}", `{"channels":7}`, `{"channels":{"href":"/x"}}`} {
		if got, err := addDownloadsLink([]byte(body)); err == nil {
			t.Errorf("addDownloadsLink(%s) = %s", body, got)
		}
	}
}
