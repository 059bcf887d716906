package config

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spskit/spskit/client/internal/cli/failure"
)

// assignment is an argument of set: a member and its value.
type assignment struct {
	member string
	path   []string
	value  any
	unset  bool
}

// parseAssignment reads name=value. The value is JSON if it can be, or else a text.
func parseAssignment(argument string) (assignment, error) {
	name, text, ok := strings.Cut(argument, "=")
	if !ok {
		return assignment{}, failure.Usage("%q is no assignment: write member=value", argument)
	}
	path, err := members(name)
	var value any = text
	if json.Valid([]byte(text)) {
		value, _ = decode(json.RawMessage(text)) // is valid
	}
	return assignment{member: name, path: path, value: value}, err
}

// parseUnset reads the name of a member that is to go.
func parseUnset(name string) (assignment, error) {
	path, err := members(name)
	return assignment{member: name, path: path, unset: true}, err
}

// members splits a name at its dots; those with a backslash before them belong to it.
func members(name string) ([]string, error) {
	const kept = "\x00" // which no argument can hold
	parts := strings.Split(strings.ReplaceAll(name, `\.`, kept), ".")
	for i, part := range parts {
		if part == "" {
			return nil, failure.Usage("%q is no name of a member: there is nothing between its dots", name)
		}
		parts[i] = strings.ReplaceAll(part, kept, ".")
	}
	return parts, nil
}

// assign gives a copy of a value with the member set.
func (s assignment) assign(value any) (any, error) { return s.at(value, s.path) }

func (s assignment) at(value any, path []string) (any, error) {
	if len(path) == 0 {
		return s.value, nil
	}
	last := s.unset && len(path) == 1
	switch value := value.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(value) {
			return nil, failure.Usage("%s: the list has no element %q: its %d elements are numbered from 0", s.member, path[0], len(value))
		}
		list := slices.Clone(value)
		if last {
			return slices.Delete(list, i, i+1), nil
		}
		list[i], err = s.at(value[i], path[1:])
		return list, err
	case map[string]any, nil:
		object, _ := value.(map[string]any)
		if _, there := object[path[0]]; !there && s.unset {
			return value, nil
		}
		object = maps.Clone(object)
		if object == nil {
			object = map[string]any{}
		}
		if last {
			delete(object, path[0])
			return object, nil
		}
		inner, err := s.at(object[path[0]], path[1:])
		object[path[0]] = inner
		return object, err
	}
	return nil, failure.Usage("%s: %q cannot be a member of a value that is no object", s.member, path[0])
}
