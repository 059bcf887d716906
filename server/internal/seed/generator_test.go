package seed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/internal/spec"
	"github.com/spskit/spskit/server/store"
)

func mustNew(t testing.TB, seed uint64, sessions int, trails float64) *Generator {
	t.Helper()
	g, err := New(seed, sessions, trails)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// all makes all sessions, with the names of their trails set as Fill does.
func all(t testing.TB, g *Generator, size int) (sessions []store.Session, trails map[string][]byte) {
	t.Helper()
	trails = make(map[string][]byte)
	for batch := range g.Batches(t.Context(), size) {
		for _, file := range batch.Trails {
			s := &batch.Sessions[file.Session]
			trails[s.Key] = file.File
			s.Trail = &store.Trail{Blob: s.Key}
		}
		sessions = append(sessions, batch.Sessions...)
	}
	return sessions, trails
}

func body(t testing.TB, s *store.Session, links store.Links) []byte {
	t.Helper()
	b, err := s.Body(links)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// text is all the words of a session.
func text(s *store.Session) string {
	return s.Text.Screen + "\n" + s.Text.Command + "\n" + s.Text.Title
}

// fingerprint hashes everything that is made of a seed.
func fingerprint(t testing.TB, g *Generator, size int) string {
	t.Helper()
	h := sha256.New()
	sessions, trails := all(t, g, size)
	for i := range sessions {
		s := &sessions[i]
		fmt.Fprintf(h, "%s %d %s %v\n", s.Key, s.Revision, s.Start, s.Values)
		for _, part := range [][]byte{body(t, s, store.Links{}), s.Channels, s.Alerts, s.Events, s.Indexing, s.Content, []byte(text(s)), trails[s.Key]} {
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameSeedSameBytes(t *testing.T) {
	const golden = "659ba45b94c9f9d2908e2f23b7ad4480283ca631176da9640aa745774497a679"
	got := fingerprint(t, mustNew(t, 42, 500, 0.1), 64)
	if got != golden {
		t.Errorf("the data of seed 42 is %s, it used to be %s.\nIf that is on purpose, change it here.", got, golden)
	}
	if again := fingerprint(t, mustNew(t, 42, 500, 0.1), 7); again != got {
		t.Error("the data depends on the size of the batches")
	}
	if other := fingerprint(t, mustNew(t, 43, 500, 0.1), 64); other == got {
		t.Error("another seed made the same data")
	}
}

func TestKeysAreUniqueAndStartsAscend(t *testing.T) {
	seen := make(map[string]bool)
	for _, sessions := range []int{1000, 1001} { // another number makes other sessions
		made, _ := all(t, mustNew(t, 1, sessions, 0), 1000)
		if len(made) != sessions {
			t.Fatalf("made %d sessions, want %d", len(made), sessions)
		}
		for i := range made {
			if err := audit.CheckKey(made[i].Key); err != nil {
				t.Error(err)
			}
			if seen[made[i].Key] {
				t.Errorf("key %s comes twice", made[i].Key)
			}
			seen[made[i].Key] = true
			if i > 0 && made[i].Start.Before(made[i-1].Start) {
				t.Errorf("session %d starts before the one before it", i)
			}
		}
		first, last := made[0].Start, made[sessions-1].Start
		if years := last.Sub(first).Hours() / 24 / 365; years < 2.9 || years > 3 || last.After(worldEnd) {
			t.Errorf("sessions start from %s to %s, want the three years before %s", first, last, worldEnd)
		}
	}
}

// TestSessionsFitTheContract holds bodies and parts against the contract.
func TestSessionsFitTheContract(t *testing.T) {
	made, _ := all(t, mustNew(t, 7, 500, 0.2), 100)
	for i := range made {
		s := &made[i]
		check(t, s.Key, "Session", decode(t, body(t, s, store.Links{Trail: s.Trail != nil})))
		for schema, list := range map[string][]byte{
			"Channel": s.Channels, "Alert": s.Alerts, "Event": s.Events, "IndexingJob": s.Indexing,
		} {
			if list == nil {
				continue
			}
			for _, item := range decode(t, list).([]any) {
				check(t, s.Key, schema, item)
			}
		}
	}
}

func check(t *testing.T, key, schema string, value any) {
	t.Helper()
	if err := spec.ValidateDocument(schema, value); err != nil {
		t.Errorf("%s of session %s: %v", schema, key, err)
	}
}

func decode(t testing.TB, raw []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return value
}

// TestSessionsEqualComposedOnes imports what was generated, in the form of
// import lines: the outcome has to be the same, to the byte.
func TestSessionsEqualComposedOnes(t *testing.T) {
	made, _ := all(t, mustNew(t, 3, 250, 0.2), 100)
	for i := range made {
		s := &made[i]
		var want store.Session
		for _, links := range []store.Links{{}, {Trail: true}, {Downloads: true}, {Trail: true, Downloads: true}} {
			l, err := audit.ParseLine(importLine(t, s, links), spec.ValidateDocument)
			if err != nil {
				t.Fatal(err)
			}
			if want, err = l.Document.Compose(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(body(t, &want, links)), string(body(t, s, links))); diff != "" {
				t.Fatalf("body of session %s with %+v (-composed +generated):\n%s", s.Key, links, diff)
			}
		}
		got := *s
		got.Body, want.Body, got.Trail = nil, nil, nil
		for _, list := range []*[]byte{&want.Channels, &want.Alerts, &want.Events, &want.Indexing, &want.Content} {
			if string(*list) == "[]" {
				*list = nil // which a new session stores just the same
			}
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Fatalf("session %s (-composed +generated):\n%s", s.Key, diff)
		}
	}
}

// importLine writes the session as a line for import.
func importLine(t testing.TB, s *store.Session, links store.Links) []byte {
	t.Helper()
	line := map[string]json.RawMessage{"key": []byte(`"` + s.Key + `"`), "body": body(t, s, links)}
	if links.Trail {
		line["trail"] = []byte(`"some.zat"`)
	}
	for name, part := range map[string][]byte{
		"channels": s.Channels, "alerts": s.Alerts, "events": s.Events, "indexing": s.Indexing, "content": s.Content,
	} {
		if part != nil {
			line[name] = part
		}
	}
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestVariety keeps the data realistic: what should be frequent is, what should
// be rare is rare, and everything occurs.
func TestVariety(t *testing.T) {
	const n = 10_000
	counts := make(map[string]int)
	var bodies, lines, words int
	g := mustNew(t, 1, n, DefaultTrailShare(n))
	users, codenames := g.world.users.items, g.world.codenames.items
	frequent, rare := codenames[0], codenames[len(codenames)-1]
	for batch := range g.Batches(t.Context(), 1000) {
		counts["trails"] += len(batch.Trails)
		for i := range batch.Sessions {
			s := &batch.Sessions[i]
			bodies += len(body(t, s, store.Links{}))
			for j := range query.Fields {
				v := s.Values[j]
				switch path := query.Fields[j].Path; path {
				case "protocol", "verdict", "recording.archived", "recording.index_status", "origin", "active", "analytics.scripted":
					counts[fmt.Sprintf("%s:%v", path, v)]++
				case "user.name", "server.name", "vault.account_name", "analytics.score.aggregated", "analytics.interesting_events", "analytics.similar_sessions":
					if v != nil {
						counts[path]++
						counts[fmt.Sprintf("%s:%v", path, v)]++
					}
				}
			}
			if s.Alerts != nil {
				counts["alerts"]++
			}
			if events := bytes.Count(s.Events, []byte(`"action"`)); events > 0 {
				counts["events"]++
				lines += events
				if events < 3 || events > 17 {
					t.Errorf("session %s has %d events", s.Key, events)
				}
			}
			words += len(text(s))
			for _, word := range []string{frequent, rare} {
				if strings.Contains(text(s), word) {
					counts["word:"+word]++
				}
			}
		}
	}
	if mean := bodies / n; mean < 1500 || mean > 1700 {
		t.Errorf("a body has %d bytes on average", mean)
	}
	t.Logf("averages: %d bytes of body, %.1f events where there are any, %d bytes of words", bodies/n, float64(lines)/float64(counts["events"]), words/n)
	for _, want := range []struct {
		what      string
		low, high float64
	}{
		{"protocol:SSH", 0.5, 0.6},
		{"protocol:MSSQL", 0.02, 0.04},
		{"verdict:ACCEPT", 0.88, 0.92},
		{"verdict:DENY", 0.02, 0.04},
		{"verdict:AUTH_FAIL", 0.03, 0.06},
		{"verdict:TERMINATED", 0.01, 0.02},
		{"verdict:FAIL", 0.005, 0.02},
		{"user.name:" + users[0].name, 0.015, 0.04},
		{"origin:LOG", 0.005, 0.02},
		{"origin:RECORDING", 0.98, 0.995},
		{"recording.archived:true", 0.2, 0.5},
		{"recording.index_status:INDEXED", 0.7, 0.85},
		{"analytics.scripted:true", 0.005, 0.1},
		{"analytics.score.aggregated", 0.65, 0.75},
		{"analytics.similar_sessions", 0.005, 0.03},
		{"vault.account_name", 0.02, 0.06},
		{"alerts", 0.01, 0.3},
		{"events", 0.7, 0.85},
		{"trails", 0.005, 0.02},
		{"word:" + frequent, 0.002, 0.01},
		{"word:" + rare, 0, 0.0005},
	} {
		if share := float64(counts[want.what]) / n; share < want.low || share > want.high {
			t.Errorf("%s: a share of %.4f, want %.3f to %.3f", want.what, share, want.low, want.high)
		}
	}
}

func TestLastSessionsAreActive(t *testing.T) {
	const n = 1_000_000
	m := newMaker(mustNew(t, 1, n, 0))
	var active []store.Session
	for i := n - 1000; i < n; i++ {
		if s := m.make(i); m.session.active {
			active = append(active, s)
		}
	}
	if len(active) < 5 || len(active) > 500 {
		t.Fatalf("%d sessions are active, want some", len(active))
	}
	for i := range active {
		if age := worldEnd.Sub(active[i].Start); age < 0 || age > 11*time.Hour {
			t.Errorf("active session %s started %s before the end", active[i].Key, age)
		}
		if !bytes.Contains(body(t, &active[i], store.Links{}), []byte(`"end_time":null`)) {
			t.Errorf("active session %s has ended", active[i].Key)
		}
	}
}

func TestBatchesStopWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	batches := 0
	for range mustNew(t, 1, 1_000_000, 0).Batches(ctx, 10) {
		batches++
		cancel()
	}
	if batches > 1 {
		t.Errorf("%d batches came after the end of the context", batches-1)
	}
}

func TestNewRefuses(t *testing.T) {
	nan := func() float64 { zero := 0.0; return zero / zero }()
	for _, tt := range []struct {
		sessions int
		trails   float64
	}{{-1, 0}, {MaxSessions + 1, 0}, {1, -0.1}, {1, 1.1}, {1, nan}} {
		if _, err := New(1, tt.sessions, tt.trails); err == nil {
			t.Errorf("New(1, %d, %v) succeeded", tt.sessions, tt.trails)
		}
	}
}

func TestSimilarSessionsExist(t *testing.T) {
	const n = 2000
	made, _ := all(t, mustNew(t, 1, n, 0), 100)
	keys := make(map[string]bool, n)
	similar := 0
	for i := range made {
		for j := range query.Fields {
			if list, ok := made[i].Values[j].([]string); ok && query.Fields[j].Path == "analytics.similar_sessions" {
				similar++
				if !keys[list[0]] {
					t.Errorf("session %s is like %s, which is not before it", made[i].Key, list[0])
				}
			}
		}
		keys[made[i].Key] = true
	}
	if similar == 0 {
		t.Error("no session is like another")
	}
}
