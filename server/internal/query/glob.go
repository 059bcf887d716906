package query

import (
	"strings"
	"unicode/utf8"
)

// Glob is a pattern for a whole text: "*" stands for any characters, "?" for one,
// and a backslash takes the meaning from the character behind it.
type Glob string

// Literal returns the pattern that only s matches.
func Literal(s string) Glob {
	return Glob(strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s))
}

// Runes yields the characters of the pattern, and of each whether it is a wildcard.
func (g Glob) Runes(yield func(r rune, wildcard bool) bool) {
	for at := 0; at < len(g); {
		literal, next := g.next(at)
		r, _ := utf8.DecodeRuneInString(string(g[literal:next]))
		if !yield(r, isWildcard(g[at])) {
			return
		}
		at = next
	}
}

// next returns where the character is that begins at a byte, behind its backslash
// if it has one, and where the one after it begins. A backslash at the end is a
// character of its own.
func (g Glob) next(at int) (literal, next int) {
	if g[at] == '\\' && at+1 < len(g) {
		at++
	}
	_, size := utf8.DecodeRuneInString(string(g[at:]))
	return at, at + size
}

// Prefix returns the text that every match begins with, and whether that is all
// the pattern asks: whether one "*" is the rest of it.
func (g Glob) Prefix() (prefix string, only bool) {
	var b strings.Builder
	for r, wildcard := range g.Runes {
		if only || wildcard && r == '?' {
			return b.String(), false
		}
		if only = wildcard; !only {
			b.WriteRune(r)
		}
	}
	return b.String(), only
}
