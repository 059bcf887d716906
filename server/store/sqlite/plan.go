package sqlite

import (
	"context"
	"math"
	"slices"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// limits say when one way of finding sessions is better than another.
type limits struct {
	// selective is how few sessions an index must leave over to be worth following:
	// that many are looked up and sorted at once. What leaves over more is dense:
	// its newest matches are found soon by going through the sessions from the
	// newest on.
	selective int64
	// probes is how many sessions are looked up in the full-text index one by one.
	// For more it is quicker to gather all that match there.
	probes int64
}

var usualLimits = limits{selective: 10_000, probes: 1000}

// indexes are the indexes on single columns, by the path of the field. Each ends
// in the id, so that the sessions of one value lie in order of start.
var indexes = map[string]string{
	"user.name":                   "sessions_user_name",
	"server.name":                 "sessions_server_name",
	"server.ip":                   "sessions_server_ip",
	"client.ip":                   "sessions_client_ip",
	"recording.connection_policy": "sessions_connection_policy",
}

// otherIndexes are those that find values or ranges of a field, but not in order
// of start.
var otherIndexes = map[string]string{
	"protocol": "sessions_facets",
	"end_time": "sessions_end_time",
}

// plan is how the matches of a filter are found. The planner of SQLite knows
// averages at best; this one looks. newPlan takes the expression apart into
// conjuncts, of which some are candidates: an index finds their sessions. It counts
// what each candidate leaves over, up to limits.selective, and takes the one that
// leaves over least. That one is the way, one of these:
//
//   - arms: sets of sessions that indexes yield in order of start, merged;
//   - index and by: an index that yields the sessions in no such order;
//   - index byID: going through the sessions between two times;
//   - none of them: the planner looks for a way of its own.
//
// The other conjuncts are conditions on what is found. A plan does not change once it
// is made: searches share it.
type plan struct {
	compiler
	limits limits
	endLag int64

	low, high int64 // between which the ids of all matches lie
	arms      []arm
	index     string       // "INDEXED BY" and an index, byID, or "" if by names it all
	by        []condition  // the conjunct that the index is for, if there is one
	fixed     bool         // there is a way, or too much for the planner to look for one
	rest      []query.Expr // the other conjuncts
	extra     []condition  // conditions besides those of the expression

	estimate int64 // how many sessions the way leads to; limits.selective if it may be more
	counted  *counted
}

// arm is a set of sessions that an index yields in order of start.
type arm struct {
	source string    // SQL from FROM on, up to WHERE
	id     string    // column of the id
	cond   condition // which sessions
	direct bool      // the source is the sessions themselves
}

// newPlan finds out how to go about a filter.
func (r *search) newPlan(ctx context.Context, f store.Filter) (*plan, error) {
	p := &plan{
		limits: r.store.limits, endLag: r.state.endLag, low: math.MinInt64, high: math.MaxInt64,
		estimate: r.store.limits.selective, counted: new(counted),
	}
	var err error
	if p.text, err = resolve(ctx, r.dbtx, f.Expr); err != nil {
		return nil, err
	}
	if r.view.sql != "" {
		p.extra = append(p.extra, r.view)
	}
	p.rest = p.text.merge(conjuncts(f.Expr), true)
	p.narrow(f)
	if err := p.choose(ctx, r.dbtx); err != nil {
		return nil, err
	}
	p.probe = p.estimate < p.limits.probes
	return p, nil
}

func conjuncts(e query.Expr) []query.Expr {
	switch e := e.(type) {
	case nil, query.All:
		return nil
	case query.And:
		return slices.Clone(e)
	default:
		return []query.Expr{e}
	}
}

// narrow bounds the ids by what the filter says of the start: newer sessions have
// larger ids.
func (p *plan) narrow(f store.Filter) {
	if !f.StartFrom.IsZero() {
		p.extra = append(p.extra, condition{"s.start_time >= ?", []any{toMicros(f.StartFrom)}})
		p.low = firstID(toMicros(f.StartFrom))
	}
	if !f.EndTo.IsZero() {
		// Some sessions are said to end before they start, but none by more than
		// the end lag.
		end := toMicros(f.EndTo)
		latest := end + min(p.endLag, math.MaxInt64-max(end, 0))
		p.extra = append(p.extra, condition{"s.end_time <= ?", []any{end}}, condition{"s.start_time <= ?", []any{latest}})
		p.high = lastID(latest)
	}
	for _, e := range p.rest {
		r, ok := e.(query.Range)
		if !ok || r.Field.Path != "start_time" {
			continue
		}
		if r.From != nil {
			p.low = max(p.low, firstID(columnForm(r.From.Value).(int64)))
		}
		if r.To != nil {
			p.high = min(p.high, lastID(columnForm(r.To.Value).(int64)))
		}
	}
}

func (p *plan) bounded() bool { return p.low != math.MinInt64 || p.high != math.MaxInt64 }

// ids restricts a column of ids to the bounds.
func (p *plan) ids(column string) []condition {
	var c []condition
	if p.low != math.MinInt64 {
		c = append(c, condition{column + " >= ?", []any{p.low}})
	}
	if p.high != math.MaxInt64 {
		c = append(c, condition{column + " <= ?", []any{p.high}})
	}
	return c
}
