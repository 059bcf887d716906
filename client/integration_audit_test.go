package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

func TestIntegrationSessions(t *testing.T) {
	s, connect := start(t, "6.0")
	s.Seed(t, 1200, 1)
	c := connect()
	seen := map[string]bool{}
	last := time.Now().AddDate(10, 0, 0)
	for session, err := range c.Sessions(t.Context(), client.SessionQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[session.Key] || session.StartTime.After(last) {
			t.Fatalf("%s comes twice, or too late", session.Key)
		}
		seen[session.Key], last = true, session.StartTime
	}
	if len(seen) != 1200 {
		t.Errorf("%d sessions", len(seen))
	}
	sorted, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{Sort: []string{"duration"}, Fields: []string{"duration"}, Limit: 100}))
	if err != nil || len(sorted) != 1200 {
		t.Fatalf("%d sessions, %v", len(sorted), err)
	}
	for i := range sorted[1:] {
		if sorted[i].Duration > sorted[i+1].Duration || sorted[i].User.Name != "" {
			t.Fatalf("session %d is %+v", i, sorted[i])
		}
	}
	if _, err := c.ListSessions(t.Context(), client.SessionQuery{Fields: []string{"nonsense"}}); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("the error is %v", err)
	}
}

func TestIntegrationPeriod(t *testing.T) {
	s, connect := start(t, "6.0")
	s.Seed(t, 50, 1)
	c := connect()
	all, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{}))
	if err != nil {
		t.Fatal(err)
	}
	middle := all[25]
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("", -9*3600-1800)} {
		since, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{Start: middle.StartTime.In(zone)}))
		if err != nil || len(since) != 26 || since[25].Key != middle.Key {
			t.Errorf("%d sessions since then, %v", len(since), err)
		}
		since, err = client.Collect(c.Sessions(t.Context(), client.SessionQuery{Start: middle.StartTime.Add(1).In(zone)}))
		if err != nil || len(since) != 25 {
			t.Errorf("%d sessions since just after then, %v", len(since), err)
		}
	}
}

func TestIntegrationFollow(t *testing.T) {
	_, connect := start(t, "6.0", servertest.WithDemo())
	c := connect()
	var active client.Session
	for session, err := range c.Sessions(t.Context(), client.SessionQuery{Fields: []string{"active", "recording"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if session.Active {
			active = session
			break
		}
	}
	if active.Key == "" || !active.HasTrail() {
		t.Fatalf("the demo's active session is %+v", active)
	}
	ctx, cancel := context.WithCancel(t.Context())
	trail, info, err := c.FollowTrail(ctx, active.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	if info.Size != -1 || info.Name != active.Key+".srs" {
		t.Errorf("the trail is %+v", info)
	}
	if n, err := trail.Read(make([]byte, 10)); n == 0 || err != nil {
		t.Errorf("got %d bytes, %v", n, err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, trail); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestIntegrationTrails(t *testing.T) {
	_, connect := start(t, "6.0", servertest.WithDemo())
	c := connect()
	const key = "rUhhQZ3jYsY1NDWYp9DEpq"
	before, err := client.Collect(c.TrailDownloads(t.Context(), key))
	if err != nil {
		t.Fatal(err)
	}
	var zat, srs bytes.Buffer
	if _, _, err := c.DownloadTrail(t.Context(), key, &zat, client.TrailOptions{}); err != nil {
		t.Fatal(err)
	}
	trail, info, err := c.FollowTrail(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	if n, err := srs.ReadFrom(trail); err != nil || n == 0 || n != info.Size {
		t.Errorf("a session that has ended is followed to its end: %d bytes of %d, %v", n, info.Size, err)
	}
	after, err := client.Collect(c.TrailDownloads(t.Context(), key))
	if err != nil || len(after) != len(before)+2 {
		t.Fatalf("%d downloads, before %d; %v", len(after), len(before), err)
	}
	if d := after[len(after)-1]; !d.FromAPI || d.Username != servertest.Username {
		t.Errorf("the download is %+v", d)
	}
	if _, _, err := c.DownloadTrail(t.Context(), key, io.Discard, client.TrailOptions{Format: "mp4"}); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("with a format that is none the error is %v", err)
	}
}

func TestIntegrationEverySession(t *testing.T) {
	_, connect := start(t, "6.0", servertest.WithDemo())
	c := connect()
	for session, err := range c.Sessions(t.Context(), client.SessionQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		single, err := c.Session(t.Context(), session.Key)
		if err != nil {
			t.Fatal(err)
		}
		if single.Verdict != session.Verdict || !single.StartTime.Equal(session.StartTime) || single.User.Name != session.User.Name {
			t.Errorf("%s differs from itself in a list", session.Key)
		}
		if !session.Active {
			_, _, err := c.DownloadTrail(t.Context(), session.Key, io.Discard, client.TrailOptions{})
			if single.HasTrail() != (err == nil) || (err != nil && !errors.Is(err, client.ErrNotFound)) {
				t.Errorf("%s: HasTrail is %t, the download says %v", session.Key, single.HasTrail(), err)
			}
		}
		_, channels := client.Collect(c.Channels(t.Context(), session.Key))
		_, events := client.Collect(c.Events(t.Context(), session.Key))
		_, alerts := client.Collect(c.Alerts(t.Context(), session.Key))
		_, jobs := client.Collect(c.IndexingJobs(t.Context(), session.Key))
		_, downloads := client.Collect(c.TrailDownloads(t.Context(), session.Key))
		if err := errors.Join(channels, events, alerts, jobs, downloads); err != nil {
			t.Errorf("%s: %v", session.Key, err)
		}
	}
	ch, err := c.Channel(t.Context(), "1", "2")
	if err != nil || ch.Command != "ls" {
		t.Errorf("got %+v, %v", ch, err)
	}
	policies, err := client.Collect(c.ChannelPolicies(client.ProtocolVNC).List(t.Context()))
	if err != nil || len(policies) == 0 || policies[0].Name == "" {
		t.Errorf("got %+v, %v", policies, err)
	}
}
