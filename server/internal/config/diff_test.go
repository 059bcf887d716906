package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDiff(t *testing.T) {
	const doc = "/api/x"
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	tests := []struct {
		name     string
		from, to string // empty: no document
		want     []Change
	}{
		{"nothing", "", "", nil},
		{"same", `{"a":[1,{"b":null}]}`, `{"a":[1,{"b":null}]}`, nil},
		{"same but for order and space", `{"a":1,"b":2}`, `{ "b": 2, "a": 1 }`, nil},
		{"same number", `{"a":30}`, `{"a":3.0e1}`, nil},
		{"document created", "", `{"a":1}`, []Change{{Create, "/api/x", nil, raw(`{"a":1}`)}}},
		{"document deleted", `{"a":1}`, "", []Change{{Delete, "/api/x", raw(`{"a":1}`), nil}}},
		{"scalar document", `"UTC"`, `"Europe/Berlin"`, []Change{{Replace, "/api/x", raw(`"UTC"`), raw(`"Europe/Berlin"`)}}},
		{"object becomes array", `{}`, `[]`, []Change{{Replace, "/api/x", raw(`{}`), raw(`[]`)}}},
		{"leaf", `{"a":{"b":{"c":false,"d":1}}}`, `{"a":{"b":{"c":true,"d":1}}}`, []Change{
			{Replace, "/api/x#a/b/c", raw(`false`), raw(`true`)},
		}},
		{"members in order", `{"c":1,"a":1,"b":1}`, `{"d":2,"c":2,"a":2}`, []Change{
			{Replace, "/api/x#a", raw(`1`), raw(`2`)},
			{Delete, "/api/x#b", raw(`1`), nil},
			{Replace, "/api/x#c", raw(`1`), raw(`2`)},
			{Create, "/api/x#d", nil, raw(`2`)},
		}},
		{"a new object is one change", `{}`, `{"a":{"c":2,"b":{"x":1}}}`, []Change{
			{Create, "/api/x#a", nil, raw(`{"b":{"x":1},"c":2}`)},
		}},
		{"arrays are compared whole", `{"a":[1,2]}`, `{"a":[2,1]}`, []Change{
			{Replace, "/api/x#a", raw(`[1,2]`), raw(`[2,1]`)},
		}},
		{"null is a value", `{"a":null,"b":1}`, `{"b":null,"c":null}`, []Change{
			{Delete, "/api/x#a", raw(`null`), nil},
			{Replace, "/api/x#b", raw(`1`), raw(`null`)},
			{Create, "/api/x#c", nil, raw(`null`)},
		}},
		{"numbers are exact", `{"a":9007199254740993}`, `{"a":9007199254740992}`, []Change{
			{Replace, "/api/x#a", raw(`9007199254740993`), raw(`9007199254740992`)},
		}},
		{"a number is no string", `{"a":1}`, `{"a":"1"}`, []Change{
			{Replace, "/api/x#a", raw(`1`), raw(`"1"`)},
		}},
		{"names are escaped", `{"a/b":{"~":1}}`, `{"a/b":{"~":2}}`, []Change{
			{Replace, "/api/x#a~1b/~0", raw(`1`), raw(`2`)},
		}},
		{"text stays readable", `{"a":""}`, `{"a":"<&>"}`, []Change{
			{Replace, "/api/x#a", raw(`""`), raw(`"<&>"`)},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := diff(doc, bytesOrNil(tt.from), bytesOrNil(tt.to))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}

func TestDiffOfNoJSON(t *testing.T) {
	for _, tt := range [][2]string{{`{`, `{}`}, {`{}`, `{`}, {``, `{`}, {`{`, ``}} {
		if c, err := diff("/x", bytesOrNil(tt[0]), bytesOrNil(tt[1])); err == nil {
			t.Errorf("diff(%q, %q) = %v, want an error", tt[0], tt[1], c)
		}
	}
}

func bytesOrNil(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// The change log tells everything: applying it to the old document gives the
// new one, and applying it backwards to the new one gives the old.
func TestDiffApplies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := anyDocument(t, "from")
		to := mutate(t, from)
		if rapid.Bool().Draw(t, "unrelated") {
			to = anyDocument(t, "to")
		}
		before, after := mustEncode(t, from), mustEncode(t, to)
		changes, err := diff("/d", before, after)
		if err != nil {
			t.Fatal(err)
		}
		if (len(changes) == 0) != (string(before) == string(after)) {
			t.Fatalf("%d changes from %s to %s", len(changes), before, after)
		}
		if got := mustEncode(t, apply(t, mustDecode(t, before), changes)); string(got) != string(after) {
			t.Fatalf("forwards: got %s, want %s\nchanges: %s", got, after, show(changes))
		}
		if got := mustEncode(t, apply(t, mustDecode(t, after), reverse(changes))); string(got) != string(before) {
			t.Fatalf("backwards: got %s, want %s\nchanges: %s", got, before, show(changes))
		}
		for i := 1; i < len(changes); i++ {
			if changes[i-1].Path == changes[i].Path {
				t.Fatalf("two changes of %s", changes[i].Path)
			}
		}
	})
}

var names = rapid.SampledFrom([]string{"", "a", "b", "enabled", "a/b", "~", "~1", "#", "ä", "a b"})

// anyDocument draws any JSON value, mostly an object.
func anyDocument(t *rapid.T, label string) any { return value(3).Draw(t, label) }

func value(depth int) *rapid.Generator[any] {
	scalar := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Int64(), func(n int64) any { return json.Number(fmt.Sprint(n)) }),
		rapid.Map(rapid.Float64(), func(f float64) any {
			b, _ := json.Marshal(f)
			return json.Number(b)
		}),
	)
	if depth == 0 {
		return scalar
	}
	object := rapid.Map(rapid.MapOfN(names, rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 5),
		func(m map[string]any) any { return m })
	array := rapid.Map(rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 3),
		func(a []any) any { return a })
	return rapid.OneOf(object, object, object, array, scalar)
}

