package sqlite

import (
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/store"
)

// where collects conditions that all have to hold.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

func (w *where) clause() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// latestStart is the latest start of a session that ended by a given time. It
// is not that time: some sessions are said to end before they start.
const latestStart = "? + (SELECT end_lag FROM session_stats)"

// filtered returns the conditions of a filter on the sessions s.
func filtered(f store.Filter) *where {
	w := &where{}
	if !f.StartFrom.IsZero() {
		w.add("s.start_time >= ?", toMicros(f.StartFrom))
	}
	if !f.EndTo.IsZero() {
		w.add("s.end_time <= ?", toMicros(f.EndTo))
		w.add("s.start_time <= "+latestStart, toMicros(f.EndTo))
	}
	return w
}

// addIDs bounds the ids, so that a walk through the table begins and ends near
// the first and the last match.
func (w *where) addIDs(f store.Filter) {
	if !f.StartFrom.IsZero() {
		w.add("s.id >= ?", clampMillis(f.StartFrom.UnixMilli())<<hashBits)
	}
	if !f.EndTo.IsZero() {
		w.add(fmt.Sprintf("s.id <= (max(min((%s) / 1000, %d), %d) << %d | %d)",
			latestStart, maxMillis, minMillis, hashBits, hashMask), toMicros(f.EndTo))
	}
}
