package query

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Format writes down an expression that Parse returned, so that Parse returns it
// again, unless what was parsed was so near to the bounds that this is beyond them:
// dates are written in full, and objects field by field.
func Format(e Expr) string {
	var p printer
	p.expr(e)
	return p.String()
}

// FormatContent does for ParseContent what Format does for Parse.
func FormatContent(e Expr) string {
	if e == (All{}) {
		return ""
	}
	p := printer{contentOnly: true}
	p.expr(e)
	return p.String()
}

type printer struct {
	strings.Builder
	contentOnly bool
}

func (p *printer) expr(e Expr) {
	switch e := e.(type) {
	case Or:
		p.or(e)
	case And:
		for i, member := range e {
			if i > 0 {
				p.WriteString(" AND ")
			}
			p.operand(member)
		}
	case Not:
		p.WriteString("NOT ")
		p.operand(e.Expr)
	case All:
		p.WriteString("*:*")
	case Words, WordPattern, SimilarWord:
		p.content(e)
	default:
		p.field(e)
	}
}

// operand puts parentheses around what binds no tighter than NOT and AND do.
func (p *printer) operand(e Expr) {
	switch e := e.(type) {
	case And:
		p.parenthesised(e)
	case Or:
		if _, n := p.bareTerm(e); n < len(e) {
			p.parenthesised(e)
			return
		}
		p.or(e)
	default:
		p.expr(e)
	}
}

func (p *printer) parenthesised(e Expr) {
	p.WriteByte('(')
	p.expr(e)
	p.WriteByte(')')
}

func (p *printer) or(list Or) {
	for i := 0; i < len(list); {
		if i > 0 {
			p.WriteString(" OR ")
		}
		text, n := p.bareTerm(list[i:])
		if n > 0 {
			p.WriteString(text)
			i += n
			continue
		}
		if and, ok := list[i].(And); ok {
			p.expr(and)
		} else {
			p.operand(list[i])
		}
		i++
	}
}

// bareTerm returns the term without a field that stands for the first n members of
// the list, if there is one.
func (p *printer) bareTerm(list Or) (text string, n int) {
	t := term{number: -1}
	switch first := list[0].(type) {
	case Equal:
		if first.Field != bareFields[0] || first.Value == "" {
			return "", 0
		}
		t.text, _ = first.Value.(string)
		text = quoted(t.text)
	case Pattern:
		if first.Field != bareFields[0] || first.Glob == "" || isWildcard(first.Glob[0]) {
			return "", 0
		}
		t.glob, t.wild = first.Glob, 1
		text = escaped(first.Glob)
	case Similar:
		if first.Field != bareFields[0] {
			return "", 0
		}
		t.text, t.number = first.Value, first.Edits
		text = similar(first.Value, first.Edits)
	default:
		return "", 0
	}
	leaves := bareLeaves(t)
	if len(leaves) > len(list) || !reflect.DeepEqual(leaves, list[:len(leaves)]) {
		return "", 0
	}
	return text, len(leaves)
}

func (p *printer) field(e Expr) {
	switch e := e.(type) {
	case Equal:
		p.WriteString(e.Field.Path + ":" + valueText(e.Value))
	case Pattern:
		p.WriteString(e.Field.Path + ":" + escaped(e.Glob))
	case Similar:
		p.WriteString(e.Field.Path + ":" + similar(e.Value, e.Edits))
	case Exists:
		p.WriteString(existsName + ":" + e.Field.Path)
	case Range:
		p.WriteString(e.Field.Path + ":" + rangeText(e.From, e.To))
	}
}

func (p *printer) content(e Expr) {
	var kind Kind
	var text string
	switch e := e.(type) {
	case Words:
		kind = e.Kind
		switch {
		case e.Prefix:
			text = strings.Join(e.Words, `\ `) + "*"
		case len(e.Words) == 1:
			text = e.Words[0]
		default:
			text = `"` + strings.Join(e.Words, " ") + `"`
			if e.Slop > 0 {
				text += "~" + strconv.Itoa(e.Slop)
			}
		}
	case WordPattern:
		kind, text = e.Kind, string(e.Glob)
	case SimilarWord:
		kind, text = e.Kind, e.Word+"~"+strconv.Itoa(e.Edits)
	}
	if kind != "" {
		text = string(kind) + ":" + text
	}
	switch {
	case p.contentOnly:
		p.WriteString(text)
	case kind != "":
		p.WriteString(contentName + ":(" + text + ")")
	default:
		p.WriteString(contentName + ":" + text)
	}
}

func rangeText(from, to *Bound) string {
	lower, upper := boundText(from, true), boundText(to, false)
	switch {
	case from == nil && to == nil:
		return "[* TO *]"
	case to == nil:
		return strings.NewReplacer("[", ">=", "{", ">").Replace(lower[:1]) + lower[1:]
	case from == nil:
		last := len(upper) - 1
		return strings.NewReplacer("]", "<=", "}", "<").Replace(upper[last:]) + upper[:last]
	}
	return lower + " TO " + upper
}

// boundText returns a bound with its bracket.
func boundText(b *Bound, lower bool) string {
	if b == nil {
		return ""
	}
	text, inclusive := valueText(b.Value), b.Inclusive
	if t, ok := b.Value.(time.Time); ok && t.Equal(afterAll) { // is no date
		text, inclusive = strconv.Itoa(lastYear), !inclusive
	}
	switch {
	case lower && inclusive:
		return "[" + text
	case lower:
		return "{" + text
	case inclusive:
		return text + "]"
	default:
		return text + "}"
	}
}

func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return quoted(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case netip.Addr:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}
