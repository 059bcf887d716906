package sessions

import (
	"math"
	"strings"
	"testing"
)

func TestBar(t *testing.T) {
	full := strings.Repeat("█", barWidth)
	for _, tt := range []struct {
		n, most int64
		want    string
	}{
		{0, 0, blank},
		{0, 10, blank},
		{-1, 10, blank},
		{1, 0, blank},
		{10, 10, full},
		{20, 10, full},
		{1, 1, full},
		{5, 10, full[:len(full)/2]},
		{1, math.MaxInt64, "▏"},
		{math.MaxInt64, math.MaxInt64, full},
		{1, 64, "▌"},
		{3, 64, "█▌"},
		{1, 100, "▎"},
	} {
		if got := bar(tt.n, tt.most); got != tt.want {
			t.Errorf("%d of %d: %q, want %q", tt.n, tt.most, got, tt.want)
		}
	}
}
