package query

import (
	"slices"
	"strings"
	"testing"
)

var contentTests = []parseTest{
	{"exit", "(words exit)"},
	{"man iptables", "(and (words man) (words iptables))"},
	{`"sudo su"`, "(words sudo su)"},
	{`command:"sudo su"`, "(words command sudo su)"},
	{"title:settings", "(words title settings)"},
	{"title=settings", "(words title settings)"},
	{"screen: Example", "(words screen example)"},
	{`"keyword1 keyword2" NOT "keyword2 keyword3"`, "(and (words keyword1 keyword2) (not (words keyword2 keyword3)))"},
	{`C\:\\Windows`, "(words c windows)"},
	{"a OR b AND c", "(or (words a) (and (words b) (words c)))"},
	{"access.log", "(words access.log)"},
	{"query-by-example", "(words query-by-example)"},
	{"_a.b-c_d_.e--f..g", "(words a.b-c_d e f g)"},
	{"var/log", "(words var log)"},
	{`\/etc`, "(words etc)"},
	{"PATH=/usr/bin", "(words path usr bin)"},
	{"a<b>c=d", "(words a b c d)"},
	{"=a <b >c", "(and (words a) (words b) (words c))"},
	{"title>5", "(words title 5)"},
	{`title\:a`, "(words title a)"},
	{"pass*", "(words pass ...)"},
	{"PASS**", "(words pass ...)"},
	{"var-lo*", "(words var-lo ...)"},
	{"var/lo*", "(words var lo ...)"},
	{"access.*", "(words access. ...)"},
	{".ba?h-rc.", "(word like ba?h-rc)"},
	{"a-*b", "(word like a-*b)"},
	{`a\ b*`, "(words a b ...)"},
	{"p?ss*d", "(word like p?ss*d)"},
	{"P?SS*", "(word like p?ss*)"},
	{"e\u0301?u*\u0301", "(word like e?u*)"},
	{"e*\u0301", "(words e ...)"},
	{"title:p?ss", "(word title like p?ss)"},
	{"sudo~", "(word ~2 sudo)"},
	{"command:Sudo~1", "(word command ~1 sudo)"},
	{`"a b"~5`, "(words a b within 5)"},
	{`"a b"~0`, "(words a b)"},
	{`"a b a"~100`, "(words a b within 100)"},
	{`"a a"~5`, "(words a)"},
	{`title:"a b"~5^2`, "(words title a b within 5)"},
	{"command:(sudo OR title:x OR (su))", "(or (words command sudo) (words title x) (words command su))"},
	{"command:sudo:su", "(words command sudo su)"},
	{"to", "(words to)"},
	{`"AND"`, "(words and)"},
	{"ÉTUDE 東京", "(and (words étude) (words 東京))"},
	{"a\x00b", "(words a b)"},
	{"-a", "(not (words a))"},
}

func TestParseContent(t *testing.T) {
	if e, err := ParseContent(" "); err != nil || e != (All{}) || FormatContent(e) != "" {
		t.Errorf("of nothing: %v, %v", e, err)
	}
	for _, tt := range contentTests {
		e, err := ParseContent(tt.in)
		if err != nil {
			t.Errorf("ParseContent(%q): %v", tt.in, err)
			continue
		}
		if got := dump(e); got != tt.want {
			t.Errorf("ParseContent(%q)\n got %s\nwant %s", tt.in, got, tt.want)
		}
		again, err := ParseContent(FormatContent(e))
		if err != nil || dump(again) != tt.want {
			t.Errorf("ParseContent(%q), formatted as %q, is %s, %v", tt.in, FormatContent(e), dump(again), err)
		}
		testParse(t, []parseTest{{contentName + ":(" + tt.in + ")", tt.want}})
	}
}

func TestParseContentInSession(t *testing.T) {
	testParse(t, []parseTest{
		{"screen.content:exit", "(words exit)"},
		{`screen.content:"sudo su"~3`, "(words sudo su within 3)"},
		{"screen.content:a:b", "(words a b)"},
		{"screen.content:command:b", "(words command b)"},
		{"screen.content:(command:sudo su)", "(and (words command sudo) (words su))"},
		{"screen.content:(sudo user.name:joe)", `(and (words sudo) (user.name = "joe"))`},
		{"screen.content:(sudo user.name=joe)", `(and (words sudo) (user.name = "joe"))`},
		{"screen.content:(sudo duration>5)", "(and (words sudo) (duration > 5))"},
		{"screen.content:(sudo OR _exists_:user.name)", "(or (words sudo) (has user.name))"},
		{"screen.content:(command:(a screen.content:b) c)", "(and (words command a) (words b) (words c))"},
		{"user.name:(joe screen.content:b)", `(and (user.name = "joe") (words b))`},
		{"screen.content:pass* AND protocol:SSH", `(and (words pass ...) (protocol = "SSH"))`},
	})
}

