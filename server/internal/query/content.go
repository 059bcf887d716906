package query

import (
	"slices"
	"strings"
	"unicode"
)

// noLeadingWildcard is what is expected instead of a term that every word of the
// content would have to be compared with.
const noLeadingWildcard = "a term that does not begin with a wildcard"

// contentLeaf makes the comparison of a term with content. If there is none, it
// says what the term should have been.
func contentLeaf(kind Kind, t term) (e Expr, expected string) {
	if t.wild > 0 {
		return contentPattern(kind, t.glob)
	}
	words := strings.Fields(Normalize(t.text))
	if len(words) == 0 {
		return nil, "a word of letters or digits"
	}
	if !t.quoted && t.number > 0 {
		if len(words) > 1 {
			return nil, `a single word before "~"`
		}
		return SimilarWord{kind, words[0], t.number}, ""
	}
	slop := max(t.number, 0)
	if slop > 0 { // in any order, so that it does not matter to have a word twice
		if words = dedupe(words); len(words) == 1 {
			slop = 0
		}
	}
	return Words{Kind: kind, Words: words, Slop: slop}, ""
}

// contentPattern compares words with a pattern, which is normalised as they are.
func contentPattern(kind Kind, g Glob) (e Expr, expected string) {
	if isWildcard(g[0]) {
		return nil, noLeadingWildcard
	}
	if prefix, only := g.Prefix(); only {
		// The "x" shows how far the words go that begin like this.
		words := strings.Fields(strings.TrimSuffix(Normalize(prefix+"x"), "x"))
		if len(words) == 0 || !strings.HasSuffix(Normalize(prefix+"x"), words[len(words)-1]+"x") {
			return nil, `a letter or a digit before the "*"`
		}
		return Words{Kind: kind, Words: words, Prefix: true}, ""
	}
	word := make([]rune, 0, len(g))
	joined := true // the character before is a joiner, or as good as one
	for r, wildcard := range g.Runes {
		joiner := isJoiner(r)
		switch {
		case wildcard && r == '*' && len(word) > 0 && word[len(word)-1] == '*':
		case joiner && len(word) == 0, unicode.IsMark(r):
			continue
		case wildcard, unicode.IsLetter(r), unicode.IsDigit(r), joiner && !joined:
			word = append(word, unicode.ToLower(r))
		default:
			return nil, "a pattern for a single word"
		}
		joined = joiner
	}
	if joined && len(word) > 0 {
		word = word[:len(word)-1]
	}
	if len(word) == 0 {
		return nil, "a pattern for a word"
	}
	if g = Glob(word); isWildcard(g[0]) {
		return nil, noLeadingWildcard
	}
	if prefix, only := g.Prefix(); only {
		return Words{Kind: kind, Words: []string{prefix}, Prefix: true}, ""
	}
	return WordPattern{kind, g}, ""
}

// dedupe drops the words that were there before, in place.
func dedupe(words []string) []string {
	seen := make(map[string]bool, len(words))
	return slices.DeleteFunc(words, func(w string) bool {
		before := seen[w]
		seen[w] = true
		return before
	})
}
