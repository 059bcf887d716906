package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/query"
)

func TestParseLine(t *testing.T) {
	got, err := ParseLine([]byte(`{"key":"k","body":{"revision":12345678901234567890,"start_time":"2024-01-01"},
		"channels":[{"type":"vnc"}],"alerts":[],"trail":"trails/k.zat",
		"content":[{"channel_id":"0","record_id":46,"time":"2017-04-11T09:21:10.832","kind":"command","text":"ls"}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Line{
		Document: Document{
			Key:      "k",
			Body:     map[string]any{"revision": json.Number("12345678901234567890"), "start_time": "2024-01-01"},
			Channels: []map[string]any{{"type": "vnc"}},
			Alerts:   []map[string]any{},
			Content: []Content{{
				ChannelID: "0", RecordID: 46, Time: time.Date(2017, 4, 11, 9, 21, 10, 832e6, time.UTC), Kind: query.Command, Text: "ls",
			}},
		},
		TrailFile: "trails/k.zat",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseLineErrors(t *testing.T) {
	const body = `"body":{"start_time":"2024-01-01"}`
	tests := []struct{ line, want string }{
		{``, "malformed JSON"},
		{`{"key":`, "malformed JSON at byte 7"},
		{`{} {}`, "malformed JSON at byte 4"},
		{`null`, "expected a JSON object"},
		{`[]`, "found a JSON array"},
		{`{"key":"k"}`, "body is required"},
		{`{"key":"k","body":null}`, "body is required"},
		{`{"key":"k","body":[]}`, "body: found a JSON array"},
		{`{"key":1,` + body + `}`, "key: found a JSON number"},
		{`{"key":"k",` + body + `,"Trail":"x"}`, `unknown member "Trail"`},
		{`{"key":"k",` + body + `,"event":[]}`, `unknown member "event"`},
		{`{"key":"k",` + body + `,"events":{}}`, "events: found a JSON object"},
		{`{"key":"k",` + body + `,"events":["ls"]}`, "events: found a JSON string"},
		{`{"key":"k",` + body + `,"trail":"../x"}`, "trail: "},
		{`{"key":"k",` + body + `,"trail":"/etc/passwd"}`, "trail: "},
		{`{"key":"k",` + body + `,"content":{}}`, "content: found a JSON object"},
		{`{"key":"k",` + body + `,"content":[{"kind":"screen","time":"2024-01-01"},{"kind":"sound"}]}`, "content[1]: kind: "},
		{`{"key":"k",` + body + `,"content":[{"kind":"screen"}]}`, "content[0]: time: "},
		{`{"key":"k",` + body + `,"content":[{"kind":"screen","tim":"2024-01-01"}]}`, `content[0]: json: unknown field "tim"`},
		{`{"key":"k","body":{"x":"` + strings.Repeat("x", maxBodySize) + `"}}`, "body: more than 1048576 bytes"},
	}
	for _, tt := range tests {
		if _, err := ParseLine([]byte(tt.line), nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.80s: got %v, want %q", tt.line, err, tt.want)
		}
	}
}

// Lines are checked as the API will show them, each part against its schema.
func TestParseLineValidates(t *testing.T) {
	const line = `{"key":"k","body":{"start_time":"2024-01-01"},"channels":[{"a":1}],"alerts":[{"b":1},{"b":2}],
		"events":[{"c":1}],"indexing":[{"d":1}],"trail":"x"}`
	var seen []string
	_, err := ParseLine([]byte(line), func(schema string, value any) error {
		text, err := json.Marshal(value)
		seen = append(seen, fmt.Sprintf("%s %s", schema, text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`Session {"alerts":{"href":"/api/audit/sessions/k/alerts"},"channels":{"href":"/api/audit/sessions/k/channels"},` +
			`"events":{"href":"/api/audit/sessions/k/events"},"indexing":{"href":"/api/audit/sessions/k/indexing"},` +
			`"recording":{"audit_trail":{"archive":null,"download":{"href":"/api/audit/sessions/k/audit_trail"}}},"start_time":"2024-01-01"}`,
		`Channel {"a":1}`, `Alert {"b":1}`, `Alert {"b":2}`, `Event {"c":1}`, `IndexingJob {"d":1}`,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	bad := errors.New("bad")
	for schema, place := range map[string]string{
		"Session": "body", "Channel": "channels[0]", "Alert": "alerts[1]", "Event": "events[0]", "IndexingJob": "indexing[0]",
	} {
		_, err := ParseLine([]byte(line), func(s string, value any) error {
			object, _ := value.(map[string]any)
			if s == schema && object["b"] != json.Number("1") {
				return bad
			}
			return nil
		})
		if !errors.Is(err, bad) || !strings.HasPrefix(err.Error(), place+": ") {
			t.Errorf("bad %s: got %v, want an error at %s", schema, err, place)
		}
	}
}

func BenchmarkParseLine(b *testing.B) {
	line := []byte(`{"key":"k","body":` + guideSession + `}`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseLine(line, nil); err != nil {
			b.Fatal(err)
		}
	}
}
