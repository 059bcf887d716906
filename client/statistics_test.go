package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
	spec "github.com/spskit/spskit/tests/contract"
)

// serveExample serves one of the contract's examples, and gives a client whose
// requests are held against the contract.
func serveExample(t *testing.T, path, name string) (*fake, *client.Client) {
	t.Helper()
	_, document := example[json.RawMessage](t, name)
	f := newFake(t)
	f.on("GET "+path, string(document))
	return f, f.client(t, client.WithHTTPClient(&http.Client{Transport: spec.Transport(t, nil)}))
}

func TestCount(t *testing.T) {
	f, c := serveExample(t, "/api/audit/sessions/_count", "Count")
	n, err := c.Count(t.Context(), client.SessionQuery{
		Start: noon, End: noon.Add(time.Hour), Q: jane, Content: sudo,
		Fields: []string{"user"}, Sort: []string{"start_time"}, Limit: 1, Offset: 20000, Snapshot: true,
	})
	if err != nil || n != 12345 {
		t.Errorf("got %d, %v", n, err)
	}
	want := url.Values{
		"start": {"2018-09-15T12:00:00Z"}, "end": {"2018-09-15T13:00:00Z"}, "q": {`user.name:"jane"`}, "content": {`"sudo"`},
	}
	if diff := cmp.Diff(want, f.last().URL.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestStats(t *testing.T) {
	f, c := serveExample(t, "/api/audit/sessions/stats", "StatisticsBySubField")
	got, err := c.Stats(t.Context(), client.StatsQuery{
		Field: "protocol", SubField: "user.name", Size: 5, Start: noon, End: noon.Add(time.Hour), Q: jane, Content: sudo,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, raw := example[json.RawMessage](t, "StatisticsBySubField")
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, raw, written)
	got.Raw = nil
	want := &client.Stats{
		Values: []client.StatsValue{
			{Value: "RDP", Count: 3, SubValues: []client.StatsValue{{Value: "joe", Count: 2}, {Value: "ann", Count: 1}}},
			{Value: "SSH", Count: 2, SubValues: []client.StatsValue{}},
		},
		MatchCount: 6, MissingCount: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statistics (-want +got):\n%s", diff)
	}
	wantQuery := url.Values{
		"field": {"protocol"}, "sub_fields": {"user.name"}, "size": {"5"},
		"start": {"2018-09-15T12:00:00Z"}, "end": {"2018-09-15T13:00:00Z"}, "q": {`user.name:"jane"`}, "content": {`"sudo"`},
	}
	if diff := cmp.Diff(wantQuery, f.last().URL.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if _, err := c.Stats(t.Context(), client.StatsQuery{Field: "newer.field"}); err != nil || f.last().URL.RawQuery != "field=newer.field" {
		t.Errorf("asked for %s, %v", f.last().URL.RawQuery, err)
	}
}

func TestStatsQueryMistakes(t *testing.T) {
	f := newFake(t)
	for name, q := range map[string]client.StatsQuery{
		"no field":         {},
		"several fields":   {Field: "protocol", SubField: "user.name,client.ip"},
		"too many values":  {Field: "protocol", Size: 1001},
		"a negative count": {Field: "protocol", Size: -1},
	} {
		if s, err := f.client(t).Stats(t.Context(), q); s != nil || err == nil {
			t.Errorf("%s: got %v", name, s)
		}
	}
	if r := f.requests(); r != nil {
		t.Errorf("asked for %v", r)
	}
}

func TestHistogram(t *testing.T) {
	f, c := serveExample(t, "/api/audit/sessions/histogram", "Histogram")
	got, err := c.Histogram(t.Context(), client.HistogramQuery{
		Field: "end_time", BinSize: client.BinHour, Start: noon, End: noon.Add(time.Hour), Q: jane, Content: sudo,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, raw := example[json.RawMessage](t, "Histogram")
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, raw, written)
	got.Raw = nil
	at := func(hour int) time.Time { return time.Date(2018, 2, 12, hour, 0, 0, 0, time.UTC) }
	want := &client.Histogram{
		Bins:    []client.HistogramBin{{at(14), at(15), 3}, {at(15), at(16), 0}, {at(16), at(17), 1}},
		BinSize: client.BinHour, Field: "start_time", MatchCount: 4, TimeZone: "UTC",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("histogram (-want +got):\n%s", diff)
	}
	wantQuery := url.Values{
		"field": {"end_time"}, "bin-size": {"hour"},
		"start": {"2018-09-15T12:00:00Z"}, "end": {"2018-09-15T13:00:00Z"}, "q": {`user.name:"jane"`}, "content": {`"sudo"`},
	}
	if diff := cmp.Diff(wantQuery, f.last().URL.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if _, err := c.Histogram(t.Context(), client.HistogramQuery{}); err != nil || f.last().URL.RawQuery != "" {
		t.Errorf("asked for %s, %v", f.last().URL.RawQuery, err)
	}
}

func TestSearchContent(t *testing.T) {
	f, c := serveExample(t, "/api/audit/sessions/1/content", "ContentHits")
	hits, err := client.Collect(c.SearchContent(t.Context(), "1", client.Command.Phrase("sudo su")))
	if err != nil || len(hits) != 1 {
		t.Fatalf("got %v, %v", hits, err)
	}
	document, _ := example[struct{ Items []json.RawMessage }](t, "ContentHits")
	written, err := json.Marshal(hits[0])
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, document.Items[0], written)
	hits[0].Raw = nil
	want := client.ContentHit{
		Time: time.Date(2017, 4, 11, 9, 21, 10, 832e6, time.UTC), Kind: client.Command, Content: "myuser@examplehost:~$ sudo su",
		Matched: []string{"sudo su"}, ChannelID: "0", RecordID: 46,
	}
	if diff := cmp.Diff(want, hits[0]); diff != "" {
		t.Errorf("hit (-want +got):\n%s", diff)
	}
	if got := f.last().URL.Query().Get("q"); got != `command:"sudo su"` {
		t.Errorf("asked for %s", got)
	}
	if _, err := client.Collect(c.SearchContent(t.Context(), "..", sudo)); err == nil {
		t.Error("it takes a key that leads elsewhere")
	}
}

// An answer of another shape must not pass for an empty one.
func TestForeignAggregates(t *testing.T) {
	for _, document := range []string{`{}`, `{"meta":{}}`, `{"items":null}`, `{"items":{},"count":"many"}`, `[]`} {
		f := newFake(t)
		for _, name := range []string{"_count", "stats", "histogram"} {
			f.on("GET /api/audit/sessions/"+name, document)
		}
		c := f.client(t)
		_, count := c.Count(t.Context(), client.SessionQuery{})
		_, stats := c.Stats(t.Context(), client.StatsQuery{Field: "protocol"})
		_, histogram := c.Histogram(t.Context(), client.HistogramQuery{})
		for _, err := range []error{count, stats, histogram} {
			if !errors.Is(err, client.ErrUnexpectedAnswer) {
				t.Errorf("%s: the error is %v", document, err)
			}
		}
	}
}

func TestAggregatesThatFail(t *testing.T) {
	f := newFake(t)
	for _, name := range []string{"_count", "stats", "histogram"} {
		f.HandleFunc("GET /api/audit/sessions/"+name, func(w http.ResponseWriter, _ *http.Request) { fail(w, 503, "ServiceUnavailable", "{}") })
	}
	c := f.client(t)
	n, count := c.Count(t.Context(), client.SessionQuery{})
	s, stats := c.Stats(t.Context(), client.StatsQuery{Field: "protocol"})
	h, histogram := c.Histogram(t.Context(), client.HistogramQuery{})
	if n != 0 || s != nil || h != nil {
		t.Errorf("got %v, %v, %v", n, s, h)
	}
	for _, err := range []error{count, stats, histogram} {
		if !errors.Is(err, client.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
	}
}
