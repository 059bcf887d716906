package audit

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPaging(t *testing.T) {
	const none = -1
	tests := []struct {
		limit, offset, count int
		last, next, previous int
	}{
		{500, 0, 0, 0, none, none},
		{500, 0, 39, 0, none, none},
		{500, 0, 500, 0, none, none},
		{500, 0, 501, 500, 500, none},
		{25, 0, 10_000, 9975, 25, none},
		{25, 9975, 10_000, 9975, none, 9950},
		{25, 9950, 10_000, 9975, 9975, 9925},
		{500, 10_000, 10_000, 9500, none, 9500},
		{10, 7, 30, 20, 17, 0},
		{10, 900, 30, 20, none, 20},
		{10, 5, 0, 0, none, 0},
		{1, 1, 3, 2, 2, 0},
	}
	for _, tt := range tests {
		p := Paging{Window{tt.limit, tt.offset}, tt.count}
		next, ok := p.Next()
		if !ok {
			next = none
		}
		previous, ok := p.Previous()
		if !ok {
			previous = none
		}
		if p.Last() != tt.last || next != tt.next || previous != tt.previous {
			t.Errorf("%+v: last %d, next %d, previous %d; want %d, %d, %d",
				p, p.Last(), next, previous, tt.last, tt.next, tt.previous)
		}
	}
}

// Following the next links shows each item once, and the last link is the page
// where they end.
func TestPagingWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Paging{
			Window: Window{Limit: rapid.IntRange(1, MaxLimit).Draw(t, "limit")},
			Count:  rapid.IntRange(0, MaxMatches).Draw(t, "count"),
		}
		seen := 0
		for {
			seen += min(p.Limit, p.Count-p.Offset)
			next, ok := p.Next()
			if !ok {
				break
			}
			back := p
			back.Offset = next
			if previous, ok := back.Previous(); !ok || previous != p.Offset {
				t.Fatalf("from %+v to %d, and back to %d", p, next, previous)
			}
			p.Offset = next
		}
		if seen != p.Count || p.Offset != p.Last() {
			t.Fatalf("saw %d items and ended at %d: %+v, last %d", seen, p.Offset, p, p.Last())
		}
	})
}
