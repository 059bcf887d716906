package query

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "*:*"},
		{"NOT *", "NOT *:*"},
		{"a  b||c", "a AND b OR c"},
		{"-(a b) +(c OR d)", "NOT (a AND b) AND (c OR d)"},
		{"((a)) OR protocol=SSH", "a OR protocol:SSH"},
		{"user.name:(joe OR joe)", "user.name:joe OR user.name:joe"},
		{`user.name:"joe"`, "user.name:joe"},
		{`user.name:a\ b`, `user.name:"a b"`},
		{`user.name:"" user.name:"OR" user.name:"C:\\x \"y"`, `user.name:"" AND user.name:"OR" AND user.name:"C:\\x \"y"`},
		{`user.name:a\ *\?`, `user.name:a\ *\?`},
		{`user.name:\OR~`, `user.name:\OR~2`},
		{"user.name:[* TO *]", "_exists_:user.name"},
		{"duration:[5 TO *}", "duration:>=5"},
		{"duration:{* TO 5}", "duration:<5"},
		{"duration:{1 TO 5]", "duration:{1 TO 5]"},
		{`client.name:["TO" TO "a b"]`, `client.name:["TO" TO "a b"]`},
		{"client.ip:10.0.0.0/8", "client.ip:[10.0.0.0 TO 10.255.255.255]"},
		{"start_time:now/d", "start_time:[2018-02-14T00:00:00Z TO 2018-02-15T00:00:00Z}"},
		{"start_time:now", "start_time:[2018-02-14T13:05:07.123456Z TO 2018-02-14T13:05:07.123457Z}"},
		{"start_time:>2200", "start_time:>2200"},
		{"start_time:<=2200", "start_time:<=2200"},
		{"start_time:2200", "start_time:[2200-01-01T00:00:00Z TO 2200]"},
		{"start_time:{2200 TO 2200]", "start_time:{2200 TO 2200]"},
		{"pass*", "pass*"},
		{"joe~1 AND 10.0.0.0/8", `joe~1 AND "10.0.0.0/8"`},
		{
			`screen.content:(command:"sudo su" title:a-b* "a b"~2 p?ss su~)`,
			`screen.content:(command:"sudo su") AND screen.content:(title:a-b*) AND screen.content:"a b"~2 AND screen.content:p?ss AND screen.content:su~2`,
		},
	} {
		e, err := Parse(tt.in, now)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
		} else if got := Format(e); got != tt.want {
			t.Errorf("Parse(%q) is written as %q, want %q", tt.in, got, tt.want)
		}
	}
}

// trees draws expressions as Parse returns them. Content makes those of
// ParseContent.
type trees struct{ content bool }

func (g trees) draw(t *rapid.T, depth int) Expr {
	if depth == 0 {
		return g.leaf(t)
	}
	switch rapid.IntRange(0, 3).Draw(t, "node") {
	case 0:
		var list And
		for range rapid.IntRange(2, 4).Draw(t, "members") {
			list = flattenAnd(list, g.draw(t, depth-1))
		}
		return list
	case 1:
		var list Or
		for range rapid.IntRange(2, 4).Draw(t, "members") {
			list = flattenOr(list, g.draw(t, depth-1))
		}
		return list
	case 2:
		return negate(g.draw(t, depth-1))
	}
	return g.leaf(t)
}

