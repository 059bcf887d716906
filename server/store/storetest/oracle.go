package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// selects says what a filter means, in the plainest way: one session at a time,
// and without any index.
func selects(f store.Filter, s *store.Session) bool {
	if !f.StartFrom.IsZero() && s.Start.Before(f.StartFrom) {
		return false
	}
	if end, ok := valueOf(s, query.FieldAt("end_time")).(time.Time); !f.EndTo.IsZero() && (!ok || end.After(f.EndTo)) {
		return false
	}
	return f.Expr == nil || holds(f.Expr, s)
}

func holds(e query.Expr, s *store.Session) bool {
	member := func(e query.Expr) bool { return holds(e, s) }
	switch e := e.(type) {
	case query.All:
		return true
	case query.And:
		return !slices.ContainsFunc(e, func(e query.Expr) bool { return !member(e) })
	case query.Or:
		return slices.ContainsFunc(e, member)
	case query.Not:
		return !member(e.Expr)
	case query.Equal:
		return anyValue(s, e.Field, func(v any) bool { return compareValues(folded(e.Field, v), folded(e.Field, e.Value), false) == 0 })
	case query.Range:
		return anyValue(s, e.Field, func(v any) bool { return within(v, e) })
	case query.Pattern:
		return anyValue(s, e.Field, func(v any) bool {
			return like([]rune(folded(e.Field, v).(string)), runesOf(query.Glob(folded(e.Field, string(e.Glob)).(string))))
		})
	case query.Similar:
		return anyValue(s, e.Field, func(v any) bool {
			return query.WithinEdits(folded(e.Field, v).(string), folded(e.Field, e.Value).(string), e.Edits)
		})
	case query.Exists:
		return anyValue(s, e.Field, func(any) bool { return true })
	default:
		return slices.ContainsFunc(tokensOf(s, e), func(tokens []string) bool { return said(e, tokens) })
	}
}

func valueOf(s *store.Session, f *query.Field) any {
	return s.Values[slices.IndexFunc(query.Fields, func(g query.Field) bool { return g.Path == f.Path })]
}

func valuesOf(s *store.Session, f *query.Field) []any {
	switch v := valueOf(s, f).(type) {
	case nil:
		return nil
	case []string:
		var all []any
		for _, each := range v {
			if !slices.Contains(all, any(each)) {
				all = append(all, each)
			}
		}
		return all
	default:
		return []any{v}
	}
}

func anyValue(s *store.Session, f *query.Field, holds func(any) bool) bool {
	return slices.ContainsFunc(valuesOf(s, f), holds)
}

// folded takes the case of ASCII letters out of names.
func folded(f *query.Field, v any) any {
	text, ok := v.(string)
	if !ok || !f.Fold {
		return v
	}
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, text)
}

func within(v any, r query.Range) bool {
	if r.From != nil {
		if c := compareValues(v, r.From.Value, false); c < 0 || c == 0 && !r.From.Inclusive {
			return false
		}
	}
	if r.To != nil {
		if c := compareValues(v, r.To.Value, false); c > 0 || c == 0 && !r.To.Inclusive {
			return false
		}
	}
	return true
}

type globRune struct {
	r        rune
	wildcard bool
}

func runesOf(g query.Glob) (all []globRune) {
	for r, wildcard := range g.Runes {
		all = append(all, globRune{r, wildcard})
	}
	return all
}

func like(text []rune, pattern []globRune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch p := pattern[0]; {
	case p.wildcard && p.r == '*':
		return like(text, pattern[1:]) || len(text) > 0 && like(text[1:], pattern)
	case len(text) == 0:
		return false
	default:
		return (p.wildcard || p.r == text[0]) && like(text[1:], pattern[1:])
	}
}

// tokensOf returns the words of each kind of content that the leaf is about.
func tokensOf(s *store.Session, leaf query.Expr) [][]string {
	var kind query.Kind
	switch leaf := leaf.(type) {
	case query.Words:
		kind = leaf.Kind
	case query.WordPattern:
		kind = leaf.Kind
	case query.SimilarWord:
		kind = leaf.Kind
	}
	var all [][]string
	for k, text := range map[query.Kind]string{query.Screen: s.Text.Screen, query.Command: s.Text.Command, query.Title: s.Text.Title} {
		if kind == "" || kind == k {
			all = append(all, strings.Fields(text))
		}
	}
	return all
}

func said(leaf query.Expr, tokens []string) bool {
	switch leaf := leaf.(type) {
	case query.WordPattern:
		return slices.ContainsFunc(tokens, func(t string) bool { return t != query.Boundary && like([]rune(t), runesOf(leaf.Glob)) })
	case query.SimilarWord:
		return slices.ContainsFunc(tokens, func(t string) bool { return t != query.Boundary && query.WithinEdits(t, leaf.Word, leaf.Edits) })
	case query.Words:
		if leaf.Slop > 0 && len(leaf.Words) > 1 {
			return near(tokens, leaf.Words, leaf.Slop+len(leaf.Words))
		}
		return slices.ContainsFunc(indexes(len(tokens)), func(i int) bool { return phraseAt(tokens[i:], leaf) })
	default:
		return false
	}
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func phraseAt(tokens []string, p query.Words) bool {
	if len(tokens) < len(p.Words) {
		return false
	}
	for i, word := range p.Words {
		if p.Prefix && i == len(p.Words)-1 {
			return strings.HasPrefix(tokens[i], word)
		}
		if tokens[i] != word {
			return false
		}
	}
	return true
}

// near reports whether all words lie within so many tokens of one record.
func near(tokens, words []string, span int) bool {
	for i := range tokens {
		window := tokens[i:min(i+span, len(tokens))]
		if end := slices.Index(window, query.Boundary); end >= 0 {
			window = window[:end]
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(window, w) }) {
			return true
		}
	}
	return false
}
