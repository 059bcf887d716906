package storetest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// fieldPointers returns the fields of the registry that fit.
func fieldPointers(fits func(f *query.Field) bool) []*query.Field {
	var all []*query.Field
	for i := range query.Fields {
		if fits == nil || fits(&query.Fields[i]) {
			all = append(all, &query.Fields[i])
		}
	}
	return all
}

// likelyFields are drawn more often: those that a store has reason to treat apart.
var likelyFields = []*query.Field{
	query.FieldAt("user.name"), query.FieldAt("server.name"), query.FieldAt("client.ip"), query.FieldAt("protocol"),
	query.FieldAt("start_time"), query.FieldAt("end_time"), query.FieldAt("analytics.tags"), query.FieldAt("vault.ticket_number"),
	query.FieldAt("recording.connection_policy"), query.FieldAt("active"), query.FieldAt("duration"),
}

func drawField(t *rapid.T, fits func(f *query.Field) bool) *query.Field {
	from := fieldPointers(fits)
	if likely := slices.DeleteFunc(slices.Clone(likelyFields), func(f *query.Field) bool { return !fits(f) }); len(likely) > 0 && rapid.Bool().Draw(t, "likely") {
		from = likely
	}
	return rapid.SampledFrom(from).Draw(t, "field")
}

func isText(f *query.Field) bool { return f.Type == query.Keyword }

// filters draws filters whose values occur in the sessions, most of the time.
func filters(sessions []store.Session) *rapid.Generator[store.Filter] {
	return rapid.Custom(func(t *rapid.T) store.Filter {
		var f store.Filter
		around := func(label string) time.Time {
			at := rapid.SampledFrom(sessions).Draw(t, label).Start
			return at.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "off")) * time.Microsecond)
		}
		if rapid.IntRange(0, 3).Draw(t, "from?") == 0 {
			f.StartFrom = around("from")
		}
		if rapid.IntRange(0, 3).Draw(t, "to?") == 0 {
			f.EndTo = around("to").Add(time.Second)
		}
		if rapid.IntRange(0, 9).Draw(t, "expr?") > 0 {
			f.Expr = drawExpr(t, sessions, 3)
		}
		return f
	})
}

func drawExpr(t *rapid.T, sessions []store.Session, depth int) query.Expr {
	kinds := 13
	if depth == 0 {
		kinds = 10
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return query.All{}
	case 1, 2:
		return drawEqual(t, sessions)
	case 3:
		return drawRange(t, sessions)
	case 4:
		f := drawField(t, isText)
		return query.Pattern{Field: f, Glob: query.Glob(rapid.SampledFrom([]string{"*", "a*", "?", "*a", "x", "A?", "?*", "tä*", "*t*", `\**`, "[a]*"}).Draw(t, "glob"))}
	case 5:
		f := drawField(t, isText)
		return query.Similar{Field: f, Value: rapid.SampledFrom([]string{"a", "ab", "TÄG", "zzz"}).Draw(t, "value"), Edits: rapid.IntRange(1, 2).Draw(t, "edits")}
	case 6:
		return query.Exists{Field: drawField(t, func(*query.Field) bool { return true })}
	case 7, 8:
		return drawWords(t)
	case 9:
		if rapid.Bool().Draw(t, "similar") {
			return query.SimilarWord{Kind: drawKind(t), Word: rapid.SampledFrom(vocabulary).Draw(t, "word"), Edits: rapid.IntRange(1, 2).Draw(t, "edits")}
		}
		return query.WordPattern{Kind: drawKind(t), Glob: query.Glob(rapid.SampledFrom([]string{"s?do", "r*t", "g??ße", "q*x"}).Draw(t, "word pattern"))}
	case 10:
		return query.Not{Expr: drawExpr(t, sessions, depth-1)}
	case 11:
		return query.And(drawExprs(t, sessions, depth-1))
	default:
		return query.Or(drawExprs(t, sessions, depth-1))
	}
}

func drawExprs(t *rapid.T, sessions []store.Session, depth int) []query.Expr {
	all := make([]query.Expr, rapid.IntRange(2, 4).Draw(t, "members"))
	for i := range all {
		all[i] = drawExpr(t, sessions, depth)
	}
	return all
}

// drawValue draws a value that some session has, or nil.
func drawValue(t *rapid.T, sessions []store.Session, f *query.Field) any {
	s := rapid.SampledFrom(sessions).Draw(t, "session")
	if values := valuesOf(&s, f); len(values) > 0 {
		return rapid.SampledFrom(values).Draw(t, "value")
	}
	return nil
}

func drawEqual(t *rapid.T, sessions []store.Session) query.Expr {
	f := drawField(t, func(f *query.Field) bool { return f.Type != query.Date })
	v := drawValue(t, sessions, f)
	if v == nil {
		return query.Exists{Field: f}
	}
	if text, ok := v.(string); ok && f.Fold && rapid.Bool().Draw(t, "fold") {
		v = folded(f, text)
	}
	return query.Equal{Field: f, Value: v}
}

func drawRange(t *rapid.T, sessions []store.Session) query.Expr {
	f := drawField(t, func(f *query.Field) bool { return f.Type != query.Bool })
	bound := func() *query.Bound {
		if v := drawValue(t, sessions, f); v != nil {
			return &query.Bound{Value: v, Inclusive: rapid.Bool().Draw(t, "inclusive")}
		}
		return nil
	}
	r := query.Range{Field: f, From: bound(), To: bound()}
	if r.From == nil && r.To == nil {
		return query.Exists{Field: f}
	}
	return r
}

// vocabulary is what the sessions of the tests talk of.
var vocabulary = []string{"sudo", "su", "root", "größe", "rm", "sodu", "x", "x-su", "a.b"}

func drawKind(t *rapid.T) query.Kind {
	return rapid.SampledFrom([]query.Kind{"", "", query.Screen, query.Command, query.Title}).Draw(t, "kind of content")
}

func drawWords(t *rapid.T) query.Expr {
	w := query.Words{Kind: drawKind(t), Words: rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 3).Draw(t, "words")}
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		w.Prefix = true
		last := []rune(w.Words[len(w.Words)-1])
		w.Words[len(w.Words)-1] = string(last[:rapid.IntRange(1, len(last)).Draw(t, "prefix")])
	case 1:
		w.Slop = rapid.IntRange(1, 6).Draw(t, "slop")
		slices.Sort(w.Words)
		w.Words = slices.Compact(w.Words) // proximity is about distinct words
	}
	return w
}

var orders = rapid.Custom(func(t *rapid.T) []store.Order {
	if rapid.Bool().Draw(t, "newest first") {
		return nil
	}
	sort := make([]store.Order, rapid.IntRange(1, 3).Draw(t, "sort keys"))
	for i := range sort {
		sort[i] = store.Order{
			Field:      drawField(t, func(f *query.Field) bool { return !f.List }),
			Descending: rapid.Bool().Draw(t, "descending"),
		}
	}
	return sort
})
