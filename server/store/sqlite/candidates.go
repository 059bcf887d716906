package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
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
	if len(p.rest) == 0 {
		if p.bounded() {
			p.index, p.fixed = byID, true
		}
		return nil
	}
	leafCount := 0
	for range leaves(query.And(p.rest)) {
		leafCount++
	}
	p.fixed = leafCount > maxFreeLeaves
	best, err := p.best(ctx, dbtx, p.candidates(leafCount), nil)
	if err != nil {
		return err
	}
	if p.estimate == p.limits.selective { // else there is no need to look at all values
		enumerated, err := p.enumerated(ctx, dbtx, leafCount)
		if err != nil {
			return err
		}
		if best, err = p.best(ctx, dbtx, enumerated, best); err != nil {
			return err
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
	if len(p.rest)+len(p.extra) == 0 && len(p.arms) == 1 {
		p.counted.put(p.limits.selective, p.estimate) // there is nothing else to count
	}
	return nil
}

// best returns the best of the candidates and the best so far, and sets the
// estimate to what it leaves over.
func (p *plan) best(ctx context.Context, dbtx *sql.Tx, all []candidate, best *candidate) (*candidate, error) {
	for i := range all {
		c := &all[i]
		n, err := p.size(ctx, dbtx, c)
		if err != nil {
			return nil, err
		}
		// Of what is dense, arms can be followed, which are in order of start; best
		// those of the full-text index, of which single look-ups are dear.
		dense := n == p.limits.selective && c.arms != nil
		if n < p.estimate || dense && (best == nil || c.text) {
			best, p.estimate = c, n
		}
	}
	return best, nil
}

// byID stands for the table of the sessions, in order of their ids.
const byID = "NOT INDEXED"

// candidates are the conjuncts that an index can find the sessions of. Those come
// first that are likely to be the best, because the others are counted no further
// than these.
func (p *plan) candidates(leafCount int) []candidate {
	var all []candidate
	for i, e := range p.rest {
		if c, ok := p.candidate(i, e, leafCount); ok {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.rank() - b.rank() })
	if p.bounded() {
		all = append(all, candidate{conjunct: -1, index: byID})
	}
	return all
}

func (c *candidate) rank() int {
	switch {
	case c.text:
		return 1
	case c.arms != nil:
		return 0
	default:
		return 2
	}
}

// enumerated are the candidates among the patterns, by the values that match them.
func (p *plan) enumerated(ctx context.Context, dbtx *sql.Tx, leafCount int) ([]candidate, error) {
	var all []candidate
	for i, e := range p.rest {
		values, err := enumerate(ctx, dbtx, e)
		if err != nil {
			return nil, err
		}
		if values == nil {
			continue
		}
		if c, ok := p.candidate(i, values, leafCount); ok {
			all = append(all, c)
		}
	}
	return all, nil
}

func (p *plan) candidate(conjunct int, e query.Expr, leafCount int) (candidate, bool) {
	if arms, ok := p.armsOf(e); ok && len(arms)*leafCount <= maxArmLeaves {
		return candidate{conjunct: conjunct, arms: arms, text: slices.ContainsFunc(arms, arm.isText)}, true
	}
	if index, ok := p.indexFor(e); ok {
		driving := p.compiler
		driving.drives = true
		return candidate{conjunct: conjunct, index: index, by: driving.compile(e)}, true
	}
	return candidate{}, false
}

// indexFor names the index that finds an expression's sessions, if there is one.
// "" is the index of another table, which the condition looks up by itself.
func (p *plan) indexFor(e query.Expr) (string, bool) {
	f := fieldOf(e)
	if or, ok := e.(query.Or); ok {
		if _, ok := valuesOfOne(or); ok {
			index := indexes[or[0].(query.Equal).Field.Path]
			return "INDEXED BY " + index, index != ""
		}
	}
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

const (
	// maxArms is how many indexes are read side by side.
	maxArms = 32
	// maxArmLeaves bounds how long the SQL gets because each arm repeats the other
	// conditions.
	maxArmLeaves = 2000
	// maxFreeLeaves is for how many comparisons the planner may look for a way: it
	// takes more than twice as long for twice as many.
	maxFreeLeaves = 32
)

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
		"s." + e.Field.Column() + " = ?", []any{columnForm(e.Value)},
	}}}, true
}

// size counts the sessions that a candidate leaves over, but no further than the
// estimate.
func (p *plan) size(ctx context.Context, dbtx *sql.Tx, c *candidate) (int64, error) {
	var total int64
	count := func(from string, conditions []condition) error {
		w := where(conditions)
		var n int64
		err := dbtx.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d)`,
			from, w.sql, p.estimate-total), w.args...).Scan(&n)
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
		var times []condition
		if p.low != math.MinInt64 {
			times = append(times, condition{"s.start_time >= ?", []any{p.low >> hashBits * 1000}})
		}
		if p.high != math.MaxInt64 {
			times = append(times, condition{"s.start_time < ?", []any{(p.high>>hashBits + 1) * 1000}})
		}
		return total, count("sessions s INDEXED BY sessions_time", times)
	default:
		// The time does not count here: the index is read without regard to it.
		return total, count(strings.TrimRight("sessions s "+c.index, " "), []condition{c.by})
	}
}

// conditions are those on s that whatever finds the sessions leaves open.
func (p *plan) conditions() []condition {
	if len(p.rest) == 0 {
		return p.extra
	}
	rest := make([]condition, len(p.rest))
	for i, e := range p.rest {
		rest[i] = p.compile(e)
	}
	all := slices.Clone(p.extra)
	if !p.fixed {
		return append(all, rest...)
	}
	// Within CASE the planner sees no way to find sessions, and neither leaves the
	// chosen one nor spends time on looking for others.
	c := conjunction(rest)
	return append(all, condition{"CASE WHEN " + c.sql + " THEN TRUE END", c.args})
}
