//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSearch measures every query among few sessions: it shows that the server
// and the SQL find the same, not how fast anything is.
func TestSearch(t *testing.T) {
	if testing.Short() {
		t.Skip("builds spsd and fills two databases")
	}
	o := quickSearch()
	o.spsd = filepath.Join(t.TempDir(), "spsd")
	o.sessions, o.rounds, o.keep = 1500, 1, t.TempDir()
	if err := build(t.Context(), o.spsd, "server/cmd/spsd"); err != nil {
		t.Fatal(err)
	}
	r, err := runSearch(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.print(&text); err != nil {
		t.Error(err)
	}
	wanted := []string{"150 ", "1,500 ", "walk in a snapshot", "Memory of spsd with 1,500 sessions"}
	for _, q := range searches {
		wanted = append(wanted, q.name+" ")
	}
	for _, want := range wanted {
		if !strings.Contains(text.String(), "\n"+want) {
			t.Errorf("the report has no line that begins with %q", want)
		}
	}
	for _, size := range r.sizes {
		for i, q := range searches {
			// Words that are common are so with protocols that have nothing to do with them.
			if f := size.figures[i]; f.most == 0 && q.name != "protocol, content, apart" {
				t.Errorf("of %d sessions, %s selects none: %s", size.Sessions, q.name, f.path)
			}
		}
	}
	if t.Failed() {
		t.Log(text.String())
	}
	again, err := (&bench{dir: t.TempDir()}).loadSessions(t.Context(), o.keep, o.sessions)
	if err != nil || !again.reused || again.Took != r.sizes[1].Took {
		t.Errorf("kept sessions: %+v, %v", again, err)
	}
	if _, err := os.Stat(filepath.Join(o.keep, "search-150", "spsd.db")); err != nil {
		t.Error(err)
	}
}

// TestSlowOnes names what is slow, and what failed.
func TestSlowOnes(t *testing.T) {
	r := searchReport{sizes: []sized{{figures: make([]figure, len(searches))}, {figures: make([]figure, len(searches))}}}
	r.sizes[1].Sessions = 1_000_000
	r.sizes[1].figures[0].http, r.sizes[1].figures[0].sql = 0.251, 0.1
	r.sizes[1].figures[1].http = 0.249
	r.sizes[0].figures[2].http = 9 // at the smaller size
	want := "Slow with 1,000,000 sessions: newest page takes 251.00 ms (by hand 100.00 ms): " + searches[0].slow + "."
	if got := r.slowOnes(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := r.failures(); err != nil {
		t.Error(err)
	}
	r.sizes[0].walk.failed = os.ErrClosed
	if err := r.failures(); err == nil || !strings.Contains(err.Error(), "walk") {
		t.Errorf("failures: %v", err)
	}
}

func TestAsked(t *testing.T) {
	f := figure{path: list("q", `user.name:"a b"`, "content", "sudo")}
	if got, want := f.asked(), `?content=sudo&q=user.name:"a b"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPicked(t *testing.T) {
	o := searchOptions{only: []string{"prefix", "content, r"}}
	if got := o.picked(); len(got) != 2 || got[0].name != "prefix" || got[1].name != "content, rare" || o.picks(walkName) {
		t.Errorf("picked %d", len(got))
	}
	if err := command(t.Context(), []string{"-search", "-only", "everything"}); err == nil {
		t.Error("no error")
	}
}
