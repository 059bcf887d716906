package query

import "slices"

// Expands reports whether the expression has a pattern, or a similar word, for
// words of the content: what a store has to look up among all words that it has.
func Expands(e Expr) bool {
	switch e := e.(type) {
	case And:
		return slices.ContainsFunc(e, Expands)
	case Or:
		return slices.ContainsFunc(e, Expands)
	case Not:
		return Expands(e.Expr)
	case WordPattern, SimilarWord:
		return true
	default:
		return false
	}
}
