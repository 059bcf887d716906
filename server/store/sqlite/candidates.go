package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
)

// candidate is a way of finding the matches by one of the conjuncts.
type candidate struct {
	conjunct int // index in rest; -1 for the bounds of the ids
	arms     []arm
	text     bool // some of the arms are of the full-text index
	index    string
	by       condition
}

// choose counts what each candidate leaves over and takes the best.
func (p *plan) choose(ctx context.Context, dbtx *sql.Tx) error {
	var best *candidate
	candidates, err := p.candidates(ctx, dbtx)
	if err != nil {
		return err
	}
	for i := range candidates {
		c := &candidates[i]
		n, err := p.size(ctx, dbtx, c)
		if err != nil {
			return err
		}
		// Of what is dense, arms can be followed, which are in order of start; best
		// those of the full-text index, of which single look-ups are dear.
		if n < p.estimate || n == p.limits.selective && c.arms != nil && (best == nil || c.text) {
			best, p.estimate = c, n
		}
	}
	if best == nil {
		return nil
	}
	p.arms, p.index, p.fixed = best.arms, best.index, true
	if best.by.sql != "" {
		p.by = []condition{best.by}
	}
	if best.conjunct >= 0 {
		p.rest = slices.Delete(slices.Clone(p.rest), best.conjunct, best.conjunct+1)
	}
	return nil
}

// byID stands for the table of the sessions, in order of their ids.
const byID = "NOT INDEXED"

func (p *plan) candidates(ctx context.Context, dbtx *sql.Tx) ([]candidate, error) {
	var all []candidate
	if p.bounded() {
		all = append(all, candidate{conjunct: -1, index: byID})
	}
	for i, e := range p.rest {
		e, err := p.enumerate(ctx, dbtx, e)
		if err != nil {
			return nil, err
		}
		p.rest[i] = e
		if arms, ok := p.armsOf(e); ok {
			all = append(all, candidate{conjunct: i, arms: arms, text: slices.ContainsFunc(arms, arm.isText)})
		} else if index, ok := p.indexFor(e); ok {
			all = append(all, candidate{conjunct: i, index: index, by: p.compile(e)})
		}
	}
	return all, nil
}

// indexFor names the index that finds an expression's sessions, if there is one.
// "" is the index of another table, which the condition looks up by itself.
func (p *plan) indexFor(e query.Expr) (string, bool) {
	f := fieldOf(e)
	if f == nil {
		return "", isProximity(e)
	}
	if f.List || f.InVault() {
		return "", true
	}
	switch e := e.(type) {
	case query.Equal:
		index := otherIndexes[f.Path] // those of indexes have arms
		return "INDEXED BY " + index, index != ""
	case query.Range:
		index := indexes[f.Path]
		if index == "" && f.Path == "end_time" {
			index = otherIndexes[f.Path]
		}
		return "INDEXED BY " + index, index != ""
	case query.Pattern:
		prefix, _ := e.Glob.Prefix()
		index := indexes[f.Path]
		return "INDEXED BY " + index, index != "" && prefix != ""
	default:
		return "", false
	}
}

const textSource = "session_text t"

func (a arm) isText() bool { return a.source == textSource }

// maxArms is how many indexes are read side by side.
const maxArms = 32

// armsOf returns the sets of sessions that an expression is the union of.
func (p *plan) armsOf(e query.Expr) ([]arm, bool) {
	if match, ok := p.text.match(e); ok {
		return []arm{{source: textSource, id: "t.rowid", cond: condition{"t.session_text MATCH ?", []any{match}}}}, true
	}
	switch e := e.(type) {
	case query.Equal:
		return equalArm(e)
	case query.Or:
		var all []arm
		for _, member := range e {
			arms, ok := p.armsOf(member)
			if !ok || len(all)+len(arms) > maxArms {
				return nil, false
			}
			all = append(all, arms...)
		}
		return all, true
	default:
		return nil, false
	}
}

func equalArm(e query.Equal) ([]arm, bool) {
	if e.Field.List {
		return []arm{{source: "session_lists l", id: "l.id", cond: condition{
			"l.field = ? AND l.value = ?", []any{listNumber(e.Field), e.Value},
		}}}, true
	}
	index := indexes[e.Field.Path]
	if index == "" {
		return nil, false
	}
	return []arm{{source: "sessions s INDEXED BY " + index, id: "s.id", direct: true, cond: condition{
		"s." + e.Field.Column() + " = ?", []any{bound(e.Value)},
	}}}, true
}

// size counts the sessions that a candidate leaves over, but no further than
// limits.selective.
func (p *plan) size(ctx context.Context, dbtx *sql.Tx, c *candidate) (int64, error) {
	var total int64
	count := func(from string, conditions []condition) error {
		w := where(conditions)
		var n int64
		err := dbtx.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d)`,
			from, w.sql, p.limits.selective-total), w.args...).Scan(&n)
		total += n
		return mapError(err)
	}
	switch {
	case c.arms != nil:
		for _, a := range c.arms {
			if err := count(a.source, append(p.ids(a.id), a.cond)); err != nil {
				return 0, err
			}
		}
		return total, nil
	case c.conjunct < 0:
		// The bounds may be those of other conditions: any index will do that has
		// the ids, and this one is small.
		return total, count("sessions s "+byID, p.ids("s.id"))
	default:
		// The time does not count here: the index is read without regard to it.
		return total, count(strings.TrimRight("sessions s "+c.index, " "), []condition{c.by})
	}
}

// conditions are those on s that whatever finds the sessions leaves open.
func (p *plan) conditions() []condition {
	all := slices.Clone(p.extra)
	for _, e := range p.rest {
		all = append(all, p.compile(e))
	}
	return all
}
