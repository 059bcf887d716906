package timeflag_test

import (
	"testing"
	"time"

	"github.com/spskit/spskit/client/internal/cli/timeflag"
)

func TestPoint(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"90s": now.Add(-90 * time.Second), "30m": now.Add(-30 * time.Minute), "2h30m": now.Add(-150 * time.Minute),
		"7d": now.Add(-7 * 24 * time.Hour), "1w2d": now.Add(-9 * 24 * time.Hour), "1.5h": now.Add(-90 * time.Minute),
		"2026-01-02":           time.Date(2026, 1, 2, 0, 0, 0, 0, zone),
		"2026-01-02 15:04":     time.Date(2026, 1, 2, 15, 4, 0, 0, zone),
		"2026-01-02T15:04:05":  time.Date(2026, 1, 2, 15, 4, 5, 0, zone),
		"2026-01-02T15:04:05Z": time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
	} {
		p := timeflag.NewPoint(zone)
		if err := p.Set(text); err != nil || !p.IsSet() || !p.Moment(now).Equal(want) || p.String() != text {
			t.Errorf("%s is %v, want %v; error %v", text, p.Moment(now), want, err)
		}
	}
	for _, text := range []string{"", "d", "7", "7x", "-7d", "0d", "7d ago", "2026-13-01", "99999999999999d", "yesterday"} {
		if err := timeflag.NewPoint(zone).Set(text); err == nil {
			t.Errorf("%q is taken for a time", text)
		}
	}
}
