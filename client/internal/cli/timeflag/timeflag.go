// Package timeflag reads the times that people write: 7d and 2h ago, a date, a moment.
package timeflag

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Point is a moment, or how long ago something was. It is a pflag.Value.
type Point struct {
	text string
	Ago  time.Duration // 0 if it is a moment
	At   time.Time     // zero if it is an age
}

// NewPoint makes a value whose dates begin at midnight in a zone.
func NewPoint(location *time.Location) *Point { return &Point{At: time.Time{}.In(location)} }

// String is the time as it was given, and empty without one.
func (p *Point) String() string { return p.text }

// Type is the name of the value in help texts.
func (*Point) Type() string { return "time" }

// IsSet tells whether there is a time.
func (p *Point) IsSet() bool { return p.text != "" }

// Moment is the time itself, by a clock that shows now.
func (p *Point) Moment(now time.Time) time.Time {
	if p.Ago > 0 {
		return now.Add(-p.Ago)
	}
	return p.At
}

// Set reads 90s, 30m, 2h, 7d, 2w, 2026-01-02, 2026-01-02 15:04, or RFC 3339.
func (p *Point) Set(text string) error {
	location := p.At.Location()
	if ago, ok := ParseAge(text); ok {
		*p = Point{text, ago, time.Time{}.In(location)}
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", time.DateTime, "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, location); err == nil {
			*p = Point{text, 0, at}
			return nil
		}
	}
	return fmt.Errorf("%q is no time: write 7d, 2h or 30m for so long ago, 2026-01-02, or 2026-01-02T15:04:05Z", text)
}

// ParseAge reads a period such as 7d, 2h30m or 1w.
func ParseAge(text string) (time.Duration, bool) {
	var sum time.Duration
	if d, err := time.ParseDuration(text); err == nil {
		return d, d > 0
	}
	for rest := text; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 || digits == len(rest) {
			return 0, false
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		unit, known := units[rest[digits]]
		if err != nil || !known || n > int64(math.MaxInt64-sum)/int64(unit) {
			return 0, false
		}
		sum += time.Duration(n) * unit
		rest = rest[digits+1:]
	}
	return sum, sum > 0
}

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}
