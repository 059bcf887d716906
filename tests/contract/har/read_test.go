package har

import (
	"errors"
	"io"
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
	long := &counting{Reader: io.MultiReader(strings.NewReader(head), strings.NewReader(strings.Repeat(one+",", 100)+one), strings.NewReader(tail))}
	if err := read(long, limit, func(int, *entry) error { n++; return nil }); err != nil || n != 101 || long.n < 50*limit {
		t.Errorf("%d entries of %d bytes, %v", n, long.n, err)
	}
	huge := &counting{Reader: io.MultiReader(strings.NewReader(`{"log":{"entries":[{"a":"`), endless{})}
	err := read(huge, limit, func(int, *entry) error { return nil })
	if !errors.Is(err, errTooLarge) || !strings.Contains(err.Error(), "at log.entries[0]") {
		t.Errorf("error is %v", err)
	}
	if huge.n > 3*limit {
		t.Errorf("%d bytes were read", huge.n)
	}
}

type counting struct {
	io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
