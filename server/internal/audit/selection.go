package audit

import (
	"errors"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// Criteria are the query parameters that select sessions, as the client gave
// them: "" when it did not.
type Criteria struct {
	Start, End, Q, Content string
	Access                 Access // what else they have to be
}

// Selection is a checked choice of sessions.
type Selection struct {
	store.Filter
	given Criteria
	wide  string // the parameter to blame for a pattern that matches too many words
}

// selection checks the criteria. Relative dates go by now. The error is a
// *QueryError.
func (s *Service) selection(c Criteria, now time.Time) (Selection, error) {
	chosen := Selection{given: c, wide: "q"}
	var err error
	if chosen.StartFrom, err = parseDate("start", c.Start); err != nil {
		return chosen, err
	}
	if chosen.EndTo, err = parseDate("end", c.End); err != nil {
		return chosen, err
	}
	sessions, err := query.Parse(c.Q, now)
	if err != nil {
		return chosen, syntaxError("q", c.Q, err)
	}
	content, err := query.ParseContent(c.Content)
	if err != nil {
		return chosen, syntaxError("content", c.Content, err)
	}
	chosen.Expr = both(sessions, content)
	if allowed, restricted := c.Access.expr(now); restricted {
		chosen.Expr = both(allowed, both(sessions, content))
	}
	if !query.Expands(sessions) && query.Expands(content) {
		chosen.wide = "content"
	}
	return chosen, nil
}

// explain tells the client which of its parameters a search failed for, if it did
// for one.
func (c *Selection) explain(err error) error {
	if !errors.Is(err, store.ErrTooManyWords) {
		return err
	}
	value := c.given.Q
	if c.wide == "content" {
		value = c.given.Content
	}
	return &QueryError{c.wide, value, "patterns that match fewer different words of the stored content", -1}
}

func parseDate(parameter, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := query.ParseDate(value)
	var dateError *query.DateError
	if errors.As(err, &dateError) {
		return t, &QueryError{parameter, value, dateError.Expected, dateError.Position}
	}
	return t, err
}

// maxShown bounds how much of an expression an error repeats: all of it, unless it
// is too long to be one.
const maxShown = 8192

func syntaxError(parameter, value string, err error) error {
	var syntax *query.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	if len(value) > maxShown {
		value = value[:maxShown] + "..."
	}
	return &QueryError{parameter, value, syntax.Expected, syntax.Position}
}

// both is what both expressions select, or nil for everything; so is nil itself.
func both(a, b query.Expr) query.Expr {
	var all query.And
	for _, e := range []query.Expr{a, b} {
		switch e := e.(type) {
		case nil, query.All:
		case query.And:
			all = append(all, e...)
		default:
			all = append(all, e)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	default:
		return all
	}
}

// searchField returns the field that a parameter names.
func searchField(parameter, value, path string) (*query.Field, error) {
	field := query.FieldAt(path)
	if field == nil {
		return nil, &QueryError{parameter, value, `a search field, such as "protocol"`, 0}
	}
	return field, nil
}
