package audit

import (
	"encoding/csv"
	"strings"
	"testing"
)

func TestCell(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{"é; ü", "é; ü"},
		{" blank", `" blank"`},
		{"a,b", `"a,b"`},
		{`say "no"`, `"say ""no"""`},
		{"two\nlines", "\"two\nlines\""},
		{"a\rb", "\"a\rb\""},
		{"=1+1", "'=1+1"},
		{`=HYPERLINK("http://x","y")`, `"'=HYPERLINK(""http://x"",""y"")"`},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\tx", "'\tx"},
		{"\rx", "\"'\rx\""},
		{"-", "'-"},
		{"+", "'+"},
		{"-5", "-5"},
		{"+5.25", "+5.25"},
		{"-1e9", "-1e9"},
		{"-1.5E-10", "-1.5E-10"},
		{"-5+A1", "'-5+A1"},
		{"-5.", "'-5."},
		{"-.5", "'-.5"},
		{"-1e", "'-1e"},
		{"-0x10", "'-0x10"},
		{"+Inf", "'+Inf"},
		{"--1", "'--1"},
		{"a=1", "a=1"},
		{"\n=1", "\"'\n=1\""},
		{"\x00=1", "'\x00=1"},
		{"\ufeff=1", "'\ufeff=1"},
		{"\uff1d1", "'\uff1d1"},
		{"x; =1+1;-2;@a", "x; '=1+1;-2;'@a"},
	} {
		if got := string(appendCell(nil, tt.in)); got != tt.want {
			t.Errorf("%q became %q, want %q", tt.in, got, tt.want)
		}
	}
}

// Whatever the value: a reader of CSV gets it back, at most behind an apostrophe,
// and no spreadsheet takes it for a formula.
func FuzzCell(f *testing.F) {
	for _, seed := range []string{"", "x", "=1", "-1", "-1-1", `"`, `a"b`, "a,b\r\nc", "\r", "\n", "\t=", " =1", "'=1", "\ufeff=1", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		line := appendCell([]byte("key,"), value)
		line = append(line, ",end\r\n"...)
		records, err := csv.NewReader(strings.NewReader(string(line))).ReadAll()
		if err != nil || len(records) != 1 || len(records[0]) != 3 {
			t.Fatalf("%q was written as %q and read as %q (%v)", value, line, records, err)
		}
		cell := records[0][1]
		for part := range strings.SplitSeq(cell, ";") {
			part = strings.TrimLeft(part, " ")
			if part != "" && strings.ContainsRune("=+-@\t\r\n", rune(part[0])) && !isNumber(part[1:]) {
				t.Errorf("%q was written as %q, which begins like a formula", value, line)
			}
		}
		want := strings.ReplaceAll(guard(value), "\r\n", "\n") // as the reader does
		if cell != want || strings.ReplaceAll(cell, "'", "") != strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "'", "") {
			t.Errorf("%q was read back as %q", value, cell)
		}
	})
}
