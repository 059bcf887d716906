package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/gen/api"
	"github.com/spskit/spskit/server/servertest"
)

// connect makes a client of the appliance that all examples talk to.
func connect() *client.Client {
	sps, err := client.New(appliance().URL,
		client.WithCAFile(appliance().CAFile),
		client.WithPassword(servertest.Username, servertest.Password))
	if err != nil {
		log.Fatal(err)
	}
	return sps
}

func ExampleNew() {
	ctx := context.Background()
	sps, err := client.New(appliance().URL,
		client.WithPassword(servertest.Username, servertest.Password),
		client.WithCAFile(appliance().CAFile),
		client.WithTimeout(10*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	// The first call logs in.
	user, err := sps.UserInfo(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("logged in as", user.Name)
	if err := sps.Logout(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: logged in as admin
}

// A client can go through a proxy, or use whatever transport a program has. The
// program's own client stays as it is.
func ExampleWithHTTPClient() {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil } // ask a configuration here
	sps, err := client.New(appliance().URL,
		client.WithHTTPClient(&http.Client{Transport: transport}),
		client.WithCAFile(appliance().CAFile),
		client.WithPassword(servertest.Username, servertest.Password))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sps.Login(context.Background()))
	// Output: <nil>
}

func ExampleClient_Sessions() {
	sps := connect()
	query := client.SessionQuery{
		Start:  time.Date(2018, 9, 1, 0, 0, 0, 0, time.UTC),
		End:    time.Date(2018, 10, 1, 0, 0, 0, 0, time.UTC),
		Fields: []string{"start_time", "user", "protocol", "server"},
	}
	for session, err := range sps.Sessions(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.StartTime.UTC().Format(time.DateTime), session.Protocol, session.User.Name, "->", session.Server.IP)
	}
	// Output: 2018-09-15 10:53:00 SSH myname -> 10.20.30.40
}

func ExampleClient_ListSessions() {
	sps := connect()
	page, err := sps.ListSessions(context.Background(), client.SessionQuery{
		Sort: []string{"start_time"}, Limit: 2, KeysOnly: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("matches:", page.MatchCount, "on this page:", len(page.Sessions), "more:", page.More)
	// Output: matches: 39 on this page: 2 more: true
}

func ExampleClient_Session() {
	sps := connect()
	session, err := sps.Session(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Protocol, session.Verdict, session.Duration)
	fmt.Println("channel policy:", session.Recording.ChannelPolicy)
	if session.EndTime == nil {
		fmt.Println("still going on")
	}
	// Output:
	// SSH ACCEPT 57s
	// channel policy: shell-only
}

func ExampleCollect() {
	sps := connect()
	channels, err := client.Collect(sps.Channels(context.Background(), "1"))
	if err != nil {
		log.Fatal(err)
	}
	for _, ch := range channels[:3] {
		fmt.Println(ch.Key, ch.Type, ch.Verdict, ch.Duration)
	}
	// Output:
	// 1 session shell accept 2m37s
	// 2 session exec accept 4s
	// 3 session exec scp accept 4s
}

func ExampleClient_Events() {
	sps := connect()
	for event, err := range sps.Events(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event.Time.Format(time.TimeOnly), event.Type, event.Action)
	}
	// Output: 09:21:10 command ls
}

func ExampleClient_DownloadTrail() {
	sps := connect()
	var file bytes.Buffer // usually an *os.File
	n, trail, err := sps.DownloadTrail(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq", &file, client.TrailOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(trail.Name, n == trail.Size, n == int64(file.Len()))
	// Output: rUhhQZ3jYsY1NDWYp9DEpq.zat true true
}

func ExampleClient_Transaction() {
	sps := connect()
	err := sps.Transaction(context.Background(), func(ctx context.Context, tx *client.Tx) error {
		options, err := tx.VNCOptions(ctx)
		if err != nil {
			return err
		}
		options.Service.LogLevel = new(6)
		options.Audit.Cleanup = api.Cleanup{Enabled: true, ChannelDatabaseCleanupDays: new(10)}
		if err := tx.SetVNCOptions(ctx, *options); err != nil {
			return err
		}
		changes, err := tx.Changes(ctx)
		if err != nil {
			return err
		}
		for _, change := range changes {
			fmt.Println(change)
		}
		return nil
	}, client.WithCommitMessage("Keep less and log more"))
	if err != nil {
		log.Fatal(err)
	}
	options, err := sps.VNCOptions(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("now it is", *options.Service.LogLevel)
	// Output:
	// create /api/configuration/vnc/options#audit/cleanup/channel_database_cleanup_days: 10
	// replace /api/configuration/vnc/options#audit/cleanup/enabled: false -> true
	// replace /api/configuration/vnc/options#service/log_level: 4 -> 6
	// now it is 6
}

// Whatever the function returns, an error rolls everything back.
func ExampleClient_Transaction_rollback() {
	sps := connect()
	changedMyMind := errors.New("changed my mind")
	err := sps.Transaction(context.Background(), func(ctx context.Context, tx *client.Tx) error {
		options, err := tx.VNCOptions(ctx)
		if err != nil {
			return err
		}
		options.Service.Enabled = !options.Service.Enabled
		if err := tx.SetVNCOptions(ctx, *options); err != nil {
			return err
		}
		return changedMyMind
	})
	fmt.Println(errors.Is(err, changedMyMind))
	// Output: true
}

// A resource can be read, changed and written without a type for it. Members that
// this package doesn't know stay as they are.
func ExampleTx_Put() {
	sps := connect()
	const path = "/api/configuration/vnc/options"
	err := sps.Transaction(context.Background(), func(ctx context.Context, tx *client.Tx) error {
		var options client.Document[map[string]any]
		if err := tx.Get(ctx, path, &options); err != nil {
			return err
		}
		options.Body["service"].(map[string]any)["enabled"] = true
		return tx.Put(ctx, path, options.Body)
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_Get() {
	sps := connect()
	var list struct {
		Items []client.Document[json.RawMessage]
	}
	if err := sps.Get(context.Background(), "/api/configuration/vnc", &list); err != nil {
		log.Fatal(err)
	}
	for _, item := range list.Items {
		fmt.Println(item.Key)
	}
	// Output:
	// channel_policies
	// options
}

func ExampleError() {
	sps := connect()
	_, err := sps.Session(context.Background(), "no-such-session")

	fmt.Println("not found:", errors.Is(err, client.ErrNotFound))

	var failure *client.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Status, failure.Type, failure.Detail("path"))
	}
	// Output:
	// not found: true
	// 404 NotFound /api/audit/sessions/no-such-session
}
