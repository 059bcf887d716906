package har

import (
	"errors"
	"strings"
	"testing"
)

// TestEntriesAreBounded shows that an entry of more than the limit is refused
// before it is in memory, and that files of any length are read.
func TestEntriesAreBounded(t *testing.T) {
	const limit = 64 << 10
	one := `{"request":{"url":"` + strings.Repeat("a", limit/2) + `"}}`
	head, tail := `{"log":{"_blob":"`+strings.Repeat("b", limit/2)+`","entries":[`, "]}}"
	var n int
	long := strings.NewReader(head + strings.Repeat(one+",", 100) + one + tail)
	if err := read(long, limit, func(int, *entry) error { n++; return nil }); err != nil || n != 101 {
		t.Errorf("%d entries, %v", n, err)
	}
	huge := strings.NewReader(`{"log":{"entries":[{"a":"` + strings.Repeat("x", 10*limit))
	err := read(huge, limit, func(int, *entry) error { return nil })
	if !errors.Is(err, errTooLarge) || !strings.Contains(err.Error(), "at log.entries[0]") {
		t.Errorf("error is %v", err)
	}
	if ahead := int(huge.Size()) - huge.Len(); ahead > 3*limit {
		t.Errorf("%d bytes were read", ahead)
	}
}
