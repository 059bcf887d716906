package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"github.com/spskit/spskit/server/internal/query"
)

func init() {
	// within_edits(a, b, n) is query.WithinEdits, and NULL if a is.
	sqlite.MustRegisterDeterministicScalarFunction("within_edits", 3, withinEdits)
	// within_record(text, words, n) reports whether n words in a row of one record
	// have all of the words among them.
	sqlite.MustRegisterDeterministicScalarFunction("within_record", 3, withinRecord)
	// list_json(list) is a list as its column keeps it, as JSON and each value once.
	sqlite.MustRegisterDeterministicScalarFunction("list_json", 1, listJSON)
	// content_words(content, kind) gathers the words of one kind of content. A
	// migration needs it.
	sqlite.MustRegisterDeterministicScalarFunction("content_words", 2, contentWords)
}

func withinEdits(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil {
		return nil, nil
	}
	value, ok := args[0].(string)
	wanted, okWanted := args[1].(string)
	edits, okEdits := args[2].(int64)
	if !ok || !okWanted || !okEdits {
		return nil, fmt.Errorf("within_edits(%T, %T, %T)", args[0], args[1], args[2])
	}
	return query.WithinEdits(value, wanted, int(edits)), nil
}

func withinRecord(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	text, ok := args[0].(string)
	wanted, okWanted := args[1].(string)
	span, okSpan := args[2].(int64)
	if !ok || !okWanted || !okSpan {
		return nil, fmt.Errorf("within_record(%T, %T, %T)", args[0], args[1], args[2])
	}
	words := strings.Fields(wanted)
	last := make([]int, len(words)) // where each word was seen last, from 1
	at := 0
	for word := range strings.FieldsSeq(text) {
		at++
		if word == query.Boundary {
			clear(last)
			continue
		}
		i := slices.Index(words, word)
		if i < 0 {
			continue
		}
		last[i] = at
		if first := slices.Min(last); first > 0 && at-first < int(span) {
			return true, nil
		}
	}
	return false, nil
}

func listJSON(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil {
		return nil, nil
	}
	list, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("list_json(%T)", args[0])
	}
	var values []string
	for value := range splitList(list) {
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	array, err := json.Marshal(values)
	return string(array), err
}

func contentWords(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	content, ok := args[0].([]byte)
	kind, okKind := args[1].(string)
	if !ok || !okKind {
		return nil, fmt.Errorf("content_words(%T, %T)", args[0], args[1])
	}
	var records []struct{ Kind, Text string }
	if err := json.Unmarshal(content, &records); err != nil {
		return nil, err
	}
	var words []byte
	for _, r := range records {
		if r.Kind == kind {
			words = query.AppendRecord(words, r.Text)
		}
	}
	return string(words), nil
}
