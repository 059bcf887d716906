package blackbox

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/gen/api"
)

// sdk returns the Go client of a user, with every exchange checked against the
// contract.
func (d *daemon) sdk(user, password string) *client.Client {
	d.t.Helper()
	sps, err := client.New(d.URL, client.WithPassword(user, password), client.WithHTTPClient(&http.Client{Transport: d.transport()}))
	if err != nil {
		d.t.Fatal(err)
	}
	return sps
}

// The guide's pages again, through the SDK.
func TestGuideThroughTheSDK(t *testing.T) {
	for _, appliance := range []string{"6.0", "8.0"} {
		t.Run(appliance, func(t *testing.T) {
			d := start(t, "", "--demo", "--appliance", appliance)
			sps := d.sdk("admin", adminPassword)
			t.Run("VNC options", func(t *testing.T) { sdkOptions(t, sps, appliance) })
			t.Run("sessions", func(t *testing.T) { sdkSessions(t, sps) })
			t.Run("trails", func(t *testing.T) { sdkTrails(t, sps) })
			if err := sps.Logout(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func sdkOptions(t *testing.T, sps *client.Client, appliance string) {
	ctx := t.Context()
	change, check := remoteTimestamps, hasRemoteTimestamps
	if appliance == "8.0" {
		change, check = cleanUpAfter30Days, cleansUpAfter30Days
	}
	err := sps.Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
		options, err := tx.VNCOptions(ctx)
		if err != nil {
			return err
		}
		change(t, options)
		if err := tx.SetVNCOptions(ctx, *options); err != nil {
			return err
		}
		changes, err := tx.Changes(ctx)
		if len(changes) < 2 {
			t.Errorf("changes are %v", changes)
		}
		return err
	}, client.WithCommitMessage("as on the page"))
	if err != nil {
		t.Fatal(err)
	}
	options, err := sps.VNCOptions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !check(options) {
		t.Errorf("the options are %+v", options)
	}

	// What fails in between leaves no trace.
	failure := errors.New("on second thought")
	err = sps.Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
		options.Service.LogLevel = new(9)
		if err := tx.SetVNCOptions(ctx, *options); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("the transaction failed with %v", err)
	}
	if options, err := sps.VNCOptions(ctx); err != nil || *options.Service.LogLevel != 4 {
		t.Errorf("after a rollback: %+v, %v", options, err)
	}
	policies, err := sps.VNCChannelPolicies(ctx)
	if err != nil || len(policies) == 0 {
		t.Errorf("channel policies: %v, %v", policies, err)
	}
}

func remoteTimestamps(t *testing.T, options *api.ProtocolOptions) {
	t.Helper()
	options.Audit.Cleanup = api.Cleanup{Enabled: true, ChannelDatabaseCleanupDays: new(10)}
	oid := api.TimestampingOid{Enabled: true, PolicyOid: new("1.2.3")}
	remote := api.TimestampingRemote{Oid: oid, ServerURL: "<url-of-timestamping-server>", SigningInterval: 30}
	if err := options.Audit.Timestamping.FromTimestampingRemote(remote); err != nil {
		t.Error(err)
	}
}

func hasRemoteTimestamps(options *api.ProtocolOptions) bool {
	remote, err := options.Audit.Timestamping.AsTimestampingRemote()
	return err == nil && remote.ServerURL == "<url-of-timestamping-server>"
}

func cleanUpAfter30Days(_ *testing.T, options *api.ProtocolOptions) {
	options.ChannelDatabaseCleanup = &api.ChannelDatabaseCleanup{Enabled: true, Days: new(30)}
}

func cleansUpAfter30Days(options *api.ProtocolOptions) bool {
	cleanup := options.ChannelDatabaseCleanup
	return cleanup != nil && cleanup.Days != nil && *cleanup.Days == 30
}

func sdkSessions(t *testing.T, sps *client.Client) {
	ctx := t.Context()
	page, err := sps.ListSessions(ctx, client.SessionQuery{Limit: 10})
	if err != nil || len(page.Sessions) != 10 || page.MatchCount != 39 {
		t.Fatalf("page %+v, %v", page, err)
	}
	seen := map[string]bool{}
	for session, err := range sps.Sessions(ctx, client.SessionQuery{Limit: 7, Fields: []string{"user", "protocol"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[session.Key] || session.Protocol == "" {
			t.Errorf("session %+v", session)
		}
		seen[session.Key] = true
	}
	if len(seen) != 39 {
		t.Errorf("%d sessions", len(seen))
	}
	session, err := sps.Session(ctx, sample)
	if err != nil || session.User.Name != "myname" || session.User.ServerUsernames[0] != "myserver" || !session.HasTrail() {
		t.Fatalf("session %+v, %v", session, err)
	}
	channels, err := client.Collect(sps.Channels(ctx, "1"))
	if err != nil || len(channels) != 7 || channels[4].Connected.Port != 22 {
		t.Errorf("channels %+v, %v", channels, err)
	}
	if events, err := client.Collect(sps.Events(ctx, sample)); err != nil || len(events) == 0 {
		t.Errorf("events %+v, %v", events, err)
	}
	if alerts, err := client.Collect(sps.Alerts(ctx, sample)); err != nil || len(alerts) == 0 {
		t.Errorf("alerts %+v, %v", alerts, err)
	}
	if jobs, err := client.Collect(sps.IndexingJobs(ctx, sample)); err != nil || len(jobs) == 0 {
		t.Errorf("indexing jobs %+v, %v", jobs, err)
	}
	if _, err := sps.Session(ctx, "nothing"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a session that is not there: %v", err)
	}
	if _, err := sps.ListSessions(ctx, client.SessionQuery{Sort: []string{"nothing"}}); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("a field that is not there: %v", err)
	}
}

func sdkTrails(t *testing.T, sps *client.Client) {
	ctx := t.Context()
	var file bytes.Buffer
	n, info, err := sps.DownloadTrail(ctx, sample, &file, client.TrailOptions{})
	if err != nil || n == 0 || n != int64(file.Len()) || info.Name != sample+".zat" || info.Size != n {
		t.Errorf("downloaded %d bytes, %+v, %v", n, info, err)
	}
	downloads, err := client.Collect(sps.TrailDownloads(ctx, sample))
	if err != nil || len(downloads) != 1 || downloads[0].Username != "admin" {
		t.Errorf("downloads %+v, %v", downloads, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	first := writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	if _, err := sps.FollowTrail(ctx, "svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29", first); !errors.Is(err, context.Canceled) {
		t.Errorf("following ended with %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