func TestParseContentErrors(t *testing.T) {
	const leading = "a term that does not begin with a wildcard"
	testErrors(t, ParseContent, []errorTest{
		{"*", 0, leading},
		{"*:*", 0, leading},
		{"*a", 0, leading},
		{"a ?b", 2, leading},
		{"title:*", 6, leading},
		{"\u0301?b", 0, leading},
		{"--", 2, "a clause"},
		{`"--"`, 0, "a word of letters or digits"},
		{`""`, 0, "a word of letters or digits"},
		{">", 0, "a word of letters or digits"},
		{"a/*", 0, `a letter or a digit before the "*"`},
		{`\-*`, 0, `a letter or a digit before the "*"`},
		{"a/b?", 0, "a pattern for a single word"},
		{"a/b~1", 0, `a single word before "~"`},
		{"a*~1", 0, `a term without wildcards before "~"`},
		{`"a b"~101`, 6, "a number from 0 to 100"},
		{`"a b"~x`, 6, "a number from 0 to 100"},
		{"a?b?c?d?e?f?g?h?i?j", 0, "a pattern of at most 8 wildcards"},
		{"user.name:joe", 0, `"command:", "title:" or "screen:", or a backslash before the colon`},
		{"PATH=a:b", 0, `"command:", "title:" or "screen:", or a backslash before the colon`},
		{"command:[a TO b]", 8, "a word or a phrase"},
		{"[a TO b]", 0, "a word or a phrase"},
		{"command:>a", 8, "a word or a phrase"},
		{"command: AND a", 9, "a word or a phrase"},
		{"a AND", 5, "a clause"},
		{"/etc", 0, `a clause: "/" would begin a regular expression, which is not supported; escape it with a backslash`},
		{`a\`, 2, "a character behind the backslash"},
		{"a:", 0, `"command:", "title:" or "screen:", or a backslash before the colon`},
		{strings.Repeat("a ", 513), 1024, "at most 512 comparisons"},
		{strings.Repeat("a~ ", 17), 48, "at most 16 patterns and similar words for content"},
		{"a\xff", 1, "UTF-8"},
	})
}

func TestFindContent(t *testing.T) {
	const text = "[root@db-01 ~]$ sudo su; Sudo -i; SUDO cat /etc/shadow"
	tests := []struct {
		expr string
		kind Kind
		text string
		want []string // nil: no match
	}{
		{"", Screen, text, []string{}},
		{"sudo", Screen, text, []string{"sudo", "Sudo", "SUDO"}},
		{"command:sudo", Screen, text, nil},
		{"command:sudo", Command, "sudo sudo", []string{"sudo"}},
		{"screen:(sudo -vim)", Screen, text, []string{"sudo", "Sudo", "SUDO"}},
		{"sud", Screen, text, nil},
		{"su*", Screen, text, []string{"sudo", "su", "Sudo", "SUDO"}},
		{`"db-01 sudo"`, Screen, text, []string{"db-01 ~]$ sudo"}},
		{"etc/sh*", Screen, text, []string{"etc/shadow"}},
		{`"sudo sudo"`, Screen, "sudo sudo sudo sudo SUDO", []string{"sudo sudo"}},
		{`"su sudo"~1`, Screen, text, []string{"sudo su"}},
		{`"cat su"~2`, Screen, text, nil},
		{`"cat su"~3`, Screen, text, []string{"su; Sudo -i; SUDO cat"}},
		{`"a b c"~1`, Screen, "a b x y c b a", []string{"c b a"}},
		{`"a b"~1`, Screen, "a a a b", []string{"a b"}},
		{"s?do", Screen, text, []string{"sudo", "Sudo", "SUDO"}},
		{"sod~1", Screen, "sod sodo sdo sudoo", []string{"sod", "sodo", "sdo"}},
		{"shadow sudo", Screen, text, []string{"sudo", "Sudo", "SUDO", "shadow"}},
		{"shadow vim", Screen, text, nil},
		{"shadow OR (sudo vim)", Screen, text, []string{"shadow"}},
		{"shadow OR cat", Screen, text, []string{"cat", "shadow"}},
		{"NOT vim", Screen, text, []string{}},
		{"NOT sudo", Screen, text, nil},
		{"shadow NOT (vim cat)", Screen, text, []string{"shadow"}},
		{"sudo", Screen, "", nil},
		{"NOT sudo", Screen, "", []string{}},
		{"etude", Screen, "e\u0301tude Etude", []string{"e\u0301tude", "Etude"}},
		{"a", Screen, "\u0301a\xff\x00A", []string{"a", "A"}},
	}
	for _, tt := range tests {
		e, err := ParseContent(tt.expr)
		if err != nil {
			t.Errorf("ParseContent(%q): %v", tt.expr, err)
			continue
		}
		found, ok := FindContent(e, tt.kind, tt.text)
		if ok != (tt.want != nil) || !slices.Equal(found, tt.want) {
			t.Errorf("%q in %q: %q, %v, want %q", tt.expr, tt.text, found, ok, tt.want)
		}
	}
}

// FuzzFindContent: the words that FindContent sees are those of Normalize.
func FuzzFindContent(f *testing.F) {
	for _, s := range []string{"", "Sudo SU", "e\u0301tude", "\u0301", "a\xffb", "a\x00 b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := newRecord(Screen, s)
		want := Normalize(s)
		if got := strings.TrimSpace(r.line); got != want {
			t.Fatalf("words of %q: %q, want %q", s, got, want)
		}
		if len(r.words) != len(strings.Fields(want)) {
			t.Fatalf("%q has %d words, want those of %q", s, len(r.words), want)
		}
		if want == "" {
			return
		}
		words := strings.Fields(want)
		found, ok := FindContent(Words{Words: words}, Screen, s)
		if !ok || len(found) != 1 || Normalize(found[0]) != want {
			t.Fatalf("all words of %q: %q, %v", s, found, ok)
		}
	})
}
