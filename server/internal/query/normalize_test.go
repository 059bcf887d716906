package query

import (
	"strings"
	"testing"
	"unicode"
)

func TestNormalize(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{" \t ", ""},
		{"Sudo SU", "sudo su"},
		{"[root@db-01 ~]$ cat /etc/shadow", "root db-01 cat etc shadow"},
		{"access.log", "access.log"},
		{"a_b -rf --color=no... .x- a..b a-_b é.東", "a_b rf color no x a b a b é.東"},
		{"naïve ÉTUDE", "naïve étude"},
		{"E\u0301tude", "etude"},
		{"ΑΘΗΝΑ 東京 ١٢", "αθηνα 東京 ١٢"},
		{"a\xffb", "a b"},
		{"a\x00b", "a b"},
	}
	for _, tt := range tests {
		if got := Normalize(tt.in); got != tt.want {
			t.Errorf("Normalize(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAppendNormalized(t *testing.T) {
	var text []byte
	for _, s := range []string{"...", "ls -l", "", "Control Panel"} {
		text = AppendNormalized(text, s)
	}
	if got, want := string(text), "ls l control panel"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", "Sudo SU", "E\u0301tude", "a\xffb", "İstanbul ǅ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Normalize(s)
		if again := Normalize(got); again != got {
			t.Fatalf("Normalize(%q) = %q, and normalised again %q", s, got, again)
		}
		if strings.Join(strings.Fields(got), " ") != got {
			t.Fatalf("Normalize(%q) = %q: blanks", s, got)
		}
		for _, r := range got {
			if r != ' ' && !strings.ContainsRune(".-_", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				t.Fatalf("Normalize(%q) = %q holds %q", s, got, r)
			}
		}
	})
}

func TestAppendRecord(t *testing.T) {
	tests := []struct {
		records []string
		want    string
	}{
		{nil, ""},
		{[]string{"...", "", "\u0301"}, ""},
		{[]string{"ls -l"}, "ls l"},
		{[]string{"", "ls -l", "--", "Control Panel", ""}, "ls l " + Boundary + " control panel"},
		{[]string{"a " + Boundary + " b", Boundary, "c"}, "a b " + Boundary + " c"},
	}
	for _, tt := range tests {
		var text []byte
		for _, s := range tt.records {
			text = AppendRecord(text, s)
		}
		if string(text) != tt.want {
			t.Errorf("%q: got %q, want %q", tt.records, text, tt.want)
		}
	}
	if got := Normalize(Boundary); got != "" {
		t.Errorf("the boundary has the words %q", got)
	}
}
