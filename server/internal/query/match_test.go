package query

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestGlobMatch(t *testing.T) {
	for _, tt := range []struct {
		glob Glob
		s    string
		want bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "ab", false},
		{"*", "", true},
		{"*", "\n東", true},
		{"?", "東", true},
		{"?", "", false},
		{"?*", "", false},
		{"a*", "abc", true},
		{"*c", "abcc", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"*ab", "aab", true},
		{"a?c", "abc", true},
		{`a\*`, "a*", true},
		{`a\*`, "ab", false},
		{`a\?`, "a?", true},
		{`\\`, `\`, true},
		{`\`, `\`, true},
		{"*東?", "京東京", true},
		{"A", "a", false},
	} {
		if got := tt.glob.Match(tt.s); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.glob, tt.s, got)
		}
	}
	if got, want := Glob(`SS*\?É`).Fold(), Glob(`ss*\?É`); got != want {
		t.Errorf("folded: %q, want %q", got, want)
	}
}

// What takes exponential time if done without care.
func TestGlobMatchIsQuick(t *testing.T) {
	begun := time.Now()
	if Glob(strings.Repeat("a*", 1000) + "b").Match(strings.Repeat("a", 10000)) {
		t.Error("there is no b")
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestGlobParts(t *testing.T) {
	for _, tt := range []struct {
		glob   Glob
		prefix string
		only   bool
	}{
		{"", "", false},
		{"ab", "ab", false},
		{"ab*", "ab", true},
		{"*", "", true},
		{"ab*c", "ab", false},
		{"ab?", "ab", false},
		{"ab*?", "ab", false},
		{`a\*b*`, "a*b", true},
		{`東\`, `東\`, false},
	} {
		if prefix, only := tt.glob.Prefix(); prefix != tt.prefix || only != tt.only {
			t.Errorf("%q begins with %q, %v; want %q, %v", tt.glob, prefix, only, tt.prefix, tt.only)
		}
	}
	if got, want := Literal(`a*b?c\d`), Glob(`a\*b\?c\\d`); got != want || !want.Match(`a*b?c\d`) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// matchNaively is Match as its definition says it.
func matchNaively(g []rune, wild []bool, s []rune) bool {
	switch {
	case len(g) == 0:
		return len(s) == 0
	case wild[0] && g[0] == '*':
		for i := range len(s) + 1 {
			if matchNaively(g[1:], wild[1:], s[i:]) {
				return true
			}
		}
		return false
	}
	return len(s) > 0 && (wild[0] || g[0] == s[0]) && matchNaively(g[1:], wild[1:], s[1:])
}

func FuzzGlob(f *testing.F) {
	for _, s := range [][2]string{{"a*b?c", "aXbYc"}, {`\*`, "*"}, {"*東?", "京東京"}, {"**a", "aaa"}, {`a\`, `a\`}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(s) || len(pattern) > 16 || len(s) > 16 {
			return
		}
		var runes []rune
		var wild []bool
		for r, w := range Glob(pattern).Runes {
			runes, wild = append(runes, r), append(wild, w)
		}
		if got, want := Glob(pattern).Match(s), matchNaively(runes, wild, []rune(s)); got != want {
			t.Fatalf("%q matches %q: %v", pattern, s, got)
		}
		if !Literal(s).Match(s) {
			t.Fatalf("%q does not match itself", s)
		}
		prefix, only := Glob(pattern).Prefix()
		if Glob(pattern).Match(s) && !strings.HasPrefix(s, prefix) || only && Glob(pattern).Match(s) != strings.HasPrefix(s, prefix) {
			t.Fatalf("%q has the prefix %q, %v, which %q does not agree with", pattern, prefix, only, s)
		}
	})
}

func TestWithinEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b     string
		distance int
	}{
		{"", "", 0},
		{"joe", "joe", 0},
		{"joe", "jo", 1},
		{"joe", "joey", 1},
		{"joe", "jon", 1},
		{"joe", "jeo", 1},
		{"joe", "oje", 1},
		{"", "a", 1},
		{"ca", "abc", 3},
		{"balabit", "blaabti", 2},
		{"東京", "京東", 1},
		{"é", "e", 1},
		{"joe", "JOE", 3},
		{"abcd", "badc", 2},
		{"abcdef", "bacdfex", 3},
	} {
		for edits := range 3 {
			if got := WithinEdits(tt.a, tt.b, edits); got != (tt.distance <= edits) {
				t.Errorf("WithinEdits(%q, %q, %d) = %v", tt.a, tt.b, edits, got)
			}
		}
	}
}

// distance fills the whole table of the optimal string alignment distance.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			d[i][j] = min(d[i-1][j], d[i][j-1]) + 1
			d[i][j] = min(d[i][j], d[i-1][j-1]+btoi(a[i-1] != b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestWithinEditsAgrees(t *testing.T) {
	text := rapid.SliceOfN(rapid.SampledFrom([]rune("abé")), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		want := distance(a, b)
		for edits := range 4 {
			if got := WithinEdits(string(a), string(b), edits); got != (want <= edits) {
				t.Fatalf("WithinEdits(%q, %q, %d) = %v, the distance is %d", string(a), string(b), edits, got, want)
			}
		}
	})
}

func TestFieldEqual(t *testing.T) {
	protocol, name := FieldAt("protocol"), FieldAt("user.name")
	for _, tt := range []struct {
		field  *Field
		a, b   string
		wanted bool
	}{
		{protocol, "SSH", "ssh", true},
		{protocol, "SSH", "SSH", true},
		{protocol, "SSH", "SSHX", false},
		{protocol, "SSH", "SSX", false},
		{protocol, "É", "é", false},
		{protocol, "@", "`", false},
		{name, "joe", "joe", true},
		{name, "joe", "Joe", false},
	} {
		if got := tt.field.Equal(tt.a, tt.b); got != tt.wanted {
			t.Errorf("%s: Equal(%q, %q) = %v", tt.field.Path, tt.a, tt.b, got)
		}
	}
}

func TestFields(t *testing.T) {
	if !slices.IsSortedFunc(Fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("not sorted by path")
	}
	for i := range Fields {
		if f := FieldAt(Fields[i].Path); f != &Fields[i] {
			t.Errorf("FieldAt(%q) = %v", Fields[i].Path, f)
		}
	}
	for _, path := range []string{"", "user", "user.nam", "zzz", "screen.content"} {
		if f := FieldAt(path); f != nil {
			t.Errorf("FieldAt(%q) = %v", path, f)
		}
	}
}
