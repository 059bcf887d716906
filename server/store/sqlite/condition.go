package sqlite

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spskit/spskit/server/internal/query"
)

// condition is a piece of SQL and its arguments: mostly a boolean expression about
// the session s.
type condition struct {
	sql  string
	args []any
}

// conjunction joins the conditions with AND; "" when there are none.
func conjunction(all []condition) (c condition) {
	for i, each := range all {
		if i > 0 {
			c.sql += " AND "
		}
		c.sql += each.sql
		c.args = append(c.args, each.args...)
	}
	return c
}

// where puts WHERE before the conditions, if there are any.
func where(all []condition) condition {
	c := conjunction(all)
	if c.sql != "" {
		c.sql = " WHERE " + c.sql
	}
	return c
}

// compiler turns expressions into conditions. It never puts a value into the SQL.
type compiler struct {
	// fixed hides the columns from the planner with a "+", so that it does not
	// leave the way that was chosen for it.
	fixed bool
	// probe looks up one session at a time in the full-text index, which is right
	// for few sessions, rather than everything that matches at once.
	probe bool
	// text holds what the text leaves were resolved to.
	text texts
}

// compile returns the condition that is true for what the expression selects. It
// may be NULL instead of false.
func (c *compiler) compile(e query.Expr) condition {
	var q sqlBuilder
	c.write(&q, e)
	return condition{q.text.String(), q.args}
}

type sqlBuilder struct {
	text strings.Builder
	args []any
}

func (q *sqlBuilder) add(sql string, args ...any) {
	q.text.WriteString(sql)
	q.args = append(q.args, args...)
}

func (c *compiler) write(q *sqlBuilder, e query.Expr) {
	if match, ok := c.text.match(e); ok {
		c.writeText(q, match)
		return
	}
	switch e := e.(type) {
	case query.All:
		q.add("TRUE")
	case query.And:
		c.writeAll(q, e, " AND ")
	case query.Or:
		c.writeAll(q, e, " OR ")
	case query.Not:
		// What is not known to hold does not hold: a missing value is no match.
		q.add("(")
		c.write(q, e.Expr)
		q.add(") IS NOT TRUE")
	case query.Words:
		c.writeProximity(q, e)
	default:
		c.writeLeaf(q, e)
	}
}

func (c *compiler) writeAll(q *sqlBuilder, all []query.Expr, operator string) {
	q.add("(")
	for i, e := range all {
		if i > 0 {
			q.add(operator)
		}
		c.write(q, e)
	}
	q.add(")")
}

func (c *compiler) writeText(q *sqlBuilder, match string) {
	if c.probe {
		q.add("EXISTS (SELECT 1 FROM session_text t WHERE t.session_text MATCH ? AND t.rowid = s.id)", match)
		return
	}
	q.add(c.column("s.id")+" IN (SELECT rowid FROM session_text WHERE session_text MATCH ?)", match)
}

func (c *compiler) column(name string) string {
	if c.fixed {
		return "+" + name
	}
	return name
}

// writeLeaf compares a field, which may lie in another table.
func (c *compiler) writeLeaf(q *sqlBuilder, e query.Expr) {
	f := fieldOf(e)
	switch {
	case f.List:
		q.add(c.column("s.id")+" IN (SELECT l.id FROM session_lists l WHERE l.field = ?", listNumber(f))
		if _, exists := e.(query.Exists); !exists {
			q.add(" AND ")
			compare(q, "l.value", e)
		}
		q.add(")")
	case f.InVault():
		q.add(c.column("s.id") + " IN (SELECT v.id FROM session_vault v WHERE ")
		compare(q, "v."+f.Column(), e)
		q.add(")")
	default:
		compare(q, c.column("s."+f.Column()), e)
	}
}

func fieldOf(e query.Expr) *query.Field {
	switch e := e.(type) {
	case query.Equal:
		return e.Field
	case query.Range:
		return e.Field
	case query.Pattern:
		return e.Field
	case query.Similar:
		return e.Field
	case query.Exists:
		return e.Field
	default:
		return nil
	}
}

// compare writes the comparison of one leaf with a column that holds its values.
func compare(q *sqlBuilder, column string, e query.Expr) {
	switch e := e.(type) {
	case query.Equal:
		q.add(column+" = ?", bound(e.Value))
		if e.Field.Fold {
			q.add(" COLLATE NOCASE")
		}
	case query.Range:
		and := ""
		if e.From != nil {
			q.add(column+" >"+orEqual(e.From)+" ?", bound(e.From.Value))
			and = " AND "
		}
		if e.To != nil {
			q.add(and+column+" <"+orEqual(e.To)+" ?", bound(e.To.Value))
		}
	case query.Pattern:
		comparePattern(q, column, e)
	case query.Similar:
		value := e.Value
		if e.Field.Fold {
			column, value = "lower("+column+")", asciiLower(value)
		}
		q.add("within_edits("+column+", ?, ?)", value, e.Edits)
	case query.Exists:
		q.add(column + " IS NOT NULL")
	}
}

func orEqual(b *query.Bound) string {
	if b.Inclusive {
		return "="
	}
	return ""
}

func comparePattern(q *sqlBuilder, column string, e query.Pattern) {
	if e.Field.Fold {
		q.add(column+` LIKE ? ESCAPE '\'`, sqlLike(e.Glob))
		return
	}
	prefix, only := e.Glob.Prefix()
	if prefix != "" {
		q.add(column+" >= ? AND "+column+" < ?", prefix, afterPrefix(prefix))
		if only {
			return
		}
		q.add(" AND ")
	}
	q.add(column+" GLOB ?", sqlGlob(e.Glob))
}

// bound returns a value in the form in which its column keeps it.
func bound(v any) any {
	switch v := v.(type) {
	case time.Time:
		return toMicros(v)
	case netip.Addr:
		b := v.As16()
		return b[:]
	default:
		return v
	}
}

// afterPrefix returns the smallest text that is larger than all that begins with
// the prefix.
func afterPrefix(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return prefix + string(utf8.MaxRune)
}

// sqlGlob writes the pattern for GLOB, and sqlLike for LIKE with a backslash as
// the escape.
func sqlGlob(g query.Glob) string {
	var b strings.Builder
	for r, wildcard := range g.Runes {
		if !wildcard && (r == '*' || r == '?' || r == '[') {
			b.WriteString("[" + string(r) + "]")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func sqlLike(g query.Glob) string {
	var b strings.Builder
	for r, wildcard := range g.Runes {
		switch {
		case wildcard && r == '*':
			r = '%'
		case wildcard:
			r = '_'
		case r == '%' || r == '_' || r == '\\':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// asciiLower is what lower() of SQLite does.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
