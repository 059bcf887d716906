package audit

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/store"
)

// withParts is the guide's session with the guide's channels and more.
func withParts(t *testing.T) *Document {
	t.Helper()
	l, err := ParseLine([]byte(`{"key":"k","body":`+guideSession+`,
		"channels":[{"type":"session shell","verdict":"accept"},{"verdict":"deny","type":"local forward","originator.port":59578}],
		"alerts":[{"time":"2017-04-25T13:26:39.144356","rule_name":"R"}],
		"events":[{"action":"ls"},{"action":"a, [b]"},{"action":"}"}],
		"indexing":[{"status":"COMPLETED","statistics":{"start_time":1542116524143}}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &l.Document
}

func TestParts(t *testing.T) {
	s, st := newService(t)
	put(t, st, withParts(t))
	tests := []struct {
		name   string
		got    func(Window) (Part, error)
		window Window
		items  []string
		count  int
	}{
		{
			"channels",
			func(w Window) (Part, error) { return s.Channels(t.Context(), "k", w) },
			Window{500, 0},
			[]string{
				`{"key":"1","meta":{"href":"/api/audit/sessions/k/channels/1"},"body":{"type":"session shell","verdict":"accept"}}`,
				`{"key":"2","meta":{"href":"/api/audit/sessions/k/channels/2"},"body":{"originator.port":59578,"type":"local forward","verdict":"deny"}}`,
			},
			2,
		},
		{
			"second channel",
			func(w Window) (Part, error) { return s.Channels(t.Context(), "k", w) },
			Window{1, 1},
			[]string{`{"key":"2","meta":{"href":"/api/audit/sessions/k/channels/2"},"body":{"originator.port":59578,"type":"local forward","verdict":"deny"}}`},
			2,
		},
		{
			"alerts",
			func(w Window) (Part, error) { return s.Alerts(t.Context(), "k", w) },
			Window{500, 0},
			[]string{`{"rule_name":"R","time":"2017-04-25T13:26:39.144356"}`},
			1,
		},
		{
			"events in the middle",
			func(w Window) (Part, error) { return s.Events(t.Context(), "k", w) },
			Window{1, 1},
			[]string{`{"action":"a, [b]"}`},
			3,
		},
		{
			"events behind the end",
			func(w Window) (Part, error) { return s.Events(t.Context(), "k", w) },
			Window{10, 3},
			[]string{},
			3,
		},
		{
			"indexing",
			func(w Window) (Part, error) { return s.Indexing(t.Context(), "k", w) },
			Window{500, 0},
			[]string{`{"statistics":{"start_time":1542116524143},"status":"COMPLETED"}`},
			1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.got(tt.window)
			if err != nil {
				t.Fatal(err)
			}
			texts := make([]string, len(got.Items))
			for i, item := range got.Items {
				texts[i] = string(item)
				if !json.Valid(item) {
					t.Errorf("item %d is malformed: %s", i, item)
				}
			}
			if diff := cmp.Diff(tt.items, texts); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if want := (Paging{tt.window, tt.count}); got.Paging != want {
				t.Errorf("paging %+v, want %+v", got.Paging, want)
			}
		})
	}
}

func TestPartsOfSessionWithout(t *testing.T) {
	s, st := newService(t)
	put(t, st, guideDocument(t, "bare", testNow))
	for name, list := range map[string]func() (Part, error){
		"channels": func() (Part, error) { return s.Channels(t.Context(), "bare", Window{500, 0}) },
		"alerts":   func() (Part, error) { return s.Alerts(t.Context(), "bare", Window{500, 0}) },
		"events":   func() (Part, error) { return s.Events(t.Context(), "bare", Window{500, 0}) },
		"indexing": func() (Part, error) { return s.Indexing(t.Context(), "bare", Window{500, 0}) },
	} {
		got, err := list()
		if err != nil || got.Count != 0 || got.Items == nil || len(got.Items) != 0 {
			t.Errorf("%s: got %+v, %v; want an empty list", name, got, err)
		}
	}
}

func TestChannel(t *testing.T) {
	s, st := newService(t)
	put(t, st, withParts(t))
	got, err := s.Channel(t.Context(), "k", "2")
	if want := `{"originator.port":59578,"type":"local forward","verdict":"deny"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	for _, channel := range []string{"0", "3", "-1", "+1", "01", "1.0", "", "one", "99999999999999999999"} {
		if got, err := s.Channel(t.Context(), "k", channel); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("channel %q: got %s, %v; want ErrNotFound", channel, got, err)
		}
	}
}

func TestNotFound(t *testing.T) {
	s, _ := newService(t)
	w := Window{500, 0}
	for name, get := range map[string]func() error{
		"session":   func() error { _, err := s.Get(t.Context(), "x"); return err },
		"channels":  func() error { _, err := s.Channels(t.Context(), "x", w); return err },
		"channel":   func() error { _, err := s.Channel(t.Context(), "x", "1"); return err },
		"alerts":    func() error { _, err := s.Alerts(t.Context(), "x", w); return err },
		"events":    func() error { _, err := s.Events(t.Context(), "x", w); return err },
		"indexing":  func() error { _, err := s.Indexing(t.Context(), "x", w); return err },
		"downloads": func() error { _, err := s.Downloads(t.Context(), "x", w); return err },
		"trail":     func() error { _, _, err := s.SessionTrail(t.Context(), "x"); return err },
		"download":  func() error { return s.LogDownload(t.Context(), "x", "admin", "10.0.0.1") },
	} {
		if err := get(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
}

func TestElementsOfMalformedList(t *testing.T) {
	for _, list := range []string{``, `{}`, `[`, `[1`, `[1,`, `[1 2]`, `["`, `[{]`, `[,]`, `null`} {
		if err := elements([]byte(list), func([]byte) {}); err == nil {
			t.Errorf("%s is accepted", list)
		}
	}
}