// mutate draws a document that shares most of another.
func mutate(t *rapid.T, v any) any {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return value(1).Draw(t, "leaf")
	}
	out := make(map[string]any, len(m))
	for name, member := range m {
		out[name] = member
	}
	name := names.Draw(t, "name")
	switch member, ok := out[name]; {
	case ok && rapid.Bool().Draw(t, "delete"):
		delete(out, name)
	case ok:
		out[name] = mutate(t, member)
	default:
		out[name] = value(2).Draw(t, "member")
	}
	return out
}

// apply does to doc what the changes say, and checks that it finds what they
// say was there.
func apply(t *rapid.T, doc any, changes []Change) any {
	for _, c := range changes {
		_, fragment, within := strings.Cut(c.Path, "#")
		if !within {
			doc = mustDecode(t, c.New)
			continue
		}
		steps := strings.Split(fragment, "/")
		for i, s := range steps {
			steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
		}
		at := doc.(map[string]any)
		for _, s := range steps[:len(steps)-1] {
			at = at[s].(map[string]any)
		}
		last := steps[len(steps)-1]
		was, had := at[last]
		if had != (c.Type != Create) {
			t.Fatalf("%s %s: was there: %v", c.Type, c.Path, had)
		}
		if had && string(mustEncode(t, was)) != string(c.Old) {
			t.Fatalf("%s %s: old value %s, but there is %v", c.Type, c.Path, c.Old, was)
		}
		if c.Type == Delete {
			delete(at, last)
		} else {
			at[last] = mustDecode(t, c.New)
		}
	}
	return doc
}

func reverse(changes []Change) []Change {
	opposite := map[ChangeType]ChangeType{Create: Delete, Delete: Create, Replace: Replace}
	out := make([]Change, 0, len(changes))
	for i := len(changes) - 1; i >= 0; i-- {
		c := changes[i]
		out = append(out, Change{Type: opposite[c.Type], Path: c.Path, Old: c.New, New: c.Old})
	}
	return out
}

func show(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "\n%s %s: %s -> %s", c.Type, c.Path, c.Old, c.New)
	}
	return b.String()
}

func mustEncode(t rapid.TB, v any) []byte {
	t.Helper()
	b, err := encode(canonicalNumbers(v))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustDecode(t rapid.TB, b []byte) any {
	t.Helper()
	v, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
