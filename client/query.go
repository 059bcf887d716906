package client

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Query is an expression of the search language. The zero Query selects everything.
//
// Queries are made of conditions on properties (Text, Number, Time, Bool, Address and
// Exists) and on what was recorded (Content and the other kinds), which And, Or and
// Not combine:
//
//	q := client.And(
//		client.Text("user.name").Is("jane", "joe"),
//		client.Not(client.Text("verdict").Is("ACCEPT")),
//		client.Command.Phrase("sudo su"),
//	)
//
// Values may hold anything: they are escaped, and never change what the expression
// means. Expressions that somebody has written are taken by Raw.
//
// A mistake, such as an address that is compared with the name of a user, is kept in
// the query. Err tells of it, and so does whatever the query is handed to, before
// anything is sent. Such errors are ErrInvalidQuery, as those of the server are.
type Query struct {
	text    string // in the language of SessionQuery.Q
	content string // the same in the language of SessionQuery.Content
	// property is one that the query asks for, so that it is no content expression.
	property string
	rank     rank
	err      error
}

// rank is how tightly an expression holds together.
type rank int

const (
	rankAll rank = iota // nothing is there at all
	rankClause
	rankNot
	rankAnd
	rankOr
	rankRaw // nobody knows
)

// String is the expression as SessionQuery.Q sends it, and empty for the zero Query.
// If there is an Err, it says so in a form that no server takes for an expression.
func (q Query) String() string {
	if q.err != nil {
		return ") " + q.err.Error()
	}
	return q.text
}

// Err tells of the first mistake that was made in building the query.
func (q Query) Err() error { return q.err }

// IsZero tells whether the query selects everything because there is nothing in it.
func (q Query) IsZero() bool { return q.rank == rankAll && q.err == nil }

// expression is the query for a parameter of the API, or nil if it selects everything.
func (q Query) expression() (*string, error) { return optional(q.text), q.err }

// contentExpression is the query for a parameter that takes content expressions.
func (q Query) contentExpression() (*string, error) {
	if q.err == nil && q.property != "" {
		return nil, mistake("%s cannot be asked for in a search of content", q.property)
	}
	return optional(q.content), q.err
}

// Raw takes an expression as it is, in the search language of the server: one that a
// user has typed, or one that this package has no words for. In SessionQuery.Content
// and SearchContent it is a content expression.
//
// Alone it is sent unchanged, and the server says what may be wrong with it. Within
// And, Or and Not it is put into brackets, which its own quotes and brackets must
// not break.
func Raw(expression string) Query {
	expression = strings.TrimSpace(expression)
	if expression == "" {
		return Query{}
	}
	if !utf8.ValidString(expression) {
		return wrong("an expression is not UTF-8: %q", expression)
	}
	return Query{text: expression, content: expression, rank: rankRaw}
}

// And selects what all of the queries select, so that zero queries make no difference.
func And(queries ...Query) Query {
	var some []Query
	for _, q := range queries {
		if !q.IsZero() {
			some = append(some, q)
		}
	}
	return join(rankAnd, " AND ", some)
}

// Or selects what any of the queries selects, and with a zero query among them it
// selects everything. Or of no queries is a mistake.
func Or(queries ...Query) Query {
	all := false
	for _, q := range queries {
		if q.err != nil {
			return q
		}
		all = all || q.IsZero()
	}
	switch {
	case len(queries) == 0:
		return wrong("Or needs a query")
	case all:
		return Query{}
	}
	return join(rankOr, " OR ", queries)
}

// Not selects what the query does not. A session without a property is among them:
// Not(Text("user.name").Is("joe")) selects sessions of nobody too. Not of the zero
// Query, which would select nothing, is a mistake.
func Not(q Query) Query {
	if q.IsZero() {
		return wrong("Not needs a query, and the zero Query selects everything")
	}
	text, content, err := q.within(rankNot)
	if err != nil {
		return Query{err: err}
	}
	return Query{text: "NOT " + text, content: "NOT " + content, property: q.property, rank: rankNot}
}

func join(r rank, operator string, queries []Query) Query {
	switch len(queries) {
	case 0:
		return Query{}
	case 1:
		return queries[0]
	}
	joined := Query{rank: r}
	var texts, contents []string
	for _, q := range queries {
		text, content, err := q.within(r)
		if err != nil {
			return Query{err: err}
		}
		texts, contents = append(texts, text), append(contents, content)
		if joined.property == "" {
			joined.property = q.property
		}
	}
	joined.text, joined.content = strings.Join(texts, operator), strings.Join(contents, operator)
	return joined
}

// within is the query as a part of another of rank outer. Servers don't agree on
// what binds more tightly, so brackets say it wherever operators are mixed.
func (q Query) within(outer rank) (text, content string, err error) {
	switch {
	case q.err != nil:
		return "", "", q.err
	case q.rank == rankRaw:
		if err := checkBalance(q.text); err != nil {
			return "", "", err
		}
	case q.rank == rankClause,
		q.rank == outer && outer != rankNot,
		q.rank == rankNot && outer == rankAnd:
		return q.text, q.content, nil
	}
	return "(" + q.text + ")", "(" + q.content + ")", nil
}

// checkBalance sees to it that an expression between two brackets stays there. In a
// range only quotes around a whole bound are quotes, and round brackets are nothing.
func checkBalance(expression string) error {
	depth := 0
	quoted, escaped, ranged, fresh := false, false, false, false
	for i, r := range expression {
		begins := fresh
		fresh = ranged && strings.ContainsRune(" \t\r\n", r)
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case quoted:
			quoted = r != '"'
		case ranged:
			quoted = begins && r == '"'
			ranged = r != ']' && r != '}'
		case r == '"':
			quoted = true
		case r == '[', r == '{':
			ranged, fresh = true, true
		case r == '(':
			depth++
		case r == ')':
			if depth--; depth < 0 {
				return mistake("%q closes a bracket at byte %d that it has not opened", expression, i)
			}
		}
	}
	switch {
	case escaped:
		return mistake("%q ends with a backslash that escapes nothing", expression)
	case quoted:
		return mistake("%q has a quote that is not closed", expression)
	case ranged || depth > 0:
		return mistake("%q has a bracket that is not closed", expression)
	}
	return nil
}

// queryError is a mistake in a query that was found before anything was sent.
type queryError struct{ error }

func (queryError) Is(target error) bool { return target == ErrInvalidQuery }

func mistake(format string, args ...any) error {
	return queryError{fmt.Errorf("the query is wrong: "+format, args...)}
}

func wrong(format string, args ...any) Query { return Query{err: mistake(format, args...)} }
