package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

var joe = Client{User: "joe", Address: "192.0.2.1", Agent: "test"}

// page reads one page of a snapshot and returns its keys and what is next.
func page(tb testing.TB, s *Service, p Params) (keys []string, next string) {
	tb.Helper()
	search, err := s.ParseSearch(tb.Context(), p)
	if err != nil {
		tb.Fatal(err)
	}
	result, err := s.List(tb.Context(), search)
	if err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := result.WriteItems(tb.Context(), &b); err != nil {
		tb.Fatal(err)
	}
	var items []struct{ Key string }
	if err := json.Unmarshal([]byte("["+b.String()+"]"), &items); err != nil {
		tb.Fatal(err)
	}
	for _, item := range items {
		keys = append(keys, item.Key)
	}
	return keys, result.NextAfter()
}

func TestSnapshotPages(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 10)
	id, err := s.OpenSnapshot(t.Context(), joe)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(id) {
		t.Errorf("the id is %q", id)
	}
	for _, tt := range []struct {
		limit int
		sort  string
		pages string
	}{
		{3, "", "[s9 s8 s7][s6 s5 s4][s3 s2 s1][s0]"},
		{5, "start_time", "[s0 s1 s2 s3 s4][s5 s6 s7 s8 s9]"},
		{10, "", "[s9 s8 s7 s6 s5 s4 s3 s2 s1 s0]"},
		{11, "", "[s9 s8 s7 s6 s5 s4 s3 s2 s1 s0]"},
		{9, "user.name", "[s9 s8 s7 s6 s5 s4 s3 s2 s1][s0]"},
	} {
		var got strings.Builder
		p := Params{Snapshot: id, Client: joe, Limit: &tt.limit, Sort: tt.sort, Offset: ptr(4), Fields: "protocol"}
		for {
			keys, next := page(t, s, p)
			fmt.Fprint(&got, keys)
			putMany(t, st, 30) // nothing of which is in the snapshot
			if p.SearchAfter = next; next == "" {
				break
			}
		}
		if got.String() != tt.pages {
			t.Errorf("limit %d, sort %q: %s, want %s", tt.limit, tt.sort, got.String(), tt.pages)
		}
	}
	// Behind the last match there is an empty page.
	if keys, next := page(t, s, Params{Snapshot: id, Client: joe, SearchAfter: "s0"}); keys != nil || next != "" {
		t.Errorf("the last page has %v, next %q", keys, next)
	}
	// A session that does not match is a place to begin, too.
	p := Params{Snapshot: id, Client: joe, SearchAfter: "s5", Criteria: Criteria{Q: "start_time:<2024-01-01T00\\:02"}}
	if keys, _ := page(t, s, p); fmt.Sprint(keys) != "[s1 s0]" {
		t.Errorf("got %v", keys)
	}
}

// All pages of a snapshot have the same now: a relative date selects the same
// sessions however long the reader takes.
func TestSnapshotNow(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 10)
	now := testNow
	s.now = func() time.Time { return now }
	id, err := s.OpenSnapshot(t.Context(), joe)
	if err != nil {
		t.Fatal(err)
	}
	first := now.Sub(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)) // when s0 started
	p := Params{
		Snapshot: id, Client: joe, Limit: ptr(1),
		Criteria: Criteria{Q: fmt.Sprintf("start_time:>=now-%ds", int(first.Seconds()))},
	}
	var all []string
	for {
		keys, next := page(t, s, p)
		all = append(all, keys...)
		if next == "" {
			break
		}
		p.SearchAfter = next
		now = now.Add(time.Minute)
	}
	if len(all) != 10 {
		t.Errorf("got %v", all)
	}
}

func TestSnapshotOwners(t *testing.T) {
	s, st := newService(t)
	now := testNow
	s.now = func() time.Time { return now }
	putMany(t, st, 2)
	open := func(c Client) string {
		t.Helper()
		id, err := s.OpenSnapshot(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	list := func(id string, c Client, after string) error {
		t.Helper()
		search, err := s.ParseSearch(t.Context(), Params{Snapshot: id, Client: c, SearchAfter: after})
		if err != nil {
			return err
		}
		result, err := s.List(t.Context(), search)
		if err != nil {
			return err
		}
		return result.WriteItems(t.Context(), &bytes.Buffer{})
	}
	id := open(joe)
	if again := open(joe); again != id {
		t.Error("asking again opened another one")
	}
	noSnapshot := func(err error) bool {
		_, ok := errors.AsType[*SnapshotError](err)
		return ok
	}
	for _, c := range []Client{{"ann", joe.Address, joe.Agent}, {joe.User, "192.0.2.2", joe.Agent}, {joe.User, joe.Address, "other"}} {
		if err := list(id, c, ""); !noSnapshot(err) {
			t.Errorf("%+v: %v, want a *SnapshotError", c, err)
		}
	}
	var wrong *QueryError
	if err := list(id, joe, "nobody"); !errors.As(err, &wrong) || wrong.Parameter != "search_after" {
		t.Errorf("unknown key: %v", err)
	}

	// Use keeps it alive, idleness does not.
	for range 3 {
		now = now.Add(SnapshotLifetime - time.Second)
		if err := list(id, joe, ""); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(SnapshotLifetime)
	if err := list(id, joe, ""); !noSnapshot(err) {
		t.Errorf("expired: %v, want a *SnapshotError", err)
	}
	if err := s.SweepSnapshots(t.Context()); err != nil {
		t.Error(err)
	}

	for i := range snapshotQuota {
		open(Client{"joe", "192.0.2.1", strings.Repeat("x", 10_000*i)})
		now = now.Add(time.Second)
	}
	_, err := s.OpenSnapshot(t.Context(), Client{"joe", "192.0.2.9", "one more"})
	var quota *QuotaError
	if !errors.As(err, &quota) || quota.RetryAfter != SnapshotLifetime-snapshotQuota*time.Second {
		t.Errorf("got %v (%+v), want a *QuotaError", err, quota)
	}
	open(Client{"ann", "192.0.2.9", "one more"})
}
