package query

import "unicode/utf8"

// Match reports whether the pattern stands for all of s. It takes no more steps
// than the product of the two lengths.
func (g Glob) Match(s string) bool {
	at, i := 0, 0
	star, from := -1, 0 // behind the last "*", and the first of s that it does not stand for
	for i < len(s) {
		_, size := utf8.DecodeRuneInString(s[i:])
		if at < len(g) {
			if g[at] == '*' {
				at++
				star, from = at, i
				continue
			}
			literal, next := g.next(at)
			if g[at] == '?' || g[literal:next] == Glob(s[i:i+size]) {
				at = next
				i += size
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(s[from:])
		from += size
		at, i = star, from
	}
	for at < len(g) && g[at] == '*' {
		at++
	}
	return at == len(g)
}

// Fold returns the pattern with its ASCII letters in lower case.
func (g Glob) Fold() Glob {
	b := []byte(g)
	for i, c := range b {
		b[i] = foldByte(c)
	}
	return Glob(b)
}

// Equal reports whether a value of the field is the wanted one.
func (f *Field) Equal(stored, wanted string) bool {
	if !f.Fold {
		return stored == wanted
	}
	if len(stored) != len(wanted) {
		return false
	}
	for i := range len(stored) {
		if foldByte(stored[i]) != foldByte(wanted[i]) {
			return false
		}
	}
	return true
}

// WithinEdits reports whether one text becomes the other with at most that many
// edits, no two of them at the same place. An edit inserts, removes or replaces a
// character, or swaps two neighbours. Time grows steeply with the number of
// edits, and evenly with the lengths.
func WithinEdits(a, b string, edits int) bool {
	if more := utf8.RuneCountInString(a) - utf8.RuneCountInString(b); more > edits || -more > edits {
		return false
	}
	for a != "" && b != "" {
		_, m := utf8.DecodeRuneInString(a)
		_, n := utf8.DecodeRuneInString(b)
		if a[:m] == b[:n] {
			a, b = a[m:], b[n:]
			continue
		}
		if edits == 0 {
			return false
		}
		if WithinEdits(a[m:], b[n:], edits-1) || WithinEdits(a[m:], b, edits-1) || WithinEdits(a, b[n:], edits-1) {
			return true
		}
		_, m2 := utf8.DecodeRuneInString(a[m:])
		_, n2 := utf8.DecodeRuneInString(b[n:])
		return a[m:m+m2] == b[:n] && a[:m] == b[n:n+n2] && WithinEdits(a[m+m2:], b[n+n2:], edits-1)
	}
	return utf8.RuneCountInString(a)+utf8.RuneCountInString(b) <= edits
}

func foldByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
