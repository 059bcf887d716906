package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

const snapshotID = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"

// serveSessions serves n sessions in pages of 400: the first 10,000 by offset, and all
// by snapshot, if open says how to open one.
func (f *fake) serveSessions(n int, open http.HandlerFunc) {
	const limit = 400
	f.HandleFunc("GET /api/audit/sessions", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		snapshot, from, end := q.Get("snapshot"), 0, min(n, client.MaxMatchCount)
		if snapshot == "" {
			from, _ = strconv.Atoi(q.Get("offset"))
		} else if end = n; q.Get("search_after") != "" {
			last, _ := strconv.Atoi(strings.TrimPrefix(q.Get("search_after"), "key-"))
			from = last + 1
		}
		until := min(end, from+limit)
		var items []string
		for i := from; i < until; i++ {
			items = append(items, sessionItem(i))
		}
		next, counted := "null", fmt.Sprintf(`,"offset":%d,"match_count":%d`, from, end)
		if snapshot != "" {
			counted = ""
		}
		if until < end {
			next = fmt.Sprintf(`"/api/audit/sessions?limit=%d&offset=%d&fields=%s"`, limit, until, q.Get("fields"))
			if snapshot != "" {
				next = fmt.Sprintf(`"/api/audit/sessions?limit=%d&fields=%s&snapshot=%s&search_after=key-%d"`, limit, q.Get("fields"), snapshot, until-1)
			}
		}
		answer(w, fmt.Sprintf(`{"items":[%s],"meta":{"limit":%d%s,"next":%s}}`, strings.Join(items, ","), limit, counted, next))
	})
	if open == nil {
		open = func(w http.ResponseWriter, _ *http.Request) {
			answer(w, `{"body":{"snapshot":"`+snapshotID+`"},"meta":{"href":"/api/audit/sessions/_snapshot"}}`)
		}
	}
	f.HandleFunc("GET /api/audit/sessions/_snapshot", open)
}

// distinct counts sessions, and sees to it that they come in order and each once.
func distinct(t *testing.T, sessions []client.Session) int {
	t.Helper()
	for i, s := range sessions {
		if s.Key != fmt.Sprintf("key-%d", i) {
			t.Fatalf("session %d is %s", i, s.Key)
		}
	}
	return len(sessions)
}

func TestSessionsBeyondTheWindow(t *testing.T) {
	for _, n := range []int{10000, 10001, 12345} {
		f := newFake(t)
		f.serveSessions(n, nil)
		seq := f.client(t).Sessions(t.Context(), client.SessionQuery{Q: jane})
		for range 2 { // it can be ranged over again
			sessions, err := client.Collect(seq)
			if err != nil || distinct(t, sessions) != n {
				t.Fatalf("%d sessions of %d, %v", len(sessions), n, err)
			}
		}
		var plain, begins int
		for _, r := range f.seen {
			if r.URL.Path == "/api/audit/sessions" {
				if !r.URL.Query().Has("snapshot") {
					plain++
				} else if !r.URL.Query().Has("search_after") {
					begins++
					if diff := cmp.Diff([]string{`user.name:"jane"`, "*", snapshotID}, []string{
						r.URL.Query().Get("q"), r.URL.Query().Get("fields"), r.URL.Query().Get("snapshot"),
					}); diff != "" {
						t.Errorf("the snapshot was asked for something else (-want +got):\n%s", diff)
					}
				}
			}
		}
		if plain != 2 || begins != 2 {
			t.Errorf("%d pages without a snapshot, %d first ones with it", plain, begins)
		}
	}
}

// What fits into the API's pages needs no snapshot, unless it is asked for.
func TestSessionsWithoutNeedForASnapshot(t *testing.T) {
	f := newFake(t)
	f.serveSessions(9999, nil)
	c := f.client(t)
	for _, want := range []bool{false, true} {
		f.requests()
		sessions, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{Snapshot: want}))
		if err != nil || distinct(t, sessions) != 9999 {
			t.Fatalf("%d sessions, %v", len(sessions), err)
		}
		opened := 0
		for _, r := range f.requests() {
			if r == "GET /api/audit/sessions/_snapshot" {
				opened++
			}
		}
		if (opened == 1) != want {
			t.Errorf("Snapshot is %t, and %d were opened", want, opened)
		}
	}
}

