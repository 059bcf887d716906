package query

import (
	"fmt"
	"strings"
)

// The names that are not in the registry.
const (
	existsName  = "_exists_"
	contentName = "screen.content"
)

// dates is the context in which words of a scope may hold date arithmetic.
func (s scope) dates() context {
	if s.field != nil && s.field.Type == Date {
		return dateMath
	}
	return 0
}

// expected says what the value must be in the scope of a field or of content.
func (s scope) expected() string {
	if s.content {
		return "a word or a phrase"
	}
	return s.field.Type.expected()
}

func (t Type) expected() string {
	switch t {
	case Long:
		return "a whole number"
	case Bool:
		return `"true" or "false"`
	case Date:
		return `a date such as 2017-01-25, or "now"`
	case IP:
		return "an IP address, a range of them, or a network such as 10.0.0.0/8"
	default:
		return "a value"
	}
}

// names reports whether the word names something that a clause in this scope may
// be about.
func (p *parser) names(t *term, s scope) bool {
	if _, ok := kindOf(t.text); ok && s.content {
		return p.peek() == '='
	}
	return !p.contentOnly && (t.text == contentName || t.text == existsName || FieldAt(t.text) != nil)
}

// named reads what follows the name of a field.
func (p *parser) named(name *term, s scope) Expr {
	kind, isKind := kindOf(name.text)
	switch {
	case s.content && isKind:
		s = scope{content: true, kind: kind}
	case p.contentOnly && name.wild > 0 && isWildcard(name.glob[0]):
		p.fail(name.at, noLeadingWildcard)
		return nil
	case p.contentOnly:
		p.fail(name.at, `"command:", "title:" or "screen:", or a backslash before the colon`)
		return nil
	case name.text == contentName:
		s = scope{content: true}
	case name.text == existsName:
		return p.exists()
	default:
		field := FieldAt(name.text)
		if field == nil {
			otherwise := "a search field"
			if s.field != nil {
				otherwise = "a search field, or quotes around a value with a colon"
			}
			p.fail(name.at, unknownField(name.text, otherwise, contentName, existsName))
			return nil
		}
		s = scope{field: field}
	}
	switch {
	case p.accept("="):
		return p.value(s)
	case !p.accept(":"):
		return p.comparison(s)
	}
	p.blanks()
	if c := p.peek(); c == '<' || c == '>' {
		return p.comparison(s)
	}
	return p.value(s)
}

func (p *parser) value(s scope) Expr {
	p.blanks()
	switch p.peek() {
	case '(':
		return p.group(s)
	case '[', '{':
		return p.rangeOf(s)
	}
	return p.leaf(s, p.single(s.expected(), s.dates()))
}

// single reads one term behind a name or an operator.
func (p *parser) single(expected string, dates context) term {
	switch p.peek() {
	case '"':
		return p.phrase()
	case '=', '<', '>':
		p.fail(p.at, expected)
	}
	t := p.word(valueWord | dates)
	p.checkWord(&t, expected)
	return t
}

// exists reads the field or the object of which a session must have something.
func (p *parser) exists() Expr {
	const expected = "a search field"
	if !p.accept(":") && !p.accept("=") {
		p.fail(p.at, `":" and `+expected)
	}
	p.blanks()
	t := p.single(expected, 0)
	if p.err != nil {
		return nil
	}
	if f := FieldAt(t.text); f != nil {
		p.count(t.at, 1)
		return Exists{f}
	}
	var object Or
	for i := range Fields {
		if strings.HasPrefix(Fields[i].Path, t.text+".") {
			object = append(object, Exists{&Fields[i]})
		}
	}
	p.count(t.at, len(object))
	switch len(object) {
	case 0:
		p.fail(t.at, unknownField(t.text, expected))
		return nil
	case 1:
		return object[0]
	}
	return object
}

// unknownField says what was expected instead of a name: the field that the client
// may have meant, or one of the other names, if one is near.
func unknownField(name, otherwise string, others ...string) string {
	name = strings.ToLower(name)
	for edits := range maxEdits + 1 {
		for i := range Fields {
			if WithinEdits(name, Fields[i].Path, edits) {
				return fmt.Sprintf("a search field; did you mean %q?", Fields[i].Path)
			}
		}
		for _, path := range others {
			if WithinEdits(name, path, edits) {
				return fmt.Sprintf("a search field; did you mean %q?", path)
			}
		}
	}
	return otherwise
}

func kindOf(name string) (Kind, bool) {
	switch k := Kind(name); k {
	case Screen, Command, Title:
		return k, true
	}
	return "", false
}
