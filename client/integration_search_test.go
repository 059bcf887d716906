package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
	spec "github.com/spskit/spskit/tests/contract"
)

// startSearch starts a stand-in, and a client whose exchanges are held against the contract.
func startSearch(t *testing.T, opts ...servertest.Option) (*servertest.Server, *client.Client) {
	t.Helper()
	s := servertest.Start(t, append(opts, servertest.WithHTTP(), servertest.WithAppliance("8.0"))...)
	return s, newClient(t, s.URL, client.WithPassword(servertest.Username, servertest.Password),
		client.WithHTTPClient(&http.Client{Transport: spec.Transport(t, nil)}))
}

// importSessions stores sessions with the given properties, and with what every session has.
func importSessions(t *testing.T, s *servertest.Server, bodies map[string]map[string]any) {
	t.Helper()
	var lines strings.Builder
	now := s.Clock.Now().UTC().Format(time.RFC3339)
	for key, properties := range bodies {
		body := map[string]any{
			"active": false, "creation_time": now, "start_time": now, "end_time": now, "duration": 0,
			"origin": "RECORDING", "protocol": "SSH", "revision": 1, "verdict": "ACCEPT",
		}
		maps.Copy(body, properties)
		if err := json.NewEncoder(&lines).Encode(map[string]any{"key": key, "body": body}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "sessions.ndjson")
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Import(t, path)
}

func keys(t *testing.T, c *client.Client, q client.SessionQuery) []string {
	t.Helper()
	q.KeysOnly = true
	sessions, err := client.Collect(c.Sessions(t.Context(), q))
	if err != nil {
		t.Fatalf("%v: %v", q.Q, err)
	}
	found := make([]string, 0, len(sessions))
	for _, s := range sessions {
		found = append(found, s.Key)
	}
	slices.Sort(found)
	return found
}

// Whatever a value holds, it is found as itself, and nothing else is.
func TestIntegrationQueryValues(t *testing.T) {
	s, c := startSearch(t)
	names := []string{
		"jane", "jane doe", `"jane"`, `\`, `\"`, `a\"b`, "*", "?", "j*", "AND", "OR", "NOT", "TO", "a AND b", "-x", "+x", "!x", "/x/",
		"(x)", "[a TO b]", "{x}", "x^2", "x~1", "a:b", "user.name:jane", "<5", ">=5", "&&", "||", `) OR (user.name:"jane`, "é\u00a0ß", "=x",
		"*:*", `C:\Windows\`, "now-1d", "tab\there", `DOMAIN\jane`,
	}
	bodies := map[string]map[string]any{"nobody": {"user": map[string]any{"id": "none"}}}
	for i, name := range names {
		bodies[fmt.Sprintf("k%02d", i)] = map[string]any{"user": map[string]any{"name": name}}
	}
	importSessions(t, s, bodies)
	user := client.Text("user.name")
	for i, name := range names {
		want := []string{fmt.Sprintf("k%02d", i)}
		pattern := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(name)
		for _, q := range []client.Query{
			user.Is(name), user.Is(name, "nobody of that name"), user.Like(pattern), user.Between(name, name),
			client.And(client.Raw(user.Is(name).String()), client.Exists("user")), client.Not(client.Not(user.Is(name))),
		} {
			if diff := cmp.Diff(want, keys(t, c, client.SessionQuery{Q: q})); diff != "" {
				t.Errorf("%v (-want +got):\n%s", q, diff)
			}
		}
		for what, q := range map[string]client.Query{"Contains": user.Contains(name), "Prefix": user.Prefix(name), "Fuzzy": user.Fuzzy(name, 1)} {
			var want []string
			for j, other := range names {
				holds := what == "Contains" && strings.Contains(other, name) || what == "Prefix" && strings.HasPrefix(other, name)
				if what == "Fuzzy" {
					holds = other == name // and others, which are not this test's business
				}
				if holds {
					want = append(want, fmt.Sprintf("k%02d", j))
				}
			}
			found := keys(t, c, client.SessionQuery{Q: q})
			if what == "Fuzzy" && slices.Contains(found, want[0]) {
				continue
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("%v (-want +got):\n%s", q, diff)
			}
		}
	}
	if diff := cmp.Diff([]string{"nobody"}, keys(t, c, client.SessionQuery{Q: client.Not(client.Exists("user.name"))})); diff != "" {
		t.Errorf("sessions of nobody (-want +got):\n%s", diff)
	}
}

// Every condition selects the sessions of which it holds.
func TestIntegrationQueryMeaning(t *testing.T) {
	s, c := startSearch(t, servertest.WithDemo())
	s.Seed(t, 400, 1)
	all, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{}))
	if err != nil {
		t.Fatal(err)
	}
	some := all[200]
	began, network := some.StartTime, netip.PrefixFrom(netip.MustParseAddr(some.Server.IP), 24)
	address := func(s client.Session) netip.Addr { a, _ := netip.ParseAddr(s.Server.IP); return a }
	start, duration, server := client.Time("start_time"), client.Number("duration"), client.Address("server.ip")
	long := int64(some.Duration / time.Second)
	isSSH := func(s client.Session) bool { return s.Protocol == client.ProtocolSSH }
	accepted := client.Text("verdict").Is("ACCEPT")
	for _, tt := range []struct {
		query client.Query
		holds func(client.Session) bool
	}{
		{client.Query{}, func(client.Session) bool { return true }},
		{ssh, isSSH},
		{client.Text("protocol").Is("ssh", "nonsense"), isSSH},
		{client.Text("protocol").Is("SSH", "RDP"), func(s client.Session) bool { return isSSH(s) || s.Protocol == client.ProtocolRDP }},
		{client.Text("user.name").Is(some.User.Name), func(s client.Session) bool { return s.User.Name == some.User.Name }},
		{client.Text("user.name").Prefix("j"), func(s client.Session) bool { return strings.HasPrefix(s.User.Name, "j") }},
		{client.Text("user.name").Contains("an"), func(s client.Session) bool { return strings.Contains(s.User.Name, "an") }},
		{client.Text("user.name").Like("?a*.*"), func(s client.Session) bool {
			return len(s.User.Name) > 2 && s.User.Name[1] == 'a' && strings.Contains(s.User.Name[2:], ".")
		}},
		{client.Text("user.name").Between("d", "k"), func(s client.Session) bool { return s.User.Name >= "d" && s.User.Name <= "k" }},
		{duration.Is(long), func(s client.Session) bool { return s.Duration == some.Duration }},
		{duration.Is(long, -1), func(s client.Session) bool { return s.Duration == some.Duration }},
		{duration.AtLeast(long), func(s client.Session) bool { return s.Duration >= some.Duration }},
		{duration.AtMost(long), func(s client.Session) bool { return s.Duration <= some.Duration }},
		{duration.MoreThan(long), func(s client.Session) bool { return s.Duration > some.Duration }},
		{duration.LessThan(long), func(s client.Session) bool { return s.Duration < some.Duration }},
		{duration.Between(60, long), func(s client.Session) bool { return s.Duration >= time.Minute && s.Duration <= some.Duration }},
		{start.Since(began), func(s client.Session) bool { return !s.StartTime.Before(began) }},
		{start.Until(began), func(s client.Session) bool { return !s.StartTime.After(began) }},
		{start.After(began), func(s client.Session) bool { return s.StartTime.After(began) }},
		{start.Before(began), func(s client.Session) bool { return s.StartTime.Before(began) }},
		{start.Since(began.Add(1)), func(s client.Session) bool { return s.StartTime.After(began) }},
		{start.Until(began.Add(-1)), func(s client.Session) bool { return s.StartTime.Before(began) }},
		{start.Before(began.Add(1)), func(s client.Session) bool { return !s.StartTime.After(began) }},
		{start.Between(all[300].StartTime, began), func(s client.Session) bool {
			return !s.StartTime.Before(all[300].StartTime) && s.StartTime.Before(began)
		}},
		{client.Bool("active").Is(true), func(s client.Session) bool { return s.Active }},
		{server.Is(address(some)), func(s client.Session) bool { return s.Server.IP == some.Server.IP }},
		{server.In(network), func(s client.Session) bool { return network.Contains(address(s)) }},
		{server.Between(network.Masked().Addr(), address(some)), func(s client.Session) bool {
			return network.Contains(address(s)) && address(s).Compare(address(some)) <= 0
		}},
		{client.Exists("vault"), func(s client.Session) bool { return s.Vault != nil }},
		{client.Not(ssh), func(s client.Session) bool { return !isSSH(s) }},
		{client.And(ssh, client.Not(accepted)), func(s client.Session) bool { return isSSH(s) && s.Verdict != client.VerdictAccept }},
		{client.Or(ssh, client.Not(accepted)), func(s client.Session) bool { return isSSH(s) || s.Verdict != client.VerdictAccept }},
		{client.And(client.Or(ssh, client.Text("protocol").Is("RDP")), client.Raw("NOT verdict:ACCEPT OR user.name:j*")), func(s client.Session) bool {
			return (isSSH(s) || s.Protocol == client.ProtocolRDP) && (s.Verdict != client.VerdictAccept || strings.HasPrefix(s.User.Name, "j"))
		}},
		{client.Not(client.Or(ssh, accepted)), func(s client.Session) bool { return !isSSH(s) && s.Verdict != client.VerdictAccept }},
	} {
		want := []string{}
		for _, s := range all {
			if tt.holds(s) {
				want = append(want, s.Key)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, keys(t, c, client.SessionQuery{Q: tt.query})); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.query, diff)
		}
		if n, err := c.Count(t.Context(), client.SessionQuery{Q: tt.query}); err != nil || n != int64(len(want)) {
			t.Errorf("%v: counted %d of %d, %v", tt.query, n, len(want), err)
		}
	}
}

func TestIntegrationInLast(t *testing.T) {
	s, c := startSearch(t)
	now := s.Clock.Now().UTC()
	bodies := map[string]map[string]any{}
	for key, ago := range map[string]time.Duration{"minutes": 10 * time.Minute, "hours": 5 * time.Hour, "days": 50 * time.Hour, "future": -time.Hour} {
		bodies[key] = map[string]any{"start_time": now.Add(-ago).Format("2006-01-02T15:04:05.000000Z")}
	}
	importSessions(t, s, bodies)
	for ago, want := range map[time.Duration][]string{
		90 * time.Second: {}, time.Hour: {"minutes"}, 24 * time.Hour: {"hours", "minutes"}, 72 * time.Hour: {"days", "hours", "minutes"},
	} {
		if diff := cmp.Diff(want, keys(t, c, client.SessionQuery{Q: client.Time("start_time").InLast(ago)})); diff != "" {
			t.Errorf("%v (-want +got):\n%s", ago, diff)
		}
	}
}

func TestIntegrationContent(t *testing.T) {
	_, c := startSearch(t, servertest.WithDemo())
	const key = "svc-PkjLjDNJHo0efDZWShCrm9-ssh_production-35"
	for _, tt := range []struct {
		query   client.Query
		found   bool
		records []int64 // of the hits within the session
	}{
		{client.Command.Phrase("sudo shutdown"), true, []int64{455}},
		{client.Command.Phrase("SUDO"), true, []int64{192, 455}},
		{client.Command.Phrase("shutdown sudo"), false, nil},
		{client.Command.Near("shutdown sudo", 1), true, []int64{455}},
		{client.Command.Near("redis sudo", 1), false, nil},
		{client.Command.Near("redis sudo", 2), true, []int64{192}},
		{client.Command.Prefix("shut"), true, []int64{455}},
		{client.Command.Like("sh?t*n"), true, []int64{455}},
		{client.Command.Fuzzy("shutdwon", 1), true, []int64{455}},
		{client.Title.Phrase("sudo"), false, nil},
		{client.And(client.Command.Phrase("redis"), client.Command.Phrase("shutdown")), true, nil},
		{client.And(client.Command.Phrase("sudo"), client.Not(client.Content.Phrase("redis"))), false, []int64{455}},
		{client.Or(client.Command.Phrase("redis"), client.Command.Phrase("shutdown")), true, []int64{45, 192, 455}},
	} {
		for _, q := range []client.SessionQuery{{Q: tt.query}, {Content: tt.query}} {
			if found := slices.Contains(keys(t, c, q), key); found != tt.found {
				t.Errorf("%v, %v: found is %t", q.Q, q.Content, found)
			}
		}
		var records []int64
		for hit, err := range c.SearchContent(t.Context(), key, tt.query) {
			if err != nil {
				t.Fatal(err)
			}
			if hit.Kind != client.Command || hit.Time.IsZero() || len(hit.Matched) == 0 || !strings.Contains(hit.Content, hit.Matched[0]) {
				t.Errorf("%v: the hit is %+v", tt.query, hit)
			}
			if !slices.Contains(records, hit.RecordID) { // the screen may have shown it too
				records = append(records, hit.RecordID)
			}
		}
		if diff := cmp.Diff(tt.records, records); diff != "" {
			t.Errorf("%v: hits (-want +got):\n%s", tt.query, diff)
		}
	}
	if _, err := client.Collect(c.SearchContent(t.Context(), "no-such-session", sudo)); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
}

func TestIntegrationRefusedQueries(t *testing.T) {
	_, c := startSearch(t)
	for expression, position := range map[string]int{"user.name:": 10, "(a": 2, "user.nam:x": 0, "duration:long": 9, "*x": 0} {
		for _, q := range []client.Query{client.Raw(expression)} {
			_, err := c.Count(t.Context(), client.SessionQuery{Q: q})
			var failure *client.Error
			if !errors.Is(err, client.ErrInvalidQuery) || !errors.As(err, &failure) || failure.Detail("parameter") != "q" || failure.Detail("expected") == "" {
				t.Errorf("%s: the error is %v", expression, err)
			} else if p, ok := failure.Position(); !ok || p != position {
				t.Errorf("%s: the position is %d", expression, p)
			}
		}
	}
	if _, err := c.Stats(t.Context(), client.StatsQuery{Field: "no.such"}); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("the error is %v", err)
	}
	if _, err := c.Histogram(t.Context(), client.HistogramQuery{Field: "protocol"}); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("the error is %v", err)
	}
}

func TestIntegrationAggregates(t *testing.T) {
	s, c := startSearch(t)
	s.Seed(t, 300, 1)
	protocols, days := map[string]int64{}, map[string]int64{}
	for session, err := range c.Sessions(t.Context(), client.SessionQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		protocols[string(session.Protocol)]++
		days[session.StartTime.UTC().Format(time.DateOnly)]++
	}
	stats, err := c.Stats(t.Context(), client.StatsQuery{Field: "protocol", SubField: "verdict"})
	if err != nil || stats.MatchCount != 300 || stats.OtherCount != 0 {
		t.Fatalf("got %+v, %v", stats, err)
	}
	counted := map[string]int64{}
	for _, v := range stats.Values {
		counted[v.Value] = v.Count
		var sum int64
		for _, sub := range v.SubValues {
			sum += sub.Count
		}
		if sum != v.Count {
			t.Errorf("%s occurs %d times, and by verdict %d times", v.Value, v.Count, sum)
		}
	}
	if diff := cmp.Diff(protocols, counted); diff != "" {
		t.Errorf("protocols (-want +got):\n%s", diff)
	}
	histogram, err := c.Histogram(t.Context(), client.HistogramQuery{})
	if err != nil || histogram.MatchCount != 300 || histogram.BinSize != client.BinDay || histogram.Field != "start_time" {
		t.Fatalf("got %+v, %v", histogram, err)
	}
	counted = map[string]int64{}
	for i, bin := range histogram.Bins {
		if !bin.End.Equal(bin.Start.AddDate(0, 0, 1)) || i > 0 && !bin.Start.Equal(histogram.Bins[i-1].End) {
			t.Errorf("bin %d is %+v", i, bin)
		}
		if bin.Count > 0 {
			counted[bin.Start.Format(time.DateOnly)] = bin.Count
		}
	}
	if diff := cmp.Diff(days, counted); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

// A snapshot shows each session once, whatever is imported meanwhile, and the next walk
// sees the same until nobody has read for five minutes.
func TestIntegrationSnapshot(t *testing.T) {
	s, connect := start(t, "8.0")
	const n = 1200                        // more than two pages
	bodies := map[string]map[string]any{} // with next to nothing in them, which is quick
	for i := range n {
		bodies[fmt.Sprint("s", i)] = nil
	}
	importSessions(t, s, bodies)
	c := connect()
	walk := func(between func()) int {
		seen := map[string]bool{}
		for session, err := range c.Sessions(t.Context(), client.SessionQuery{Snapshot: true, Fields: []string{"start_time"}}) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[session.Key] {
				t.Fatalf("%s comes twice", session.Key)
			}
			if seen[session.Key] = true; len(seen) == 400 {
				between()
			}
		}
		return len(seen)
	}
	importMore := func() {
		importSessions(t, s, map[string]map[string]any{"new": {"start_time": s.Clock.Now().UTC().Format(time.RFC3339)}})
	}
	if got := walk(importMore); got != n {
		t.Errorf("%d sessions of %d", got, n)
	}
	s.Clock.Advance(4 * time.Minute)
	if got := walk(func() { s.Clock.Advance(4 * time.Minute) }); got != n {
		t.Errorf("then %d sessions", got)
	}
	s.Clock.Advance(6 * time.Minute)
	if got := walk(func() {}); got != n+1 {
		t.Errorf("in a new snapshot %d sessions", got)
	}
	read := 0
	for _, err := range c.Sessions(t.Context(), client.SessionQuery{Snapshot: true, KeysOnly: true}) {
		if read++; read == 100 {
			s.Clock.Advance(6 * time.Minute)
		}
		if err != nil {
			if !errors.Is(err, client.ErrSnapshotExpired) || read != 501 {
				t.Errorf("after %d sessions: %v", read, err)
			}
			return
		}
	}
	t.Errorf("%d sessions of a snapshot that has expired", read)
}
