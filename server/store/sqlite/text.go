package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
)

// texts holds, for the leaves that the full-text index cannot look up itself, the
// words that they stand for.
type texts map[query.Expr][]string

// resolve looks up the words of all such leaves of an expression. Together they
// must not be more than maxWords.
func resolve(ctx context.Context, dbtx *sql.Tx, e query.Expr) (texts, error) {
	found := texts{}
	left := maxWords
	for leaf := range leaves(e) {
		var words []string
		var err error
		switch leaf := leaf.(type) {
		case query.WordPattern:
			words, err = likeWords(ctx, dbtx, leaf.Glob, left)
		case query.SimilarWord:
			words, err = similarWords(ctx, dbtx, leaf.Word, leaf.Edits, left)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		if _, again := found[leaf]; !again {
			left -= len(words)
		}
		found[leaf] = words
	}
	return found, nil
}

// leaves yields the expressions within e that are no combinations.
func leaves(e query.Expr) func(yield func(query.Expr) bool) {
	return func(yield func(query.Expr) bool) { walkLeaves(e, yield) }
}

func walkLeaves(e query.Expr, yield func(query.Expr) bool) bool {
	var members []query.Expr
	switch e := e.(type) {
	case query.And:
		members = e
	case query.Or:
		members = e
	case query.Not:
		members = []query.Expr{e.Expr}
	case nil:
		return true
	default:
		return yield(e)
	}
	for _, member := range members {
		if !walkLeaves(member, yield) {
			return false
		}
	}
	return true
}

// maxMatchDepth is how deep a full-text query is nested at most: its parser gives
// up at some depth, and SQL combines what is beyond.
const maxMatchDepth = 12

// match returns the full-text query of an expression that is about nothing but
// content, if that index can answer it.
func (t texts) match(e query.Expr) (string, bool) { return t.matchAt(e, 0) }

func (t texts) matchAt(e query.Expr, depth int) (string, bool) {
	if depth > maxMatchDepth {
		return "", false
	}
	switch e := e.(type) {
	case query.Words:
		return inKind(e.Kind, matchWords(e)), !isProximity(e)
	case query.WordPattern:
		return inKind(e.Kind, anyOf(t[e])), true
	case query.SimilarWord:
		return inKind(e.Kind, anyOf(t[e])), true
	case query.Or:
		return t.matchAll(e, " OR ", depth)
	case query.And:
		var wanted, unwanted []query.Expr
		for _, member := range e {
			if not, ok := member.(query.Not); ok {
				unwanted = append(unwanted, not.Expr)
			} else {
				wanted = append(wanted, member)
			}
		}
		if len(wanted) == 0 { // the index finds what is there, not what is not
			return "", false
		}
		match, ok := t.matchAll(wanted, " AND ", depth)
		if !ok || len(unwanted) == 0 {
			return match, ok
		}
		without, ok := t.matchAll(unwanted, " OR ", depth)
		return "(" + match + " NOT " + without + ")", ok
	default:
		return "", false
	}
}

func (t texts) matchAll(all []query.Expr, operator string, depth int) (string, bool) {
	matches := make([]string, len(all))
	for i, e := range all {
		match, ok := t.matchAt(e, depth+1)
		if !ok {
			return "", false
		}
		matches[i] = match
	}
	if len(matches) == 1 {
		return matches[0], true
	}
	return "(" + strings.Join(matches, operator) + ")", true
}

// merge makes one of all that is about content, so that the full-text index does
// the combining. The expressions are joined by AND, or else by OR.
func (t texts) merge(all []query.Expr, and bool) []query.Expr {
	var text, rest []query.Expr
	for _, e := range all {
		inner := e
		if not, ok := e.(query.Not); ok && and {
			inner = not.Expr
		}
		if _, ok := t.match(inner); ok {
			text = append(text, e)
		} else {
			rest = append(rest, e)
		}
	}
	if len(text) < 2 {
		return all
	}
	merged := query.Expr(query.Or(text))
	if and {
		merged = query.And(text)
	}
	if _, ok := t.match(merged); !ok {
		return all
	}
	return append(rest, merged)
}

// isPlain reports whether an expression about content is of whole words only, of
// which the full-text index tells quickly whether one session has them.
func isPlain(e query.Expr) bool {
	for leaf := range leaves(e) {
		if w, ok := leaf.(query.Words); !ok || w.Prefix {
			return false
		}
	}
	return true
}

func inKind(k query.Kind, match string) string {
	switch k {
	case query.Screen, query.Command, query.Title:
		return string(k) + " : " + match
	default:
		return match
	}
}

// matchWords quotes the words, which hold nothing that is special in quotes.
func matchWords(e query.Words) string {
	phrase := `"` + strings.Join(e.Words, " ") + `"`
	if e.Prefix {
		return phrase + " *"
	}
	return phrase
}

// isProximity reports whether the full-text index alone cannot tell: it does not
// know where a record ends.
func isProximity(e query.Expr) bool {
	w, ok := e.(query.Words)
	return ok && w.Slop > 0 && len(w.Words) > 1
}

// writeProximity checks what the full-text index finds, over all records, in the
// words of each.
func (c *compiler) writeProximity(q *sqlBuilder, e query.Words) {
	// NEAR counts all words between the first and the last, those in the middle that
	// were asked for included.
	span := e.Slop + len(e.Words)
	match := fmt.Sprintf(`NEAR("%s", %d)`, strings.Join(e.Words, `" "`), span-2)
	q.add(`s.id IN (
		SELECT t.rowid FROM session_text t CROSS JOIN session_details d ON d.id = t.rowid
		WHERE t.session_text MATCH ? AND (FALSE`, inKind(e.Kind, match))
	for _, kind := range []query.Kind{query.Screen, query.Command, query.Title} {
		if e.Kind == "" || e.Kind == kind {
			q.add(" OR within_record(d."+string(kind)+"_words, ?, ?)", strings.Join(e.Words, " "), span)
		}
	}
	q.add("))")
}

// anyOf matches any of the words, and nothing when there are none.
func anyOf(words []string) string {
	if len(words) == 0 {
		return `"` + query.Boundary + query.Boundary + `"` // no word of any text
	}
	return `("` + strings.Join(words, `" OR "`) + `")`
}
