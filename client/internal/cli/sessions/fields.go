package sessions

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

// keyField stands for the key of a session among its properties.
const keyField = "key"

// project lets a query read the properties that are shown, and no others. With --fields
// they are the columns too.
func project(q *client.SessionQuery, fields []string) ([]column, error) {
	var chosen []column
	for _, path := range fields {
		if path = strings.TrimSpace(path); path == "" {
			return nil, failure.Usage("--fields has an empty name")
		}
		chosen = append(chosen, fieldColumn(path))
		if path != keyField {
			q.Fields = append(q.Fields, path)
		}
	}
	q.KeysOnly = len(q.Fields) == 0
	return chosen, nil
}

// fieldColumn shows a property as the server sent it.
func fieldColumn(path string) column {
	if path == keyField {
		return keyColumn
	}
	return column{Name: path, Value: func(s client.Session) any {
		var document struct{ Body map[string]any }
		d := json.NewDecoder(bytes.NewReader(s.Raw))
		d.UseNumber()
		if d.Decode(&document) != nil {
			return nil
		}
		return member(document.Body, strings.Split(path, "."))
	}}
}

// member finds a value by its path. Lists of texts are such, and numbers keep their digits.
func member(value any, path []string) any {
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	if list, ok := value.([]any); ok && !slices.ContainsFunc(list, func(item any) bool { _, ok := item.(string); return !ok }) {
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = item.(string)
		}
		return texts
	}
	return value
}
