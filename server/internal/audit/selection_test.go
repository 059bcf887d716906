package audit

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
)

// putWords stores a session whose content has very many different words.
func putWords(tb testing.TB) *Service {
	tb.Helper()
	s, st := newService(tb)
	var text strings.Builder
	for i := range 1100 {
		fmt.Fprintf(&text, "w%dx ", i)
	}
	d := guideDocument(tb, "k", time.Time{})
	d.Content = []Content{{ChannelID: "0", Time: testNow, Kind: query.Screen, Text: text.String()}}
	put(tb, st, d)
	return s
}

// A pattern that matches too many words is blamed on the parameter that has it.
func TestTooManyWords(t *testing.T) {
	s := putWords(t)
	for _, tt := range []struct{ q, content, parameter string }{
		{"screen.content:w*x", "", "q"},
		{"NOT (protocol:SSH OR screen.content:w*x)", "sudo", "q"},
		{"protocol:S*H", "w*x", "content"},
		{"", "w*x", "content"},
		{"screen.content:w*x", "w*x", "q"},
	} {
		_, err := s.Count(t.Context(), Criteria{Q: tt.q, Content: tt.content})
		var got *QueryError
		if !errors.As(err, &got) {
			t.Errorf("%+v: got %v, want a *QueryError", tt, err)
			continue
		}
		if got.Parameter != tt.parameter || got.Position != -1 || !strings.Contains(got.Expected, "fewer") {
			t.Errorf("%+v: got %+v", tt, *got)
		}
	}
	if n, err := s.Count(t.Context(), Criteria{Content: "w1?x"}); err != nil || n != 1 {
		t.Errorf("a pattern that matches ten words: %d, %v", n, err)
	}
}