func TestSessionsStopsInASnapshot(t *testing.T) {
	f := newFake(t)
	f.serveSessions(20000, nil)
	n := 0
	for _, err := range f.client(t).Sessions(t.Context(), client.SessionQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	want := []string{"GET /api/authentication", "GET /api/audit/sessions", "GET /api/audit/sessions/_snapshot", "GET /api/audit/sessions"}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// An old appliance takes the name of the resource for a session's key.
func TestSessionsWithoutSnapshots(t *testing.T) {
	for status, errorType := range map[int]string{404: "NotFound", 405: "MethodNotAllowed", 400: "InvalidQuery"} {
		f := newFake(t)
		f.serveSessions(12345, func(w http.ResponseWriter, _ *http.Request) { fail(w, status, errorType, "{}") })
		c := f.client(t)
		sessions, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{}))
		if distinct(t, sessions) != client.MaxMatchCount || !errors.Is(err, client.ErrIncomplete) {
			t.Errorf("%s: %d sessions, %v", errorType, len(sessions), err)
		}
		if opened := strings.Count(strings.Join(f.requests(), "\n"), "_snapshot"); opened != 1 {
			t.Errorf("%s: %d attempts to open a snapshot", errorType, opened)
		}
		var failure *client.Error
		sessions, err = client.Collect(c.Sessions(t.Context(), client.SessionQuery{Snapshot: true}))
		if len(sessions) > 0 || !errors.As(err, &failure) || failure.Status != status || failure.Operation != "openSnapshot" {
			t.Errorf("%s: with a snapshot there are %d sessions and %v", errorType, len(sessions), err)
		}
	}
}

func TestSessionsFromAnOffset(t *testing.T) {
	f := newFake(t)
	f.serveSessions(12345, nil)
	c := f.client(t)
	sessions, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{Offset: 9900}))
	if len(sessions) != 100 || sessions[0].Key != "key-9900" || !errors.Is(err, client.ErrIncomplete) {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
	n := 0
	for _, err := range c.Sessions(t.Context(), client.SessionQuery{Offset: 9900}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 100 {
			break // and no error after that
		}
	}
	if strings.Contains(strings.Join(f.requests(), "\n"), "_snapshot") {
		t.Error("a snapshot was opened")
	}
}

// Whatever keeps a snapshot from being opened on a server that has them is an error.
func TestSessionsIsRefusedASnapshot(t *testing.T) {
	for errorType, status := range map[string]int{"TooManyRequests": 429, "ServiceUnavailable": 503, "Unauthorized": 403} {
		f := newFake(t)
		f.serveSessions(12345, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "300")
			fail(w, status, errorType, "{}")
		})
		sessions, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{}))
		var failure *client.Error
		if len(sessions) > 0 || !errors.Is(err, sentinels[client.ErrorType(errorType)]) || !errors.As(err, &failure) || failure.RetryAfter.Minutes() != 5 {
			t.Errorf("%d sessions, %v", len(sessions), err)
		}
	}
	for _, document := range []string{`{}`, `{"body":{}}`, `{"body":{"snapshot":""}}`, `{"body":{"snapshot":7}}`, `[]`} {
		f := newFake(t)
		f.serveSessions(12345, func(w http.ResponseWriter, _ *http.Request) { answer(w, document) })
		sessions, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{}))
		if len(sessions) > 0 || !errors.Is(err, client.ErrUnexpectedAnswer) {
			t.Errorf("%s: %d sessions, %v", document, len(sessions), err)
		}
	}
}

func TestSnapshotExpires(t *testing.T) {
	f := newFake(t)
	pages := 0
	f.HandleFunc("GET /api/audit/sessions", func(w http.ResponseWriter, r *http.Request) {
		if pages++; pages == 3 {
			fail(w, 404, "NotFound", `{"path":"/api/audit/sessions"}`)
			return
		}
		answer(w, fmt.Sprintf(`{"items":[%s],"meta":{"next":"/api/audit/sessions?snapshot=%s&search_after=key-%d"}}`,
			sessionItem(pages-1), r.URL.Query().Get("snapshot"), pages-1))
	})
	f.on("GET /api/audit/sessions/_snapshot", `{"body":{"snapshot":"`+snapshotID+`"}}`)
	sessions, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{Snapshot: true}))
	var failure *client.Error
	if distinct(t, sessions) != 2 || !errors.Is(err, client.ErrSnapshotExpired) || !errors.As(err, &failure) || failure.Status != 404 {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
}

// Pages of a snapshot have no offsets by which a circle would show.
func TestSnapshotInCircles(t *testing.T) {
	for _, length := range []int{1, 2, 7, 40} {
		f := newFake(t)
		f.HandleFunc("GET /api/audit/sessions", func(w http.ResponseWriter, r *http.Request) {
			i, _ := strconv.Atoi(r.URL.Query().Get("search_after"))
			answer(w, fmt.Sprintf(`{"items":[],"meta":{"next":"/api/audit/sessions?search_after=%d"}}`, (i+1)%length))
		})
		f.on("GET /api/audit/sessions/_snapshot", `{"body":{"snapshot":"`+snapshotID+`"}}`)
		_, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{Snapshot: true}))
		if n := len(f.requests()); !errors.Is(err, client.ErrUnexpectedAnswer) || n > 4*length+4 {
			t.Errorf("a circle of %d: %v after %d requests", length, err, n)
		}
	}
}

func TestSinglePageNeedsNoSnapshot(t *testing.T) {
	f := newFake(t)
	if _, err := f.client(t).ListSessions(t.Context(), client.SessionQuery{Snapshot: true}); err == nil || f.requests() != nil {
		t.Errorf("the error is %v", err)
	}
}
