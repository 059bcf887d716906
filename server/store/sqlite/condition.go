package sqlite

import (
	"net/netip"
	"strings"
	"time"

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
	// drives says that the condition is what finds the sessions. Without it the
	// session is at hand, and other tables are asked about this one.
	drives bool
	// probe looks up one session at a time in the full-text index, which is right
	// for few sessions, rather than everything that matches at once.
	probe bool
	// text holds what the text leaves were resolved to.
	text texts
}

// compile returns the condition that is true for what the expression selects. It
// may be NULL instead of false, which WHERE takes for the same.
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
		c.writeText(q, e, match)
		return
	}
	switch e := e.(type) {
	case query.All:
		q.add("TRUE")
	case query.And:
		c.writeAll(q, c.text.merge(e, true), " AND ")
	case query.Or:
		c.writeAll(q, c.text.merge(e, false), " OR ")
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

// writeAll halves the list again and again: SQLite refuses what is nested deeper
// than 1000, and would nest a list once for each member.
func (c *compiler) writeAll(q *sqlBuilder, all []query.Expr, operator string) {
	if values, ok := valuesOfOne(all); ok && operator == " OR " {
		q.add("s."+all[0].(query.Equal).Field.Column()+" IN (?"+strings.Repeat(", ?", len(all)-1)+")", values...)
		return
	}
	if len(all) == 1 {
		c.write(q, all[0])
		return
	}
	q.add("(")
	c.writeAll(q, all[:len(all)/2], operator)
	q.add(operator)
	c.writeAll(q, all[len(all)/2:], operator)
	q.add(")")
}

// valuesOfOne returns the values that one column of sessions is compared with, if
// that is all that the expressions do.
func valuesOfOne(all []query.Expr) ([]any, bool) {
	first, ok := all[0].(query.Equal)
	if !ok || first.Field.List || first.Field.Fold || first.Field.InVault() {
		return nil, false
	}
	values := make([]any, len(all))
	for i, e := range all {
		equal, ok := e.(query.Equal)
		if !ok || equal.Field != first.Field {
			return nil, false
		}
		values[i] = columnForm(equal.Value)
	}
	return values, true
}

func (c *compiler) writeText(q *sqlBuilder, e query.Expr, match string) {
	if c.probe && isPlain(e) {
		q.add("EXISTS (SELECT 1 FROM session_text t WHERE t.session_text MATCH ? AND t.rowid = s.id)", match)
		return
	}
	q.add("s.id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?)", match)
}

// writeLeaf compares a field, which may lie in another table.
func (c *compiler) writeLeaf(q *sqlBuilder, e query.Expr) {
	f := fieldOf(e)
	switch {
	case f.List:
		c.writeList(q, f, e)
	case f.InVault() && c.drives:
		q.add("s.id IN (SELECT v.id FROM session_vault v WHERE ")
		compare(q, "v."+f.Column(), e)
		q.add(")")
	case f.InVault():
		q.add("EXISTS (SELECT 1 FROM session_vault v WHERE v.id = s.id AND ")
		compare(q, "v."+f.Column(), e)
		q.add(")")
	default:
		compare(q, "s."+f.Column(), e)
	}
}

func (c *compiler) writeList(q *sqlBuilder, f *query.Field, e query.Expr) {
	column := "s." + f.Column()
	switch e := e.(type) {
	case query.Exists:
		if !c.drives {
			q.add(column + " IS NOT NULL")
			return
		}
	case query.Equal:
		if !c.drives {
			q.add("instr("+column+", ?) > 0", listSeparator+e.Value.(string)+listSeparator)
			return
		}
	}
	q.add("s.id IN (SELECT l.id FROM session_lists l WHERE l.field = ?", listNumber(f))
	if _, exists := e.(query.Exists); !exists {
		q.add(" AND ")
		compare(q, "l.value", e)
	}
	q.add(")")
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
		q.add(column+" = ?", columnForm(e.Value))
		if e.Field.Fold {
			q.add(" COLLATE NOCASE")
		}
	case query.Range:
		and := ""
		if e.From != nil {
			q.add(column+" >"+orEqual(e.From)+" ?", columnForm(e.From.Value))
			and = " AND "
		}
		if e.To != nil {
			q.add(and+column+" <"+orEqual(e.To)+" ?", columnForm(e.To.Value))
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

// columnForm returns a value in the form in which its column keeps it.
func columnForm(v any) any {
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
	return prefix // not reached: no byte of UTF-8 is 0xff
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
