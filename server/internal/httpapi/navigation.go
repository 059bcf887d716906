package httpapi

import (
	"net/http"
	"path"
)

// navigation lists the upper levels of the tree, outside of the configuration:
// which keys each of them shows.
var navigation = map[string][]string{
	"/api":       {"acl", "audit", "authentication", "configuration", "endpoints", "info", "setup", "transaction", "user_info"},
	"/api/audit": {"sessions"},
}

func (a *API) routeNavigation(r *router) {
	for href, keys := range navigation {
		items := make([]item, len(keys))
		for i, key := range keys {
			items[i] = item{Key: key, Meta: objectMeta{Href: href + "/" + key}}
		}
		parent := path.Dir(href)
		if parent == "/" {
			parent = ""
		}
		r.HandleFunc("GET "+href, a.handle(func(_ *http.Request, x *exchange) (answer, error) {
			return ok(struct {
				Items []item     `json:"items"`
				Meta  objectMeta `json:"meta"`
			}{items, x.meta(href, parent)}), nil
		}))
	}
}
