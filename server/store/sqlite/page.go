package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/store"
)

// newest reports whether the order is by start, the newest first.
func newest(orders []store.Order) bool {
	return len(orders) == 0 || byStart(orders) && orders[0].Descending
}

func byStart(orders []store.Order) bool {
	return len(orders) == 1 && orders[0].Field.Path == "start_time"
}

// page builds the query of the ids of a page, in their order.
func (r *search) page(ctx context.Context, p store.Page) (condition, error) {
	plan, err := r.plan(ctx, p.Filter)
	if err != nil {
		return condition{}, err
	}
	dense := p.Filter.All()
	if !dense && plan.estimate >= plan.limits.selective {
		n, err := r.count(ctx, plan, plan.limits.selective)
		if err != nil {
			return condition{}, err
		}
		dense = n >= plan.limits.selective
	}
	var ids condition
	switch {
	case newest(p.Sort), byStart(p.Sort):
		if dense {
			plan = plan.walking()
		}
		ids, err = r.byID(ctx, plan, p)
	default:
		if dense {
			plan = plan.scanning()
		}
		ids, err = r.sorted(ctx, plan, p)
	}
	if err != nil {
		return condition{}, err
	}
	return condition{ids.sql + " LIMIT ? OFFSET ?", append(ids.args, p.Limit, max(p.Offset, 0))}, nil
}

// rows reads the sessions of a page. Their ids are found first, all of them in one
// step, because that can take long and only the first step of a query can be
// cancelled; and so sorting does not carry the documents along.
func (r *search) rows(ctx context.Context, p store.Page) (*sql.Rows, error) {
	q, err := r.page(ctx, p)
	if err != nil {
		return nil, err
	}
	var ids string
	err = r.dbtx.QueryRowContext(ctx, "SELECT json_group_array(id) FROM ("+q.sql+")", q.args...).Scan(&ids)
	if err != nil {
		return nil, mapError(err)
	}
	columns, table := "d.key", "sessions"
	if p.Bodies {
		columns, table = "d.key, d.body", "session_docs"
	}
	// CROSS JOIN keeps the ids, and with them the order, on the outside.
	rows, err := r.dbtx.QueryContext(ctx, "SELECT "+columns+" FROM json_each(?) j CROSS JOIN "+table+" d ON d.id = j.value", ids)
	return rows, mapError(err)
}

// byID selects a page in order of start, which is that of the ids.
func (r *search) byID(ctx context.Context, plan *plan, p store.Page) (condition, error) {
	order := newestFirst
	if !newest(p.Sort) {
		order = oldestFirst
	}
	if p.After == "" {
		return plan.selectIDs(order), nil
	}
	id, err := r.idOf(ctx, p.After)
	if err != nil {
		return condition{}, err
	}
	behind := *plan
	if order == newestFirst {
		behind.high = min(plan.high, id-1)
	} else {
		behind.low = max(plan.low, id+1)
	}
	return behind.selectIDs(order), nil
}

// idOf returns the id of a session that the search sees.
func (r *search) idOf(ctx context.Context, key string) (int64, error) {
	q := condition{"SELECT s.id FROM sessions s WHERE (s.key = ? OR s.key > ? AND s.key < ?)", []any{
		key, key + pastSeparator, key + string(pastSeparator[0]+1),
	}}
	if r.view.sql != "" {
		q.sql += " AND " + r.view.sql
		q.args = append(q.args, r.view.args...)
	}
	var id int64
	err := r.dbtx.QueryRowContext(ctx, q.sql, q.args...).Scan(&id)
	return id, mapError(err)
}

// sorted selects a page in another order.
func (r *search) sorted(ctx context.Context, plan *plan, p store.Page) (condition, error) {
	columns := make([]string, len(p.Sort))
	vault := false
	for i, o := range p.Sort {
		switch {
		case o.Field.Path == "start_time":
			columns[i] = fmt.Sprintf("(s.id >> %d)", hashBits)
		case o.Field.InVault():
			vault = true
			columns[i] = "v." + o.Field.Column()
		default:
			columns[i] = "s." + o.Field.Column()
		}
	}
	c := plan.from()
	if vault {
		c.sql = joined(c.sql, " LEFT JOIN session_vault v ON v.id = s.id")
	}
	if p.After != "" {
		behind, err := r.behind(ctx, p, columns)
		if err != nil {
			return condition{}, err
		}
		if !vault {
			c.sql = joined(c.sql, " ")
		}
		c = condition{c.sql + " WHERE " + behind.sql, append(c.args, behind.args...)}
	}
	var order strings.Builder
	for i, o := range p.Sort {
		order.WriteString(columns[i] + " " + direction(o) + " NULLS LAST, ")
	}
	return condition{"SELECT s.id AS id " + c.sql + " ORDER BY " + order.String() + "s.id DESC", c.args}, nil
}

func direction(o store.Order) string {
	if o.Descending {
		return "DESC"
	}
	return "ASC"
}

// behind is the condition that a session comes behind the one of p.After.
func (r *search) behind(ctx context.Context, p store.Page, columns []string) (condition, error) {
	id, err := r.idOf(ctx, p.After)
	if err != nil {
		return condition{}, err
	}
	values, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		dest[i] = &values[i]
	}
	err = r.dbtx.QueryRowContext(ctx, "SELECT "+strings.Join(columns, ", ")+`
		FROM sessions s LEFT JOIN session_vault v ON v.id = s.id WHERE s.id = ?`, id).Scan(dest...)
	if err != nil {
		return condition{}, mapError(err)
	}
	var q sqlBuilder
	q.add("(")
	for i, column := range columns {
		if values[i] != nil { // behind what is missing comes only what is missing, too
			sign := ">"
			if p.Sort[i].Descending {
				sign = "<"
			}
			q.add("("+column+" "+sign+" ? OR "+column+" IS NULL) OR ", values[i])
		}
		q.add(column+" IS ? AND (", values[i])
	}
	q.add("s.id < ?"+strings.Repeat(")", len(columns))+")", id)
	return condition{q.text.String(), q.args}, nil
}
