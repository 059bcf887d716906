package query

import (
	"fmt"
	"strings"
	"time"
)

// Parse reads an expression of the session language. It fills in relative dates
// from now, and checks every field and value; a *SyntaxError says where the
// first thing is that does not fit.
//
// In the result no And is a member of an And, no Or of an Or, and Not is never
// the expression of a Not.
func Parse(q string, now time.Time) (Expr, error) {
	p := parser{lexer: lexer{text: q}, now: now}
	return p.parse(scope{})
}

// ParseContent reads an expression that is all about content. The result is All
// for an empty one, and otherwise made of And, Or, Not, Words, WordPattern and
// SimilarWord. Apart from that it is like Parse.
func ParseContent(q string) (Expr, error) {
	p := parser{lexer: lexer{text: q}, contentOnly: true}
	return p.parse(scope{content: true})
}

// parser is a recursive descent: or, and, unary, clause. It recurses for
// parentheses only.
type parser struct {
	lexer
	now         time.Time
	contentOnly bool
	nesting     int
	clauses     int
	guesses     int
}

// scope says what a clause is about that names no field. The zero scope is all
// the places where bare terms look.
type scope struct {
	field   *Field
	content bool
	kind    Kind // with content
}

func (p *parser) parse(s scope) (Expr, error) {
	p.check()
	p.blanks()
	if p.err == nil && p.done() {
		return All{}, nil
	}
	e := p.or(s)
	if !p.done() {
		p.fail(p.at, "the end: no parenthesis is open")
	}
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

func (p *parser) or(s scope) Expr {
	e := p.and(s)
	if !p.acceptOr() {
		return e
	}
	list := flattenOr(nil, e)
	for more := true; more; more = p.acceptOr() {
		list = flattenOr(list, p.and(s))
	}
	return list
}

func (p *parser) acceptOr() bool { return p.keyword("OR") || p.accept("||") }

// and leaves the text at what ended it: an OR, a parenthesis, or the end.
func (p *parser) and(s scope) Expr {
	e := p.unary(s)
	var list And
	for p.another() {
		if list == nil {
			list = flattenAnd(nil, e)
		}
		list = flattenAnd(list, p.unary(s))
	}
	if list == nil {
		return e
	}
	return list
}

// another reports whether a clause must follow, and takes the AND before it.
func (p *parser) another() bool {
	p.blanks()
	if p.keyword("AND") || p.accept("&&") {
		return true
	}
	before := p.at
	or := p.acceptOr()
	p.at = before
	return !or && !p.done() && p.peek() != ')'
}

func (p *parser) unary(s scope) Expr {
	negative := false
	for {
		p.blanks()
		switch {
		case p.keyword("NOT"), p.accept("!"), p.accept("-"):
			negative = !negative
		case p.accept("+"):
		default:
			e := p.clause(s)
			p.boost()
			if negative {
				return negate(e)
			}
			return e
		}
	}
}

func (p *parser) clause(s scope) Expr {
	at := p.at
	switch c := p.peek(); {
	case c == '(':
		return p.group(s)
	case c == '"':
		return p.leaf(s, p.phrase())
	case (c == '[' || c == '{') && (s.field != nil || s.content):
		return p.rangeOf(s)
	case (c == '<' || c == '>') && s.field != nil:
		return p.comparison(s)
	case !p.contentOnly && p.accept("*:"):
		if p.blanks(); !p.accept("*") {
			p.fail(p.at, `"*", as in "*:*"`)
		}
		p.count(at, 1)
		return All{}
	}
	t := p.word(clauseWord | s.dates())
	if p.err == nil && !p.names(&t, s) {
		switch {
		case s.content && p.peek() != ':':
			p.at = at
			t = p.word(contentWord)
		case s.field != nil && (s.field.Type == Date || s.field.Type == IP): // whose values have colons
			p.at = at
			t = p.word(valueWord | s.dates())
		}
	}
	p.checkWord(&t, "a clause")
	switch p.peek() {
	case ':', '=', '<', '>':
		return p.named(&t, s)
	}
	return p.leaf(s, t)
}

// checkWord refuses what is no term.
func (p *parser) checkWord(t *term, expected string) {
	switch raw := p.text[t.at:max(t.at, t.end)]; {
	case raw == "", raw == "AND", raw == "OR", raw == "NOT":
		p.fail(t.at, expected)
	case raw[0] == '/':
		p.fail(t.at, expected+`: "/" would begin a regular expression, which is not supported; escape it with a backslash`)
	}
}

func (p *parser) group(s scope) Expr {
	if p.nesting++; p.nesting > maxNesting {
		p.fail(p.at, fmt.Sprintf("at most %d levels of parentheses", maxNesting))
		return nil
	}
	p.accept("(")
	e := p.or(s)
	if !p.accept(")") {
		p.fail(p.at, `")"`)
	}
	p.nesting--
	return e
}

// boost skips a weight, which does nothing as matches are not ranked.
func (p *parser) boost() {
	if !p.accept("^") {
		return
	}
	from := p.at
	p.digits()
	whole := p.at > from
	if whole && p.accept(".") {
		from = p.at
		p.digits()
		whole = p.at > from
	}
	if !whole || p.inWord() {
		p.fail(p.at, "a number that is not negative")
	}
}

// similarity reads what a "~" adds to a term.
func (p *parser) similarity(t *term) {
	t.tilde = p.at
	if !p.accept("~") {
		return
	}
	from := p.at
	p.digits()
	t.number = p.numberFrom(from)
	lowest, highest, expected := 1, maxEdits, fmt.Sprintf("a number from 1 to %d", maxEdits)
	switch {
	case t.quoted:
		lowest, highest, expected = 0, maxSlop, fmt.Sprintf("a number from 0 to %d", maxSlop)
	case p.at == from:
		t.number = maxEdits
	}
	if t.number < lowest || t.number > highest || p.inWord() {
		p.fail(from, expected)
	}
}

func (p *parser) digits() {
	for !p.done() && isDigit(p.text[p.at]) {
		p.at++
	}
}

// numberFrom returns the digits up to here as a number, or -1 if there are none or
// more than any number has that is allowed.
func (p *parser) numberFrom(from int) int {
	if p.at == from || p.at-from > len("100") {
		return -1
	}
	n := 0
	for _, c := range []byte(p.text[from:p.at]) {
		n = n*10 + int(c-'0')
	}
	return n
}

// inWord reports whether the next character goes on with what was just read.
func (p *parser) inWord() bool {
	return !p.done() && ends[p.text[p.at]]&clauseWord == 0 &&
		!strings.HasPrefix(p.text[p.at:], "&&") && !strings.HasPrefix(p.text[p.at:], "||")
}

// count takes notice of comparisons.
func (p *parser) count(at, clauses int) {
	if p.clauses += clauses; p.clauses > maxClauses {
		p.fail(at, fmt.Sprintf("at most %d comparisons", maxClauses))
	}
}

// counted takes notice of the comparisons that a term without a field, or one with
// content, came to.
func (p *parser) counted(at int, e Expr) Expr {
	leaves := []Expr{e}
	if or, ok := e.(Or); ok {
		leaves = or
	}
	p.count(at, len(leaves))
	for _, leaf := range leaves {
		switch leaf.(type) {
		case WordPattern, SimilarWord:
			if p.guesses++; p.guesses > maxGuesses {
				p.fail(at, fmt.Sprintf("at most %d patterns and similar words for content", maxGuesses))
			}
		}
	}
	return e
}

func flattenOr(list Or, e Expr) Or {
	if or, ok := e.(Or); ok {
		return append(list, or...)
	}
	return append(list, e)
}

func flattenAnd(list And, e Expr) And {
	if and, ok := e.(And); ok {
		return append(list, and...)
	}
	return append(list, e)
}

func negate(e Expr) Expr {
	if not, ok := e.(Not); ok {
		return not.Expr
	}
	return Not{e}
}
