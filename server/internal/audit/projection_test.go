package audit

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestProjection(t *testing.T) {
	const body = `{"active":false,"analytics":{"scripted_results":{},"tags":["a","b\"}"]},"client":{"ip":"10.0.0.1","name":"a, b: {c}","port":1},` +
		`"end_time":null,"recording":{"archived":false,"audit_trail":{"archive":null,"download":{"href":"/x"}},"target":{"ip":"::1"}},` +
		`"user":{"name":"É\\"},"verdict":"ACCEPT"}`
	tests := []struct{ fields, want string }{
		{"*", body},
		{"active,*", body},
		{"verdict", `{"verdict":"ACCEPT"}`},
		{"verdict,active", `{"active":false,"verdict":"ACCEPT"}`},
		{" verdict , active ", `{"active":false,"verdict":"ACCEPT"}`},
		{"end_time", `{"end_time":null}`},
		{"client", `{"client":{"ip":"10.0.0.1","name":"a, b: {c}","port":1}}`},
		{"client.port,client.name", `{"client":{"name":"a, b: {c}","port":1}}`},
		{"client,client.port", `{"client":{"ip":"10.0.0.1","name":"a, b: {c}","port":1}}`},
		{"client.port,client", `{"client":{"ip":"10.0.0.1","name":"a, b: {c}","port":1}}`},
		{"client.port,client.port", `{"client":{"port":1}}`},
		{"analytics.tags", `{"analytics":{"tags":["a","b\"}"]}}`},
		{"analytics.scripted_results", `{"analytics":{"scripted_results":{}}}`},
		{"user", `{"user":{"name":"É\\"}}`},
		{"recording.audit_trail.download.href", `{"recording":{"audit_trail":{"download":{"href":"/x"}}}}`},
		{"recording.audit_trail.archive", `{"recording":{"audit_trail":{"archive":null}}}`},
		{"recording.audit_trail.archive.path", `{}`},
		{"recording.target.ip,recording.archived", `{"recording":{"archived":false,"target":{"ip":"::1"}}}`},
		{"vault", `{}`},
		{"vault.created.user.user_id,alerts,server.ip", `{}`},
		{"vault.account_id,verdict", `{"verdict":"ACCEPT"}`},
	}
	for _, tt := range tests {
		p, err := ParseFields(tt.fields)
		if err != nil {
			t.Errorf("%s: %v", tt.fields, err)
			continue
		}
		got, err := p.Append([]byte("before "), []byte(body))
		if err != nil || string(got) != "before "+tt.want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", tt.fields, got, err, tt.want)
		}
	}
}

func TestParseFieldsNames(t *testing.T) {
	tests := []struct {
		fields    string
		want      []string
		none, all bool
	}{
		{"", nil, true, false},
		{"  ", nil, true, false},
		{"*", []string{"*"}, false, true},
		{"user, client.ip", []string{"user", "client.ip"}, false, false},
	}
	for _, tt := range tests {
		p, err := ParseFields(tt.fields)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, p.Names()); diff != "" || p.None() != tt.none || p.All() != tt.all {
			t.Errorf("%q: none %t, all %t, names (-want +got)\n%s", tt.fields, p.None(), p.All(), diff)
		}
	}
}

func TestParseFieldsErrors(t *testing.T) {
	tests := []struct {
		fields   string
		position int
	}{
		{"nonsense", 0},
		{"user,", 5},
		{",user", 0},
		{"user,,verdict", 5},
		{"user.", 0},
		{"user.name.first", 0},
		{"verdict, User", 9},
		{"user.*", 0},
		{"@this", 0},
		{"user|name", 0},
		{strings.Repeat("user,", 64) + "user", 5 * 64},
		{strings.Repeat("x", 5000), 4096},
	}
	for _, tt := range tests {
		_, err := ParseFields(tt.fields)
		var queryError *QueryError
		if !errors.As(err, &queryError) || queryError.Position != tt.position || queryError.Parameter != "fields" {
			t.Errorf("%.40s: got %v, want an error at %d", tt.fields, err, tt.position)
		}
	}
}

