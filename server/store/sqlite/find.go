package sqlite

import (
	"slices"
	"strings"
)

// The order in which ids are selected.
const (
	unordered   = ""
	newestFirst = "DESC"
	oldestFirst = "ASC"
)

// selectIDs is SQL for the ids of all matches.
func (p *plan) selectIDs(order string) condition {
	if p.arms == nil {
		c := p.from()
		c.sql = "SELECT s.id AS id " + c.sql
		switch {
		case order == unordered:
		case p.index == byID: // they are gone through in this order
			c.sql += " ORDER BY s.id " + order
		default: // few are found, in no order, which the planner need not avoid
			c.sql += " ORDER BY +s.id " + order
		}
		return c
	}
	var q sqlBuilder
	rest := p.conditions()
	for i, a := range p.arms {
		if i > 0 {
			q.add(" UNION ")
		}
		source := a.source
		if len(rest) > 0 && !a.direct {
			source += " CROSS JOIN sessions s ON s.id = " + a.id
		}
		w := where(slices.Concat([]condition{a.cond}, p.ids(a.id), rest))
		q.add("SELECT "+a.id+" AS id FROM "+source+w.sql, w.args...)
	}
	switch {
	case order == unordered:
	case len(p.arms) == 1:
		q.add(" ORDER BY " + p.arms[0].id + " " + order)
	default: // each is read in this order, so that they are merged and none is read to its end
		q.add(" ORDER BY 1 " + order)
	}
	return condition{q.text.String(), q.args}
}

// from is SQL for all matches as s, from FROM on and without an order.
func (p *plan) from() condition {
	if p.arms != nil {
		ids := p.selectIDs(unordered)
		return condition{"FROM (" + ids.sql + ") m CROSS JOIN sessions s ON s.id = m.id", ids.args}
	}
	column := "s.id"
	if p.fixed && p.index != byID {
		column = "+s.id"
	}
	w := where(slices.Concat(p.by, p.ids(column), p.conditions()))
	return condition{strings.TrimRight("FROM sessions s "+p.index, " ") + w.sql, w.args}
}

// timesOnly is from for what needs nothing but ids and times, if the filter is of
// nothing but times: an index has all of it.
func (p *plan) timesOnly() (condition, bool) {
	if len(p.rest) > 0 || p.arms != nil || p.by != nil || !p.bounded() {
		return condition{}, false
	}
	w := where(p.extra)
	return condition{"FROM sessions s INDEXED BY sessions_time" + w.sql, w.args}, true
}

// walking returns the plan that goes through the sessions in the order of their
// ids, where no arms do.
func (p *plan) walking() *plan {
	if p.arms != nil {
		return p
	}
	w := *p
	w.index, w.fixed = byID, true
	return &w
}

// scanning returns the plan that leaves it to the planner in which order the
// sessions are gone through, where no arms say it.
func (p *plan) scanning() *plan {
	if p.arms != nil {
		return p
	}
	w := *p
	w.index, w.fixed = "", true
	return &w
}
