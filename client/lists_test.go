package client_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// list serves one of the contract's examples as a list of session 1, and gives what
// the client makes of it and the items as they were served.
func list[T any](t *testing.T, name, path string, read func(*client.Client) iter.Seq2[T, error]) ([]T, []json.RawMessage) {
	t.Helper()
	document, raw := example[struct{ Items []json.RawMessage }](t, name)
	f := newFake(t)
	f.on("GET /api/audit/sessions/1/"+path, string(raw))
	items, err := client.Collect(read(f.client(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != len(document.Items) {
		t.Fatalf("%d items, the example has %d", len(items), len(document.Items))
	}
	for i, item := range items {
		written, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, document.Items[i], written)
	}
	return items, document.Items
}

func TestChannels(t *testing.T) {
	channels, _ := list(t, "Channels", "channels", func(c *client.Client) iter.Seq2[client.Channel, error] { return c.Channels(t.Context(), "1") })
	for i, ch := range channels {
		if ch.Key != fmt.Sprint(i+1) || ch.EndTime == nil || ch.EndTime.Sub(ch.StartTime) != ch.Duration || ch.Verdict != client.ChannelAccept {
			t.Errorf("channel %d is %+v", i, ch)
		}
	}
}

// Every type has its particulars, and nothing of another's.
func TestChannelTypes(t *testing.T) {
	start, end := time.Unix(1451902145, 0).UTC(), time.Unix(1451902146, 0).UTC()
	for _, tt := range []struct {
		particulars string
		want        client.Channel
	}{
		{`"type":"session shell","verdict":"accept"`, client.Channel{Type: "session shell", Verdict: client.ChannelAccept}},
		{`"type":"x11 forward","verdict":"deny"`, client.Channel{Type: "x11 forward", Verdict: client.ChannelDeny}},
		{`"type":"session exec","command":"ls"`, client.Channel{Type: "session exec", Command: "ls"}},
		{`"type":"session exec scp","scp_path":"/tmp"`, client.Channel{Type: "session exec scp", SCPPath: "/tmp"}},
		{`"type":"session subsystem sftp","subsystem_name":"sftp"`, client.Channel{Type: "session subsystem sftp", SubsystemName: "sftp"}},
		{
			`"type":"local forward","originator.address":"::1","originator.port":59578,"connected.address":"localhost","connected.port":22`,
			client.Channel{Type: "local forward", Originator: client.Endpoint{Address: "::1", Port: 59578}, Connected: client.Endpoint{Address: "localhost", Port: 22}},
		},
		{`"type":"dynamic virtual","dynamic_channel":"a::b"`, client.Channel{Type: "dynamic virtual", DynamicChannel: "a::b"}},
		{`"type":"disk redirect","device_name":"J:"`, client.Channel{Type: "disk redirect", DeviceName: "J:"}},
	} {
		document := `{"key":"5","meta":{"href":"/x"},"body":{` + tt.particulars + `,"start_time":1451902145,"end_time":1451902146,"duration":1}}`
		var got client.Channel
		if err := json.Unmarshal([]byte(document), &got); err != nil {
			t.Fatal(err)
		}
		want := tt.want
		want.Key, want.StartTime, want.EndTime, want.Duration, want.Raw = "5", start, &end, time.Second, json.RawMessage(document)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
}

func TestChannelThatIsOpen(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/audit/sessions/1/channels/7", `{"key":"7","body":{"type":"hologram","start_time":1451902145,"end_time":null,"duration":3,"colour":"blue"},"meta":{}}`)
	ch, err := f.client(t).Channel(t.Context(), "1", "7")
	if err != nil || ch.Key != "7" || ch.EndTime != nil || ch.Type != "hologram" || ch.Duration != 3*time.Second {
		t.Errorf("got %+v, %v", ch, err)
	}
}

func TestEvents(t *testing.T) {
	events, raw := list(t, "Events", "events", func(c *client.Client) iter.Seq2[client.Event, error] { return c.Events(t.Context(), "1") })
	var first struct{ Time string }
	if err := json.Unmarshal(raw[0], &first); err != nil {
		t.Fatal(err)
	}
	if e := events[0]; e.Type != client.EventCommand || e.ChannelID != "0" || e.RecordID != 46 || e.Time.Format("2006-01-02T15:04:05.000") != first.Time[:23] {
		t.Errorf("the event is %+v", e)
	}
}

func TestAlerts(t *testing.T) {
	alerts, _ := list(t, "Alerts", "alerts", func(c *client.Client) iter.Seq2[client.Alert, error] { return c.Alerts(t.Context(), "1") })
	if a := alerts[0]; a.Type != client.AlertCommand || a.MatchedAction == "" || a.RuleName == "" || a.Time.IsZero() {
		t.Errorf("the alert is %+v", a)
	}
}

func TestIndexingJobs(t *testing.T) {
	jobs, _ := list(t, "Indexing", "indexing", func(c *client.Client) iter.Seq2[client.IndexingJob, error] { return c.IndexingJobs(t.Context(), "1") })
	j := jobs[0]
	if j.Status != client.IndexingCompleted || j.StartTime.Year() < 2018 || j.Duration <= 0 || j.WorkerVersion == "" || j.ADPVersion == "" || !j.Config.Screen.Enabled {
		t.Errorf("the job is %+v", j)
	}
}

func TestIndexingJobThatHasNotBegun(t *testing.T) {
	var j client.IndexingJob
	if err := json.Unmarshal([]byte(`{"status":"QUEUED","statistics":{},"config":{},"version":{}}`), &j); err != nil || !j.StartTime.IsZero() {
		t.Errorf("it began at %v; %v", j.StartTime, err)
	}
}

func TestTrailDownloads(t *testing.T) {
	downloads, _ := list(t, "TrailDownloads", "trail_downloads", func(c *client.Client) iter.Seq2[client.TrailDownload, error] {
		return c.TrailDownloads(t.Context(), "1")
	})
	if d := downloads[0]; d.Username != "admin" || d.IPAddress == "" || d.Time.IsZero() || d.FromAPI {
		t.Errorf("the download is %+v", d)
	}
}

func TestListOfManyPages(t *testing.T) {
	f := newFake(t)
	f.serveList("/api/audit/sessions/1/events", 10, func(i int) string {
		return fmt.Sprintf(`{"record_id":%d,"time":"2017-04-25T13:26:39.144356","type":"command","channels_id":"0"}`, i)
	})
	events, err := client.Collect(f.client(t).Events(t.Context(), "1"))
	if err != nil || len(events) != 10 || events[9].RecordID != 9 {
		t.Errorf("got %v, %v", events, err)
	}
}

func TestUserInfo(t *testing.T) {
	for document, want := range map[string]client.UserInfo{
		`{"user":{"name":"admin"},"endpoints":[{"url":"/api","methods":["GET"]}],"meta":{}}`: {
			Name: "admin", Endpoints: []client.PermittedEndpoint{{URL: "/api", Methods: []string{"GET"}}},
		},
		`{"body":{"user":{"name":"admin"},"login_method":{"name":"local","authentication":"local","credential":"password"}},"meta":{}}`: {
			Name: "admin", LoginMethod: "local", Authentication: client.BackendLocal, Credential: client.CredentialPassword,
		},
	} {
		f := newFake(t)
		f.on("GET /api/user_info", document)
		got, err := f.client(t).UserInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
}
