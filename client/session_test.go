package client_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// example decodes the value of one of the contract's examples, which are the guide's
// own samples.
func example[T any](t *testing.T, name string) (value T, raw json.RawMessage) {
	t.Helper()
	raw = contract(t, "components", "examples", name, "value")
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value, raw
}

func TestSessionOfTheGuide(t *testing.T) {
	got, raw := example[client.Session](t, "Session")
	zone := time.FixedZone("", 5*60*60)
	end := time.Date(2018, 9, 15, 14, 22, 0, 0, zone)
	want := client.Session{
		Key:          "rUhhQZ3jYsY1NDWYp9DEpq",
		StartTime:    time.Date(2018, 9, 15, 15, 53, 0, 0, zone),
		EndTime:      &end,
		CreationTime: time.Date(2018, 11, 14, 12, 26, 59, 244e6, time.UTC),
		Duration:     57 * time.Second,
		Protocol:     client.ProtocolSSH,
		Verdict:      client.VerdictAccept,
		Origin:       client.OriginRecording,
		User:         client.SessionUser{ID: "myid", Name: "myname", ServerUsernames: []string{"myserver"}},
		Client:       client.Peer{IP: "10.20.30.40", Name: "10.20.30.40", Port: 59125},
		Server:       client.Server{Peer: client.Peer{IP: "10.20.30.40", Name: "10.20.30.40", Port: 22}},
		NodeID:       "6fed7872-065e-41d2-9cfa-ba75e8cad901",
		Revision:     15,
		Recording: client.Recording{
			SessionID: "svc/rUhhQZ3jYsY1NDWYp9DEpq/abcde:29", Verdict: client.VerdictAccepted,
			AuthMethod: "password", ChannelPolicy: "shell-only",
			ConnectionPolicy: "myconnectionpolicy", ConnectionPolicyID: "15682863055beac3c8d23bf",
			ContentReferenceID: 30, HasAcceptedChannel: true, IndexStatus: client.IndexDone,
			ServerLocal: client.Peer{IP: "10.20.30.40", Name: "10.20.30.40", Port: 55386},
			Target:      client.Peer{IP: "10.20.30.40", Name: "10.20.30.40", Port: 221},
			AuditTrail: &client.AuditTrail{
				Download: client.Link{Href: "/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/audit_trail"},
			},
		},
		Analytics: &client.Analytics{
			InterestingEvents: []string{}, SimilarSessions: []string{}, Tags: []string{}, ScriptedResults: json.RawMessage(`{}`),
		},
		Raw: got.Raw,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the session (-want +got):\n%s", diff)
	}
	if !got.HasTrail() {
		t.Error("it has no trail")
	}
	sameJSON(t, raw, got.Raw)
}

// sameJSON compares documents, whatever their order and spacing.
func sameJSON(t *testing.T, want, got []byte) {
	t.Helper()
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("the documents differ (-want +got):\n%s", diff)
	}
}

func decodeSession(t *testing.T, document string) client.Session {
	t.Helper()
	var s client.Session
	if err := json.Unmarshal([]byte(document), &s); err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return s
}

func TestSessionTimes(t *testing.T) {
	want := time.Date(2018, 10, 11, 9, 23, 38, 0, time.UTC)
	for _, text := range []string{
		`"2018-10-11T09:23:38Z"`, `"2018-10-11T11:23:38.000+02:00"`, `"2018-10-11T09:23:38.0000000Z"`, `"2018-10-11T09:23:38"`,
		`"2018-10-11T09:23:38.000"`, `"2018-10-11T11:23:38+0200"`, `1539249818`,
	} {
		s := decodeSession(t, `{"key":"1","body":{"start_time":`+text+`,"end_time":`+text+`}}`)
		if !s.StartTime.Equal(want) || s.EndTime == nil || !s.EndTime.Equal(want) {
			t.Errorf("%s: %v, %v", text, s.StartTime, s.EndTime)
		}
	}
	if s := decodeSession(t, `{"key":"1","body":{"start_time":"2018-10-11T09:23Z","end_time":null,"active":true}}`); s.EndTime != nil || s.StartTime.IsZero() {
		t.Errorf("an ongoing session: %v, %v", s.StartTime, s.EndTime)
	}
	if s := decodeSession(t, `{"key":"1","body":{"start_time":"","end_time":""}}`); !s.StartTime.IsZero() || s.EndTime != nil {
		t.Errorf("empty times: %v, %v", s.StartTime, s.EndTime)
	}
	for _, text := range []string{`"yesterday"`, `true`, `1.5`, `{}`} {
		var s client.Session
		if err := json.Unmarshal([]byte(`{"key":"1","body":{"start_time":`+text+`}}`), &s); err == nil {
			t.Errorf("%s is taken for %v", text, s.StartTime)
		}
	}
}

