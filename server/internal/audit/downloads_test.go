package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/store"
)

func TestLogDownload(t *testing.T) {
	s, st := newService(t)
	d := guideDocument(t, "k", testNow)
	d.Trail = &store.Trail{Blob: "b", Size: 3, SHA256: "x", Modified: testNow}
	put(t, st, d)
	before, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"admin", "auditor"} {
		if err := s.LogDownload(t.Context(), "k", user, "10.20.30.40"); err != nil {
			t.Fatal(err)
		}
	}

	got, err := s.Downloads(t.Context(), "k", Window{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	want := Downloads{
		Paging: Paging{Window{1, 1}, 2},
		Items:  []store.Download{{Time: testNow, User: "auditor", Address: "10.20.30.40", FromAPI: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	after, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := decodeJSON(after, &members); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"href": "/api/audit/sessions/k/trail_downloads"}, members["trail_downloads"]); diff != "" {
		t.Errorf("link (-want +got)\n%s", diff)
	}
	delete(members, "trail_downloads")
	if rest, err := appendJSON(nil, members); err != nil || string(rest) != string(before) {
		t.Errorf("the rest of the body changed:\nfrom %s\nto   %s, %v", before, rest, err)
	}
}

// A newer revision of a session whose trail was downloaded keeps the link.
func TestDownloadsSurviveNewRevision(t *testing.T) {
	s, st := newService(t)
	put(t, st, guideDocument(t, "k", testNow))
	if err := s.LogDownload(t.Context(), "k", "admin", "::1"); err != nil {
		t.Fatal(err)
	}
	logged, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	d := guideDocument(t, "k", testNow)
	d.Body["revision"] = 16
	if got := put(t, st, d); got.Stored != 1 {
		t.Fatalf("got %+v", got)
	}
	again, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	var old, now map[string]any
	if err := decodeJSON(logged, &old); err != nil {
		t.Fatal(err)
	}
	if err := decodeJSON(again, &now); err != nil {
		t.Fatal(err)
	}
	delete(old, "revision")
	delete(now, "revision")
	if diff := cmp.Diff(old, now); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
