// Package contract reads the contract of the API that is built into the program: which
// paths there are, what they take and give, and what the errors mean. It is read when it
// is first asked for, which most commands never do. It talks to no appliance.
package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/spskit/spskit/gen/apispec"
)

// Object is an object of the contract, such as a schema or an operation.
type Object map[string]any

// Text is a member that is a text; empty if there is none.
func (o Object) Text(name string) string {
	text, _ := o[name].(string)
	return strings.TrimSpace(text)
}

// Object is a member that is an object; nil if there is none. References are followed.
func (o Object) Object(name string) Object { return resolve(o[name]) }

// Objects is a member that is a list of objects.
func (o Object) Objects(name string) []Object {
	list, _ := o[name].([]any)
	objects := make([]Object, 0, len(list))
	for _, item := range list {
		objects = append(objects, resolve(item))
	}
	return objects
}

// Texts is a member that is a list, as texts.
func (o Object) Texts(name string) []string {
	list, _ := o[name].([]any)
	texts := make([]string, 0, len(list))
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
			continue
		}
		encoded, _ := json.Marshal(item) // came from JSON
		texts = append(texts, string(encoded))
	}
	return texts
}

// Names are the names of the members, sorted.
func (o Object) Names() []string { return slices.Sorted(maps.Keys(o)) }

// whole is the contract. That it cannot be read is a mistake in how the program was
// built, which a test would find.
var whole = sync.OnceValue(func() Object {
	document, err := apispec.JSON()
	var o Object
	if err == nil {
		err = json.Unmarshal(document, &o)
	}
	if err != nil {
		panic(fmt.Errorf("the contract in the program is damaged: %w", err))
	}
	return o
})

// Whole is the whole contract.
func Whole() Object { return whole() }

// Schema is a schema by its name; nil if there is none.
func Schema(name string) Object {
	return Whole().Object("components").Object("schemas").Object(name)
}

// resolve makes an Object of what is one, and follows a reference. Members beside the
// reference, which 3.0 doesn't allow, are none.
func resolve(value any) Object {
	object, _ := value.(map[string]any)
	if reference, ok := object["$ref"].(string); ok {
		at := any(map[string]any(Whole()))
		for part := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
			inner, _ := at.(map[string]any)
			at = inner[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		}
		return resolve(at)
	}
	return object
}