// What is unknown is data, and what is missing is zero.
func TestSessionOfTheFuture(t *testing.T) {
	const document = `{"key":"1","body":{"protocol":"QUIC","verdict":"MAYBE","origin":"AI","brand_new":{"n":12345678901234567890},
		"recording":{"index_status":"SOON","novelty":1},"analytics":{"score":{"aggregated":3,"details":{"command":{"score":7},"smell":{"score":9},"mouse":{}}}},
		"duration":99999999999999999,"user":{"server_username":["yoda","luke"]},"client":null,"vault":{"created":{"timestamp":"2022-12-12T12:26:59Z","user":{"user_name":"jane"}}}}}`
	s := decodeSession(t, document)
	if s.Protocol != "QUIC" || s.Verdict != "MAYBE" || s.Origin != "AI" || s.Recording.IndexStatus != "SOON" {
		t.Errorf("unknown values are lost: %+v", s)
	}
	if diff := cmp.Diff([]string{"yoda", "luke"}, s.User.ServerUsernames); diff != "" {
		t.Errorf("server user names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(client.Scores{"command": 7, "smell": 9}, s.Analytics.Score.Details); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if s.Vault.Created.User.UserName != "jane" || s.Vault.Approved != nil {
		t.Errorf("the access request is %+v", s.Vault)
	}
	if s.Duration <= 0 {
		t.Errorf("the duration is %v", s.Duration)
	}
	if s.HasTrail() || s.Log != nil || !s.StartTime.IsZero() {
		t.Errorf("something comes of nothing: %+v", s)
	}
	written, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, []byte(document), written)
	if again := decodeSession(t, string(written)); !cmp.Equal(s.Recording, again.Recording) || again.Key != "1" {
		t.Errorf("read again it is %+v", again)
	}
}

func TestSessionWithoutProperties(t *testing.T) {
	for _, document := range []string{`{"key":"1","meta":{"href":"/api/audit/sessions/1"}}`, `{"key":"1","body":null}`} {
		s := decodeSession(t, document)
		if diff := cmp.Diff(client.Session{Key: "1", Raw: json.RawMessage(document)}, s); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
	if written, err := json.Marshal(client.Session{Key: "1"}); err != nil || string(written) != `null` {
		t.Errorf("a session that no server sent is written as %s, %v", written, err)
	}
}

// An item must not inherit from the one before it.
func TestSessionIsReadAnew(t *testing.T) {
	s := decodeSession(t, `{"key":"1","body":{"active":true,"user":{"name":"jane"}}}`)
	if err := json.Unmarshal([]byte(`{"key":"2","body":{}}`), &s); err != nil {
		t.Fatal(err)
	}
	if s.Active || s.User.Name != "" || s.Key != "2" {
		t.Errorf("got %+v", s)
	}
}

func TestSessionHasTrail(t *testing.T) {
	for body, want := range map[string]bool{
		`{}`: false,
		`{"recording":{"audit_trail":null},"trail_download_link":""}`:                             false,
		`{"recording":{"audit_trail":{"download":{"href":"/api/audit/sessions/1/audit_trail"}}}}`: true,
		`{"trail_download_link":"/index.php?x"}`:                                                  true,
	} {
		s := decodeSession(t, `{"key":"1","body":`+body+`}`)
		if got := s.HasTrail(); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}

// One odd value must not cost the page that it is on.
func TestSessionWithOddValues(t *testing.T) {
	s := decodeSession(t, `{"key":"1","body":{
		"analytics":{"similar_sessions":[{"key":"2"},"3",4,null],"tags":{"a":1},"interesting_events":null,"score":{"aggregated":3,"time":"2018-10-11T09:23:38"}},
		"vault":{"approved":{"comment":"yes","timestamp":1539249818},"available":"2018-10-11T09:23:38","expired":""},
		"log":{"adapter_name":"a","syslog_time":"2018-10-11T11:23:38+0200"},
		"recording":{"archive":{"date":"2018-10-11T09:23Z","policy":"p"},"audit_trail":{"archive":{"date":""}}}}}`)
	want := time.Date(2018, 10, 11, 9, 23, 38, 0, time.UTC)
	for name, got := range map[string]*time.Time{
		"score": s.Analytics.Score.Time, "approved": s.Vault.Approved.Timestamp, "available": s.Vault.Available, "syslog": s.Log.SyslogTime,
	} {
		if got == nil || !got.Equal(want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if d := s.Recording.Archive.Date; d == nil || !d.Equal(want.Truncate(time.Minute)) {
		t.Errorf("archived: %v", d)
	}
	if s.Vault.Expired != nil || s.Vault.CheckedIn != nil || s.Recording.AuditTrail.Archive.Date != nil {
		t.Error("a time comes of nothing")
	}
	if diff := cmp.Diff([]string{"3"}, s.Analytics.SimilarSessions); diff != "" {
		t.Errorf("similar sessions (-want +got):\n%s", diff)
	}
	if s.Analytics.Tags != nil || s.Analytics.Score.Aggregated != 3 || s.Vault.Approved.Comment != "yes" || s.Log.AdapterName != "a" || s.Recording.Archive.Policy != "p" {
		t.Errorf("what is beside them is lost: %+v", s)
	}
}
