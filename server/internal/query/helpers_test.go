package query

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// now is a Wednesday.
var now = time.Date(2018, 2, 14, 13, 5, 7, 123456789, time.UTC)

// dump writes an expression down in full, each node in parentheses.
func dump(e Expr) string {
	switch e := e.(type) {
	case All:
		return "all"
	case And:
		return "(and" + dumpAll(e) + ")"
	case Or:
		return "(or" + dumpAll(e) + ")"
	case Not:
		return "(not " + dump(e.Expr) + ")"
	case Equal:
		return fmt.Sprintf("(%s = %s)", e.Field.Path, dumpValue(e.Value))
	case Range:
		s := "(" + e.Field.Path
		if e.From != nil {
			s += fmt.Sprintf(" >%s %s", strings.Repeat("=", btoi(e.From.Inclusive)), dumpValue(e.From.Value))
		}
		if e.To != nil {
			s += fmt.Sprintf(" <%s %s", strings.Repeat("=", btoi(e.To.Inclusive)), dumpValue(e.To.Value))
		}
		return s + ")"
	case Pattern:
		return fmt.Sprintf("(%s like %s)", e.Field.Path, e.Glob)
	case Similar:
		return fmt.Sprintf("(%s ~%d %s)", e.Field.Path, e.Edits, e.Value)
	case Exists:
		return "(has " + e.Field.Path + ")"
	case Words:
		s := "(words" + dumpKind(e.Kind) + " " + strings.Join(e.Words, " ")
		if e.Prefix {
			s += " ..."
		}
		if e.Slop > 0 {
			s += fmt.Sprintf(" within %d", e.Slop)
		}
		return s + ")"
	case WordPattern:
		return fmt.Sprintf("(word%s like %s)", dumpKind(e.Kind), e.Glob)
	case SimilarWord:
		return fmt.Sprintf("(word%s ~%d %s)", dumpKind(e.Kind), e.Edits, e.Word)
	}
	return fmt.Sprintf("%#v", e)
}

func dumpAll(list []Expr) (s string) {
	for _, e := range list {
		s += " " + dump(e)
	}
	return s
}

func dumpKind(k Kind) string {
	if k == "" {
		return ""
	}
	return " " + string(k)
}

func dumpValue(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case time.Time:
		return v.Format("2006-01-02T15:04:05.999999999")
	}
	return fmt.Sprintf("%v", v)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

type parseTest struct{ in, want string }

func testParse(t *testing.T, tests []parseTest) {
	t.Helper()
	for _, tt := range tests {
		e, err := Parse(tt.in, now)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if got := dump(e); got != tt.want {
			t.Errorf("Parse(%q)\n got %s\nwant %s", tt.in, got, tt.want)
		}
		again, err := Parse(Format(e), now)
		if err != nil || dump(again) != tt.want {
			t.Errorf("Parse(%q), formatted as %q, is %s, %v", tt.in, Format(e), dump(again), err)
		}
	}
}

type errorTest struct {
	in       string
	position int
	expected string
}

func testErrors(t *testing.T, parse func(string) (Expr, error), tests []errorTest) {
	t.Helper()
	for _, tt := range tests {
		shown := tt.in[:min(60, len(tt.in))]
		e, err := parse(tt.in)
		var syntaxError *SyntaxError
		if !errors.As(err, &syntaxError) || e != nil {
			t.Errorf("%q: %v, %v; want a *SyntaxError", shown, e, err)
			continue
		}
		if syntaxError.Position != tt.position || syntaxError.Expected != tt.expected {
			t.Errorf("%q: expected %s at %d, want %s at %d",
				shown, syntaxError.Expected, syntaxError.Position, tt.expected, tt.position)
		}
	}
}

func parseNow(q string) (Expr, error) { return Parse(q, now) }
