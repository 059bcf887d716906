package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/spskit/spskit/server/internal/audit"
)

// admit finds out which recorded sessions the login may know of, and answers for a
// session that is not among them as if there were none. Every operation on recorded
// sessions passes here, whatever it does with them.
func (a *API) admit(r *http.Request, x *exchange) error {
	access, err := a.accessOf(r.Context(), x)
	if err != nil {
		return err
	}
	x.access = &access
	if key := r.PathValue("key"); key != "" {
		return a.mustSee(r.Context(), access, key, x.path)
	}
	return nil
}

func (a *API) accessOf(ctx context.Context, x *exchange) (audit.Access, error) {
	if a.access == nil {
		return audit.Access{}, nil
	}
	return a.access(ctx, x.login.User, x.login.Rights)
}

// mustSee fails as if there were no such session unless it is within the access.
func (a *API) mustSee(ctx context.Context, access audit.Access, key, path string) error {
	visible, err := a.audit.Visible(ctx, access, key)
	if err == nil && !visible {
		err = problemf(notFound, "path", path)
	}
	return err
}

// criteria are the parameters that all searches have, within what the login may
// know of: nothing, if nobody has found that out.
func (x *exchange) criteria(given url.Values) audit.Criteria {
	access := audit.Only()
	if x.access != nil {
		access = *x.access
	}
	return audit.Criteria{
		Start: given.Get("start"), End: given.Get("end"), Q: given.Get("q"), Content: given.Get("content"),
		Access: access,
	}
}
