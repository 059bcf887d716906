package query

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted returns a value as it is written in an expression: in quotes, unless it
// is plain.
func quoted(s string) string {
	plain := s != "" && !isOperator(s)
	for i := 0; i < len(s) && plain; i++ {
		plain = isPlain(rune(s[i]), i)
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// escaped returns a pattern as it is written in an expression.
func escaped(g Glob) string {
	var b strings.Builder
	for r, wildcard := range g.Runes {
		if !wildcard && !isPlain(r, b.Len()) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// similar returns a word with a "~" as it is written in an expression.
func similar(word string, edits int) string {
	text := escaped(Literal(word))
	if isOperator(word) {
		text = `\` + text
	}
	return text + "~" + strconv.Itoa(edits)
}

// isPlain reports whether a character means nothing special, or not behind others.
// Nothing does outside of ASCII.
func isPlain(c rune, i int) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c >= utf8.RuneSelf:
		return true
	case c == '_', c == '.', c == '@':
		return true
	}
	return c == '-' && i > 0
}

// isOperator reports whether the word is none outside of quotes.
func isOperator(s string) bool {
	switch s {
	case "AND", "OR", "NOT", "TO":
		return true
	}
	return false
}
