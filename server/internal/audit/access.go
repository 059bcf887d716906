package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/spskit/spskit/server/internal/query"
)

// Access is which sessions somebody may know of. The zero value is all of them.
type Access struct {
	restricted bool
	queries    []string
}

// Only returns the access to the sessions that any of the queries, of the language
// of q, selects: to none without a query. A query that cannot be understood selects
// nothing.
func Only(queries ...string) Access { return Access{restricted: true, queries: queries} }

// expr returns what a session has to fit, and false if it need fit nothing.
// Relative dates go by now.
func (a Access) expr(now time.Time) (query.Expr, bool) {
	if !a.restricted {
		return nil, false
	}
	var allowed query.Or
	for _, q := range a.queries {
		e, err := query.Parse(q, now)
		switch e.(type) {
		case query.All:
			if err == nil {
				return nil, false
			}
		default:
			if err == nil {
				allowed = append(allowed, e)
			}
		}
	}
	switch len(allowed) {
	case 0:
		return query.Not{Expr: query.All{}}, true
	case 1:
		return allowed[0], true
	default:
		return allowed, true
	}
}

// Visible reports whether there is such a session within the access.
func (s *Service) Visible(ctx context.Context, a Access, key string) (bool, error) {
	e, restricted := a.expr(s.now())
	if !restricted {
		return true, nil
	}
	visible := false
	err := s.limited(ctx, fmt.Sprintf("look for session %q", key), func(ctx context.Context) (err error) {
		visible, err = s.sessions.SessionMatches(ctx, key, e)
		return err
	})
	return visible, err
}
