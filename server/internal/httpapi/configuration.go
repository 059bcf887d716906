package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

// configurationPaths are the roots of the trees that the configuration table
// describes. Their operations are not generated: all of them are the ones below.
var configurationPaths = []string{"/api/configuration", "/api/acl"}

func underConfiguration(path string) bool {
	return slices.ContainsFunc(configurationPaths, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}

// routeConfiguration serves every operation of the contract under the
// configuration's roots from the table of package config. It fails when the table
// of the newest appliance lacks what the contract promises; older ones have less,
// and answer 404.
func (a *API) routeConfiguration(r *router) error {
	tree := config.TreeFor(config.Newest())
	for pattern := range r.operations {
		method, path, _ := strings.Cut(pattern, " ")
		if !underConfiguration(path) {
			continue
		}
		node, found := tree.Node(path)
		switch {
		case found && method == http.MethodGet:
			r.HandleFunc(pattern, a.handle(a.getConfiguration))
		case found && method == http.MethodPut && node.Writable && node.Kind != config.Collection:
			r.HandleFunc(pattern, a.handle(a.changing(a.putConfiguration)))
		case found && method == http.MethodPost && node.Writable && node.Kind == config.Collection:
			r.HandleFunc(pattern, a.handle(a.changing(a.postConfiguration)))
		case found && method == http.MethodDelete && node.Writable && node.Kind == config.Item:
			r.HandleFunc(pattern, a.handle(a.changing(a.deleteConfiguration)))
		default:
			return fmt.Errorf("httpapi: the configuration table does not serve %s", pattern)
		}
	}
	return nil
}

// handle makes a handler of one that returns its answer.
func (a *API) handle(serve func(*http.Request, *exchange) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		got, err := serve(r, exchangeOf(r))
		if err != nil {
			a.fail(w, r, err)
			return
		}
		_ = got.write(w) // a client that went away cannot be told
	}
}

// changing lets an API key change things only in a transaction that is open: the one
// that it had may have ended while it was idle, and of that the key, unlike a cookie,
// says nothing. The change must not open another one, without those before it.
func (a *API) changing(serve func(*http.Request, *exchange) (answer, error)) func(*http.Request, *exchange) (answer, error) {
	return func(r *http.Request, x *exchange) (answer, error) {
		if x.login.Method == login.MethodKey {
			_, open, err := a.config.Transaction(r.Context(), x.login.ID)
			if err == nil && !open {
				err = store.ErrNoTransaction
			}
			if err != nil {
				return answer{}, err
			}
		}
		return serve(r, x)
	}
}

type item struct {
	Key  string          `json:"key"`
	Meta objectMeta      `json:"meta"`
	Body json.RawMessage `json:"body,omitempty"`
}

// getConfiguration answers for any node: a list of what is below it, or its
// document as this login sees it.
func (a *API) getConfiguration(r *http.Request, x *exchange) (answer, error) {
	node, found := a.config.Tree().Node(x.path)
	if !found {
		return answer{}, store.ErrNotFound
	}
	if node.Kind == config.Object || node.Kind == config.Item {
		return a.configurationDocument(r, x, node.Path, http.StatusOK)
	}
	entries, err := a.config.List(r.Context(), x.login.ID, node.Path)
	if err != nil {
		return answer{}, err
	}
	items := make([]item, len(entries))
	for i, e := range entries {
		items[i] = item{Key: e.Key, Meta: objectMeta{Href: e.Path}, Body: e.Body}
	}
	return ok(struct {
		Items []item `json:"items"`
		Meta  any    `json:"meta"`
	}{items, x.configurationMeta(node.Path, node.Links)}), nil
}

func (a *API) configurationDocument(r *http.Request, x *exchange, path string, status int) (answer, error) {
	d, err := a.config.Get(r.Context(), x.login.ID, path)
	if err != nil {
		return answer{}, err
	}
	return answer{status, encode(struct {
		Body json.RawMessage `json:"body"`
		Key  string          `json:"key"`
		Meta any             `json:"meta"`
	}{d.Body, d.Key, x.configurationMeta(d.Path, d.Links)})}, nil
}

// putConfiguration replaces a document inside the login's transaction, and
// answers 201 with what is pending now, as the guide's tables say.
func (a *API) putConfiguration(r *http.Request, x *exchange) (answer, error) {
	body, err := io.ReadAll(r.Body) // bounded and checked by takeBody
	if err != nil {
		return answer{}, err
	}
	if err := a.config.Put(r.Context(), x.login.ID, x.path, body); err != nil {
		return answer{}, err
	}
	return a.configurationDocument(r, x, x.path, http.StatusCreated)
}

// postConfiguration creates an item inside the login's transaction.
func (a *API) postConfiguration(r *http.Request, x *exchange) (answer, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return answer{}, err
	}
	path, err := a.config.Create(r.Context(), x.login.ID, x.path, body)
	if err != nil {
		return answer{}, err
	}
	return a.configurationDocument(r, x, path, http.StatusCreated)
}

// deleteConfiguration deletes an item inside the login's transaction, and answers
// with the links that it had.
func (a *API) deleteConfiguration(r *http.Request, x *exchange) (answer, error) {
	links, err := a.config.Delete(r.Context(), x.login.ID, x.path)
	if err != nil {
		return answer{}, err
	}
	return ok(struct {
		Meta any `json:"meta"`
	}{x.configurationMeta(x.path, links)}), nil
}
