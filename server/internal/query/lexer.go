package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bounds of an expression. They keep what a client sends from costing more
// than it should to read and to run.
const (
	maxBytes     = 8192
	maxNesting   = 32  // of parentheses
	maxClauses   = 512 // comparisons with one field, or with the content
	maxWildcards = 8   // in one pattern
	maxGuesses   = 16  // patterns and similar words that the stored words are searched for
	maxEdits     = 2
	maxSlop      = 100
)

// SyntaxError says what is wrong with an expression, and where.
type SyntaxError struct {
	Position int    // of the first byte that does not fit
	Expected string // at that position
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("expected %s at byte %d", e.Expected, e.Position)
}

// term is a word or a phrase as it was written, and what is attached to it.
type term struct {
	at, end int    // the bytes of the source, quotes included
	quoted  bool   // wildcards mean nothing
	text    string // without quotes and escapes
	glob    Glob   // the pattern, if there are wildcards
	wild    int    // how many
	tilde   int    // where the "~" is, if there is one
	number  int    // behind the "~"; -1 without
}

// anything reports whether the term is a "*" of its own.
func (t *term) anything() bool { return t.glob == "*" && t.number < 0 }

// context says which characters end a word.
type context uint8

const (
	clauseWord  context = 1 << iota // may be the name of a field
	contentWord                     // is about content, and may be a kind of it
	valueWord                       // behind a field
	boundWord                       // in a range
	dateMath                        // with the others: "||" may be a part of a date
)

var ends = func() (t [256]context) {
	for _, c := range []byte(" \t\r\n") {
		t[c] = clauseWord | contentWord | valueWord | boundWord
	}
	for _, c := range []byte(`()[{^"~!`) {
		t[c] = clauseWord | contentWord | valueWord
	}
	for _, c := range []byte("]}") {
		t[c] = clauseWord | contentWord | valueWord | boundWord
	}
	for _, c := range []byte("=<>") {
		t[c] = clauseWord
	}
	t[':'] = clauseWord | contentWord
	return t
}()

// lexer consumes text from left to right. What a character means depends on where
// it is, so that the parser says what it wants to read. After the first error
// the text is at its end.
type lexer struct {
	text string
	at   int
	err  *SyntaxError
}

func (l *lexer) fail(at int, expected string) {
	if l.err == nil {
		l.err = &SyntaxError{Position: at, Expected: expected}
	}
	l.at = len(l.text)
}

// check refuses text that is too long, or that could not be shown to anyone.
func (l *lexer) check() {
	if len(l.text) > maxBytes {
		l.fail(maxBytes, fmt.Sprintf("the end: an expression has at most %d bytes", maxBytes))
	}
	for i := 0; l.err == nil && i < len(l.text); {
		r, size := utf8.DecodeRuneInString(l.text[i:])
		if r == utf8.RuneError && size == 1 {
			l.fail(i, "UTF-8")
		}
		i += size
	}
}

func (l *lexer) done() bool { return l.at >= len(l.text) }

// peek returns the next byte, or 0 at the end. A 0 in the text is a character like
// any other, and none that the parser looks for.
func (l *lexer) peek() byte {
	if l.done() {
		return 0
	}
	return l.text[l.at]
}

func (l *lexer) accept(s string) bool {
	if !strings.HasPrefix(l.text[l.at:], s) {
		return false
	}
	l.at += len(s)
	return true
}

func (l *lexer) blanks() {
	for !l.done() && isBlank(l.text[l.at]) {
		l.at++
	}
}

// keyword accepts an operator that is written in letters.
func (l *lexer) keyword(k string) bool {
	end := l.at + len(k)
	if !strings.HasPrefix(l.text[l.at:], k) || end < len(l.text) && ends[l.text[end]]&clauseWord == 0 {
		return false
	}
	l.at = end
	return true
}

// word reads up to a character that ends it. The word is empty if the next
// character does.
func (l *lexer) word(c context) term {
	t := term{at: l.at, number: -1}
	escaped, star := false, false
	for ; !l.done(); l.at++ {
		b := l.text[l.at]
		if ends[b]&c != 0 || (b == '&' || b == '|') && l.endsAtOperator(c) {
			break
		}
		switch {
		case b == '\\':
			if l.at++; l.done() {
				l.fail(len(l.text), "a character behind the backslash")
				return t
			}
			escaped = true
		case b == '?', b == '*' && !star:
			t.wild++
		}
		star = b == '*'
	}
	t.end = l.at
	raw := l.text[t.at:t.end]
	switch {
	case t.wild > 0:
		t.glob = globOf(raw)
	case escaped:
		t.text = unescape(raw)
	default:
		t.text = raw
	}
	return t
}

// endsAtOperator reports whether the "&" or "|" that is next begins an operator.
func (l *lexer) endsAtOperator(c context) bool {
	rest := l.text[l.at:]
	if c&boundWord != 0 || len(rest) < 2 || rest[1] != rest[0] {
		return false
	}
	return c&dateMath == 0 || rest[0] != '|' || len(rest) == 2 || strings.IndexByte("+-/", rest[2]) < 0
}

// phrase reads what is in quotes, of which the first one is next.
func (l *lexer) phrase() term {
	t := term{at: l.at, quoted: true, number: -1}
	var b strings.Builder
	escaped := false
	l.at++
	for from := l.at; !l.done(); l.at++ {
		switch l.text[l.at] {
		case '\\':
			if next := l.at + 1; next < len(l.text) && (l.text[next] == '"' || l.text[next] == '\\') {
				b.WriteString(l.text[from:l.at])
				escaped, from, l.at = true, next, next
			}
		case '"':
			t.text = l.text[from:l.at]
			if escaped {
				b.WriteString(t.text)
				t.text = b.String()
			}
			l.at++
			t.end = l.at
			return t
		}
	}
	l.fail(len(l.text), "a closing quotation mark")
	return t
}

// source returns where in the text the given byte of a term's value was written.
func (l *lexer) source(t *term, position int) int {
	at := t.at
	if t.quoted {
		at++
	}
	for ; position > 0 && at < t.end; position-- {
		if l.text[at] == '\\' && (!t.quoted || l.text[at+1] == '"' || l.text[at+1] == '\\') {
			at++
		}
		at++
	}
	return min(at, t.end)
}

// unescape drops the backslashes that escape something.
func unescape(raw string) string {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			i++
		}
		b = append(b, raw[i])
	}
	return string(b)
}

// globOf returns the pattern that was written as raw. It escapes only what it
// must, and has no two "*" in a row.
func globOf(raw string) Glob {
	b := make([]byte, 0, len(raw))
	star := false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if star && c == '*' {
			continue
		}
		star = c == '*'
		if c == '\\' {
			i++
			if c = raw[i]; c == '*' || c == '?' || c == '\\' {
				b = append(b, '\\')
			}
		}
		b = append(b, c)
	}
	return Glob(b)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