func TestProjectionOfMalformedBody(t *testing.T) {
	p, err := ParseFields("user.name,analytics,verdict")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		``, `null`, `[]`, `{`, `{"`, `{"user`, `{"user"`, `{"user":`, `{"user":{`, `{"user":{"name"`, `{"user":{"name":"x`,
		`{"user":{"name":"x"}`, `{"verdict":}`, `{"verdict":1 2}`, `{"verdict":1,`, `{"a":"\`, `{"a":[1,{"b":2}`, `{"a" 1}`,
	} {
		if got, err := p.Append(nil, []byte(body)); err == nil {
			t.Errorf("%s gave %s", body, got)
		}
	}
}

// prune is what Append does, done the slow way.
func prune(object map[string]any, paths []string) map[string]any {
	pruned := make(map[string]any)
	for name, value := range object {
		var below []string
		whole := false
		for _, path := range paths {
			first, rest, deeper := strings.Cut(path, ".")
			switch {
			case first != name:
			case deeper:
				below = append(below, rest)
			default:
				whole = true
			}
		}
		if whole {
			pruned[name] = value
		} else if inner, ok := value.(map[string]any); ok && below != nil {
			if inner = prune(inner, below); len(inner) > 0 {
				pruned[name] = inner
			}
		}
	}
	return pruned
}

func checkProjection(t rapid.TB, paths []string, object map[string]any) {
	p, err := ParseFields(strings.Join(paths, ","))
	if err != nil {
		t.Fatal(err)
	}
	body, err := appendJSON(nil, object)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Append(nil, body)
	if err != nil {
		t.Fatal(err)
	}
	want, err := appendJSON(nil, prune(object, paths))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Fatalf("fields %v of %s:\ngot  %s\nwant %s", paths, body, got, want)
	}
}

func TestProjectionProperty(t *testing.T) {
	paths := slices.Sorted(maps.Keys(known))
	var names []string
	for _, path := range paths {
		names = append(names, strings.Split(path, ".")...)
	}
	name := rapid.OneOf(rapid.SampledFrom(names), rapid.String())
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), toAny), rapid.Map(rapid.String(), toAny), rapid.Map(rapid.Int64(), toAny),
		rapid.Map(rapid.SliceOf(rapid.String()), toAny),
	)
	value := scalar
	for range 4 {
		value = rapid.OneOf(scalar, rapid.Map(rapid.MapOf(name, value), toAny))
	}
	rapid.Check(t, func(t *rapid.T) {
		checkProjection(t,
			rapid.SliceOfN(rapid.SampledFrom(paths), 1, maxFields).Draw(t, "paths"),
			rapid.MapOf(name, value).Draw(t, "body"))
	})
}

func toAny[T any](v T) any { return v }

// FuzzProjection: never a panic, whatever is stored and asked for; and the naive
// way gives the same, for any object.
func FuzzProjection(f *testing.F) {
	f.Add("user.name,client", guideSession)
	f.Add("recording.target,recording.target.ip", guideSession)
	f.Add("analytics", ` { "analytics" : { "tags" : [ ] } , "x":1 } `)
	f.Add("user", `{"user":"a\\\"b"}`)
	f.Add("verdict", `{"verdict":1e5,"a":{"b":[{}]}}`)
	f.Add("*", `{"`)
	f.Fuzz(func(t *testing.T, fields, body string) {
		p, err := ParseFields(fields)
		if err != nil {
			var queryError *QueryError
			if !errors.As(err, &queryError) || queryError.Position < 0 || queryError.Position > len(fields) {
				t.Fatalf("bad error %#v", err)
			}
			return
		}
		out, err := p.Append(nil, []byte(body))
		var object map[string]any
		if decodeJSON([]byte(body), &object) != nil || !json.Valid([]byte(body)) || object == nil {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if !json.Valid(out) {
			t.Fatalf("%s gave %s", body, out)
		}
		if p.None() || p.All() {
			return
		}
		checkProjection(t, p.Names(), object)
	})
}

func BenchmarkProjection(b *testing.B) {
	d := guideDocument(b, "s", testNow)
	body, err := d.compose(linksForBenchmark)
	if err != nil {
		b.Fatal(err)
	}
	for _, fields := range []string{"*", "start_time,user.name", "active,client.ip", "recording,analytics,client,server,user,verdict"} {
		b.Run(fields, func(b *testing.B) {
			p, err := ParseFields(fields)
			if err != nil {
				b.Fatal(err)
			}
			var dst []byte
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if dst, err = p.Append(dst[:0], body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("decode and encode", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var object map[string]any
			if err := decodeJSON(body, &object); err != nil {
				b.Fatal(err)
			}
			if _, err := json.Marshal(prune(object, []string{"start_time", "user.name"})); err != nil {
				b.Fatal(err)
			}
		}
	})
}