var (
	values = rapid.OneOf(
		rapid.SampledFrom([]string{"AND", "OR", "NOT", "TO", "*", "a b", `\`, `"`, "joe", "10.0.0.1", "10.0.0.0/8", "-", "/", "2017", "é"}),
		rapid.StringOfN(rapid.Rune(), 0, 12, -1),
	)
	word = rapid.StringMatching(`[a-z0-9éß東]{1,6}`)
)

// leaf avoids a "*" of its own, and an Or as a member of others.
func (g trees) leaf(t *rapid.T) Expr {
	kind := rapid.SampledFrom([]Kind{"", Screen, Command, Title}).Draw(t, "kind")
	lowest := btoi(!g.content) * 3
	switch n := rapid.IntRange(-3, 4+lowest*2).Draw(t, "leaf"); n {
	case -3:
		return SimilarWord{kind, word.Draw(t, "word"), rapid.IntRange(1, 2).Draw(t, "edits")}
	case -2:
		return WordPattern{kind, Glob(rapid.StringMatching(`[a-z東]{1,3}\?[a-z0-9*]?[a-z?]{0,3}`).Draw(t, "pattern"))}
	case -1:
		return Words{Kind: kind, Words: rapid.SliceOfN(word, 1, 3).Draw(t, "words"), Prefix: true}
	case 0:
		words := rapid.SliceOfNDistinct(word, 2, 4, rapid.ID).Draw(t, "words")
		return Words{Kind: kind, Words: words, Slop: rapid.IntRange(1, 100).Draw(t, "slop")}
	case 1, 2, 3, 4:
		return Words{Kind: kind, Words: rapid.SliceOfN(word, 1, 3).Draw(t, "words")}
	case 5:
		return All{}
	}
	f := &Fields[rapid.IntRange(0, len(Fields)-1).Draw(t, "field")]
	switch rapid.IntRange(0, 5).Draw(t, "comparison") {
	case 0:
		return Exists{f}
	case 1:
		if f.Type == Keyword {
			// The wildcards are put between what each matches literally.
			parts := rapid.SliceOfN(values, 2, 4).Draw(t, "parts")
			var b strings.Builder
			for i, part := range parts {
				if i > 0 {
					b.WriteString(rapid.SampledFrom([]string{"?*", "?", "??"}).Draw(t, "wildcard"))
				}
				b.WriteString(string(Literal(part)))
			}
			return Pattern{f, Glob(b.String())}
		}
	case 2:
		if f.Type == Keyword {
			return Similar{f, "x" + values.Draw(t, "value"), rapid.IntRange(1, 2).Draw(t, "edits")}
		}
	case 3, 4:
		if f.Type != Bool {
			from, to := g.bound(t, f, true), g.bound(t, f, false)
			if rapid.Bool().Draw(t, "open") {
				from = nil
			} else if rapid.Bool().Draw(t, "open") {
				to = nil
			}
			return Range{f, from, to}
		}
	}
	if f.Type == Date {
		return Range{f, g.bound(t, f, true), g.bound(t, f, false)}
	}
	if f.Type == Keyword && rapid.Bool().Draw(t, "bare") {
		return bareLeaves(term{text: "x" + values.Draw(t, "value"), number: -1})
	}
	return Equal{f, g.value(t, f)}
}

func (g trees) bound(t *rapid.T, f *Field, lower bool) *Bound {
	inclusive := rapid.Bool().Draw(t, "inclusive")
	if f.Type == Date {
		inclusive = lower
	}
	return &Bound{g.value(t, f), inclusive}
}

func (g trees) value(t *rapid.T, f *Field) any {
	switch f.Type {
	case Keyword:
		return values.Draw(t, "value")
	case Long:
		return rapid.Int64().Draw(t, "number")
	case Bool:
		return rapid.Bool().Draw(t, "bool")
	case IP:
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")
		if rapid.Bool().Draw(t, "ipv4") {
			b = b[:4]
		}
		a, _ := netip.AddrFromSlice(b)
		return a.Unmap()
	}
	micros := rapid.Int64Range(0, afterAll.UnixMicro()).Draw(t, "micros")
	return time.UnixMicro(micros).UTC()
}

// same compares expressions; dates and addresses are in one form each.
func same(a, b Expr) bool { return reflect.DeepEqual(a, b) }

func TestFormatRandomTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := trees{}.draw(t, rapid.IntRange(0, 3).Draw(t, "depth"))
		text := Format(e)
		if len(text) > maxBytes {
			t.Skip("too long")
		}
		again, err := Parse(text, now)
		if err != nil || !same(again, e) {
			t.Fatalf("%s\nis written as %s\nwhich is %s, %v", dump(e), text, dump(again), err)
		}
	})
}

func TestFormatContentRandomTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := trees{content: true}.draw(t, rapid.IntRange(0, 3).Draw(t, "depth"))
		text := FormatContent(e)
		again, err := ParseContent(text)
		if err != nil || !same(again, e) {
			t.Fatalf("%s\nis written as %s\nwhich is %s, %v", dump(e), text, dump(again), err)
		}
	})
}

// checkTree reports what is wrong with the form of an expression.
func checkTree(e Expr) error {
	switch e := e.(type) {
	case And:
		for _, member := range e {
			if _, ok := member.(And); ok || len(e) < 2 {
				return fmt.Errorf("And of %d, %v", len(e), member)
			}
			if err := checkTree(member); err != nil {
				return err
			}
		}
	case Or:
		for _, member := range e {
			if _, ok := member.(Or); ok || len(e) < 2 {
				return fmt.Errorf("Or of %d, %v", len(e), member)
			}
			if err := checkTree(member); err != nil {
				return err
			}
		}
	case Not:
		if _, ok := e.Expr.(Not); ok {
			return errors.New("Not of Not")
		}
		return checkTree(e.Expr)
	case Words:
		if len(e.Words) == 0 || e.Slop > 0 && (e.Prefix || len(e.Words) == 1) {
			return fmt.Errorf("%#v", e)
		}
	case WordPattern:
		if _, only := e.Glob.Prefix(); only || isWildcard(e.Glob[0]) {
			return fmt.Errorf("%#v", e)
		}
	}
	return nil
}

// fuzzParse: never a panic; an error points into the text; and what is accepted is
// the same again when it is written down.
func fuzzParse(t *testing.T, s string, parse func(string) (Expr, error), format func(Expr) string) {
	e, err := parse(s)
	if err != nil {
		var syntaxError *SyntaxError
		if !errors.As(err, &syntaxError) || e != nil || syntaxError.Expected == "" ||
			syntaxError.Position < 0 || syntaxError.Position > len(s) {
			t.Fatalf("%q: %v, bad error %#v", s, e, err)
		}
		return
	}
	if err := checkTree(e); err != nil {
		t.Fatalf("%q is %s: %v", s, dump(e), err)
	}
	text := format(e)
	again, err := parse(text)
	if err != nil && strings.Contains(err.Error(), "at most") { // beyond the bounds
		return
	}
	if err != nil || !same(again, e) {
		t.Fatalf("%q is %s\nwritten as %q it is %s, %v", s, dump(e), text, dump(again), err)
	}
	if twice := format(again); twice != text {
		t.Fatalf("%q is written as %q, and then as %q", s, text, twice)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`user.name:joe OR NOT (sudo "a b"~3) start_time:[now-7d/d TO 2017-01-01||+1M/d}`)
	f.Fuzz(func(t *testing.T, s string) { fuzzParse(t, s, parseNow, Format) })
}

func FuzzParseContent(f *testing.F) {
	for _, tt := range contentTests {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) { fuzzParse(t, s, ParseContent, FormatContent) })
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("protocol:SSH AND user.name:balabit AND start_time:[now-7d/d TO now] NOT verdict:(DENY OR FAIL)", now); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	e, err := Parse("protocol:SSH AND user.name:balabit AND sudo NOT verdict:(DENY OR FAIL)", now)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Format(e)
	}
}
