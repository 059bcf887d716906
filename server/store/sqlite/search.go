package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// state is what the sessions are like at the moment of a search.
type state struct {
	version, endLag int64
	past            int64 // how many rows only snapshots see
}

// search reads one state of the sessions, however many queries it takes.
type search struct {
	store *Store
	dbtx  *sql.Tx
	state state
	view  condition // which rows the search sees; "" for all
	at    *store.Snapshot
}

// search begins one on the given pool; end must be called.
func (s *Store) search(ctx context.Context, pool *sql.DB, at *store.Snapshot) (*search, error) {
	dbtx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, mapError(err)
	}
	r := &search{store: s, dbtx: dbtx, at: at}
	st := &r.state
	err = dbtx.QueryRowContext(ctx, `SELECT version, end_lag, past FROM session_stats`).
		Scan(&st.version, &st.endLag, &st.past)
	if err != nil {
		r.end()
		return nil, mapError(err)
	}
	switch {
	case at != nil:
		r.view = condition{
			"s.version <= ? AND NOT EXISTS (SELECT 1 FROM session_past x WHERE x.id = s.id AND x.version <= ?)",
			[]any{at.Version, at.Version},
		}
	case st.past > 0:
		r.view = condition{isCurrent, nil}
	}
	return r, nil
}

func (r *search) end() { _ = r.dbtx.Rollback() } // it has changed nothing

// plan returns the plan for a filter, from the cache if the same was asked before.
func (r *search) plan(ctx context.Context, f store.Filter) (*plan, error) {
	key := cacheKey(f, r.at)
	if e, ok := r.store.plans.get(r.state.version, key); ok {
		return e, nil
	}
	p, err := r.newPlan(ctx, f)
	if err != nil {
		return nil, err
	}
	r.store.plans.put(r.state.version, key, p)
	return p, nil
}

// count counts the matches of a plan, but no further than limit.
func (r *search) count(ctx context.Context, p *plan, limit int64) (int64, error) {
	if n, ok := p.counted.get(limit); ok {
		return n, nil
	}
	order := unordered
	if len(p.arms) > 1 { // arms in order are merged, which ends at the limit
		order = newestFirst
	}
	// What is bounded in time is dense there, and nothing that an index finds
	// without regard to the time would be.
	way := p
	if p.arms == nil && p.index == "" && p.bounded() && limit <= p.limits.selective {
		way = p.walking()
	}
	ids, ok := way.timesOnly()
	if ok {
		ids.sql = "SELECT s.id " + ids.sql
	} else {
		ids = way.selectIDs(order)
	}
	var n int64
	err := r.dbtx.QueryRowContext(ctx, "SELECT count(*) FROM ("+ids.sql+" LIMIT ?)", append(ids.args, limit)...).Scan(&n)
	if err != nil {
		return 0, mapError(err)
	}
	p.counted.put(limit, n)
	return n, nil
}

// WalkSessions calls fn for each session of the page, in order. It holds one
// of the connections for pages until fn has had the last one: slow readers of
// pages can hold up other pages, and nothing else.
func (s *Store) WalkSessions(ctx context.Context, p store.Page, fn func(key string, body []byte) error) error {
	if p.Limit <= 0 {
		return nil
	}
	if p.Filter.All() && newest(p.Sort) && p.Snapshot == nil && p.After == "" {
		statement := s.newestKeys
		if p.Bodies {
			statement = s.newestBodies
		}
		rows, err := statement.rows(ctx, max(p.Offset, 0), p.Limit)
		if err != nil {
			return mapError(err)
		}
		return walkRows(rows, p.Bodies, fn)
	}
	r, err := s.search(ctx, s.pages, p.Snapshot)
	if err != nil {
		return err
	}
	defer r.end()
	rows, err := r.rows(ctx, p)
	if err != nil {
		return err
	}
	return walkRows(rows, p.Bodies, fn)
}

func walkRows(rows *sql.Rows, bodies bool, fn func(key string, body []byte) error) error {
	defer func() { _ = rows.Close() }()
	var key string
	var body sql.RawBytes // the driver's own copy of the row, not copied again
	dest := []any{&key, &body}
	if !bodies {
		dest = dest[:1]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return mapError(err)
		}
		key, _, _ = strings.Cut(key, pastSeparator)
		if err := fn(key, body); err != nil {
			return err
		}
	}
	return mapError(rows.Err())
}

// pastSeparator parts the key of a session that only snapshots see from what makes
// it another one in the table.
const pastSeparator = "\x1f"

// SessionMatches reports whether the expression selects the session of that key.
func (s *Store) SessionMatches(ctx context.Context, key string, e query.Expr) (bool, error) {
	r, err := s.search(ctx, s.reader, nil)
	if err != nil {
		return false, err
	}
	defer r.end()
	c := compiler{probe: true}
	if c.text, err = resolve(ctx, r.dbtx, e); err != nil {
		return false, err
	}
	w := where([]condition{{"s.key = ?", []any{key}}, c.compile(e)})
	var found bool
	err = r.dbtx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sessions s"+w.sql+")", w.args...).Scan(&found)
	return found, mapError(err)
}

// CountSessions counts the matches, but no further than limit.
func (s *Store) CountSessions(ctx context.Context, f store.Filter, limit int) (int, error) {
	limit = max(limit, 0)
	if f.All() {
		var n int
		err := s.total.row(ctx, nil, &n)
		return min(n, limit), err
	}
	r, err := s.search(ctx, s.reader, nil)
	if err != nil {
		return 0, err
	}
	defer r.end()
	p, err := r.plan(ctx, f)
	if err != nil {
		return 0, err
	}
	n, err := r.count(ctx, p, int64(limit))
	return int(n), err
}
