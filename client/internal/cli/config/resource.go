package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/contract"
)

// reader reads resources: a client, or a transaction with its pending changes.
type reader interface {
	Get(ctx context.Context, path string, into any) error
}

// resource is an answer of the configuration: an object, or a list of objects or of
// categories.
type resource struct {
	Key   string
	Body  json.RawMessage
	Meta  struct{ Href string }
	Items *[]json.RawMessage

	path     string
	document json.RawMessage // all of it
}

func read(ctx context.Context, r reader, path string) (*resource, error) {
	var document json.RawMessage
	if err := r.Get(ctx, path, &document); err != nil {
		return nil, err
	}
	return understand(path, document)
}

func understand(path string, document json.RawMessage) (*resource, error) {
	found := &resource{path: path, document: document}
	if err := json.Unmarshal(document, found); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, client.ErrUnexpectedAnswer, err)
	}
	if string(found.Body) == "null" {
		found.Body = nil
	}
	return found, nil
}

// body is the body as it is written.
func (f *resource) body() (any, error) {
	if f.Body == nil {
		return nil, fmt.Errorf("%s: %w: there is no body in it", f.path, client.ErrUnexpectedAnswer)
	}
	value, err := decode(f.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", f.path, client.ErrUnexpectedAnswer, err)
	}
	return written(value), nil
}

// name is the name of the object, by which people know it.
func (f *resource) name() string {
	var named struct{ Name string }
	if f.Body == nil || json.Unmarshal(f.Body, &named) != nil {
		return ""
	}
	return named.Name
}

// isCollection tells whether the list is one of objects that have bodies.
func (f *resource) isCollection() bool {
	p, ok := contract.Find(f.path)
	_, hasObjects := contract.Find(f.path + "/key")
	return f.Items != nil && ok && (p.IsCollection() || hasObjects)
}

// members goes through what is in a list. Objects of which an appliance up to 6.0
// lists no more than the links are read one by one.
func (f *resource) members(ctx context.Context, r reader) iter.Seq2[*resource, error] {
	return func(yield func(*resource, error) bool) {
		if f.Items == nil {
			yield(nil, fmt.Errorf("%s: %w: it is no list", f.path, client.ErrUnexpectedAnswer))
			return
		}
		for _, item := range *f.Items {
			member, err := understand(f.path, item)
			if err == nil {
				member.path = member.Meta.Href
				if member.path == "" {
					member.path = contract.Join(f.path, member.Key)
				}
				if member.Body == nil && f.isCollection() {
					member, err = read(ctx, r, member.path)
				}
			}
			if !yield(member, err) || err != nil {
				return
			}
		}
	}
}

// errNotOne says that a name doesn't tell which object is meant.
var errNotOne = errors.New("several objects have this name; give the path of one")

// called finds an object of a list by its name; nil if there is none.
func (f *resource) called(ctx context.Context, r reader, name string) (found *resource, err error) {
	for member, err := range f.members(ctx, r) {
		switch {
		case err != nil:
			return nil, err
		case member.name() != name:
		case found != nil:
			return nil, fmt.Errorf("%s: %q: %w", f.path, name, errNotOne)
		default:
			found = member
		}
	}
	return found, nil
}
