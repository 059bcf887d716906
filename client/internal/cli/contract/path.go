package contract

import (
	"net/url"
	"slices"
	"strings"
)

// Methods are those that a path can have, in the order in which people think of them.
var Methods = []string{"GET", "PUT", "POST", "DELETE"}

const configuration = "/api/configuration/"

// beside are the beginnings of paths that are not of the configuration, and that one itself.
var beside = []string{"acl", "audit", "authentication", "configuration", "endpoints", "info", "setup", "transaction", "user", "user_info"}

// Full is the path of a resource as the API has it. People may leave out the beginning,
// which is /api/configuration/ unless the rest begins like another resource's path.
func Full(path string) string {
	trimmed := strings.Trim(path, "/")
	switch first, _, _ := strings.Cut(trimmed, "/"); {
	case strings.HasPrefix(path, "/"), first == "api":
		return "/" + trimmed
	case slices.Contains(beside, first):
		return "/api/" + trimmed
	}
	return configuration + trimmed
}

// Short is a path as people may write it.
func Short(path string) string {
	if rest, ok := strings.CutPrefix(path, configuration); ok {
		return rest
	}
	return strings.TrimPrefix(path, "/api/")
}

// Path is a path of the contract, with its operations.
type Path struct {
	Template   string // such as /api/configuration/ssh/channel_policies/{key}
	Operations Object // by method in small letters
}

// Operation is the operation of a method, or nil.
func (p Path) Operation(method string) Object { return p.Operations.Object(strings.ToLower(method)) }

// IsCollection tells whether objects can be added below the path.
func (p Path) IsCollection() bool { return p.Operation("POST") != nil }

// Paths are all paths, sorted.
func Paths() []string { return Whole().Object("paths").Names() }

// Find finds the path of the contract that a full path of a resource, or a template,
// fits. Plain parts count more than those in braces.
func Find(path string) (found Path, ok bool) {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	best := -1
	for template, operations := range Whole().Object("paths") {
		if plain := match(strings.Split(template, "/"), parts); plain > best {
			best, found = plain, Path{template, resolve(operations)}
		}
	}
	return found, best >= 0
}

// match counts the parts that are the same; -1 if the path doesn't fit.
func match(template, parts []string) (same int) {
	if len(template) != len(parts) {
		return -1
	}
	for i, part := range template {
		switch {
		case part == parts[i]:
			same++
		case !strings.HasPrefix(part, "{") || parts[i] == "":
			return -1
		}
	}
	return same
}

// ByOperation finds an operation by its id.
func ByOperation(id string) (path Path, method string, ok bool) {
	for _, template := range Paths() {
		p, _ := Find(template)
		for _, method := range Methods {
			if o := p.Operation(method); o != nil && o.Text("operationId") == id {
				return p, method, true
			}
		}
	}
	return Path{}, "", false
}

// Complete gives the paths that begin with a word, in the form in which the word is. It
// stops before a part in braces.
func Complete(word string, only func(Path) bool) []string {
	var words []string
	for _, template := range Paths() {
		p, _ := Find(template)
		if only != nil && !only(p) {
			continue
		}
		known, _, _ := strings.Cut(template, "{")
		for _, form := range []string{known, Short(known)} {
			if strings.HasPrefix(form, word) && !slices.Contains(words, form) {
				words = append(words, form)
				break
			}
		}
	}
	return words
}

// Join is the path of an object in a collection.
func Join(collection, key string) string { return collection + "/" + url.PathEscape(key) }
