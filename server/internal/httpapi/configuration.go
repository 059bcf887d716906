package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/store"
)

// configurationPath is the root of the tree that the configuration table
// describes. Its operations are not generated: all of them are the ones below.
const configurationPath = "/api/configuration"

// routeConfiguration serves every operation of the contract under the
// configuration's root from the table of package config. It fails when the table
// lacks what the contract promises.
func (a *API) routeConfiguration(r *router) error {
	for pattern := range r.operations {
		method, path, _ := strings.Cut(pattern, " ")
		if path != configurationPath && !strings.HasPrefix(path, configurationPath+"/") {
			continue
		}
		node, found := a.config.Tree().Node(strings.TrimSuffix(path, "/{key}"))
		switch {
		case found && method == http.MethodGet:
			r.HandleFunc(pattern, a.handle(a.getConfiguration))
		case found && method == http.MethodPut && node.Writable:
			r.HandleFunc(pattern, a.handle(a.putConfiguration))
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
		return a.configurationDocument(r, x, node, http.StatusOK)
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
		Items []item      `json:"items"`
		Meta  siblingMeta `json:"meta"`
	}{items, x.siblings(node.Path, node.Links)}), nil
}

func (a *API) configurationDocument(r *http.Request, x *exchange, node *config.Node, status int) (answer, error) {
	body, err := a.config.Get(r.Context(), x.login.ID, node.Path)
	if err != nil {
		return answer{}, err
	}
	return answer{status, encode(struct {
		Body json.RawMessage `json:"body"`
		Key  string          `json:"key"`
		Meta siblingMeta     `json:"meta"`
	}{body, node.Key, x.siblings(node.Path, node.Links)})}, nil
}

// putConfiguration replaces a document inside the login's transaction, and
// answers 201 with what is pending now, as the guide's tables say.
func (a *API) putConfiguration(r *http.Request, x *exchange) (answer, error) {
	node, found := a.config.Tree().Node(x.path)
	if !found {
		return answer{}, store.ErrNotFound
	}
	body, err := io.ReadAll(r.Body) // bounded and checked by takeBody
	if err != nil {
		return answer{}, err
	}
	if err := a.config.Put(r.Context(), x.login.ID, node.Path, body); err != nil {
		return answer{}, err
	}
	return a.configurationDocument(r, x, node, http.StatusCreated)
}
