package config

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{"b":1,"a":{"d":[],"c":{}}}`, `{"a":{"c":{},"d":[]},"b":1}`},
		{" [ 1 , \"x\" , null , true ] \n", `[1,"x",null,true]`},
		{`"<a href=\"x\">&\u00e4"`, `"<a href=\"x\">&ä"`},
		{`{"a":1,"a":2}`, `{"a":2}`},
		{`{"a":[30.0,{"b":3e1}]}`, `{"a":[30,{"b":30}]}`},
	}
	for _, tt := range tests {
		got, err := canonical([]byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("canonical(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
}

func TestCanonicalOfNoJSON(t *testing.T) {
	for _, in := range []string{``, ` `, `{`, `{}{}`, `{} x`, `nul`, `[1,]`} {
		if got, err := canonical([]byte(in)); err == nil {
			t.Errorf("canonical(%q) = %s, want an error", in, got)
		}
	}
}

func TestCanonicalNumber(t *testing.T) {
	tests := []struct{ in, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"-0.00e5", "0"},
		{"0e-999999999", "0"},
		{"30", "30"},
		{"30.0", "30"},
		{"3e1", "30"},
		{"3E+1", "30"},
		{"300e-1", "30"},
		{"-1.5e1", "-15"},
		{"0.3e2", "30"},
		{"1e17", "100000000000000000"},
		{"1e18", "1e18"},
		{"999999999999999999", "999999999999999999"},
		{"12345678901234567890", "12345678901234567890"},
		{"0.1", "0.1"},
		{"1.50", "1.50"},
		{"1e-1", "1e-1"},
		{"1e999999999", "1e999999999"},
		{"1e99999999999999999999", "1e99999999999999999999"},
		{"1e-9223372036854775808", "1e-9223372036854775808"},
		{"1e9223372036854775807", "1e9223372036854775807"},
	}
	for _, tt := range tests {
		if got := canonicalNumber(json.Number(tt.in)); string(got) != tt.want {
			t.Errorf("canonicalNumber(%s) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

// Canonical form keeps every value to the last digit, and is its own canonical
// form.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"b":[1.0,-2e2],"a":{}}`, `"x"`, `12.50`, `[1e400,0.0001e4]`, `{"a":1}{`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := canonical(in)
		if err != nil {
			return
		}
		if !json.Valid(in) {
			t.Fatalf("canonical accepted %q", in)
		}
		twice, err := canonical(once)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%q became %q, and that %q (%v)", in, once, twice, err)
		}
		n := strings.TrimSpace(string(in))
		if exact, ok := exactly(n); ok {
			if got, _ := exactly(string(once)); got == nil || got.Cmp(exact) != 0 {
				t.Fatalf("%s became %s", n, once)
			}
		}
	})
}

// exactly returns the value of a number of moderate size.
func exactly(s string) (*big.Rat, bool) {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return nil, false
	}
	if _, exp, _ := strings.Cut(strings.ToLower(s), "e"); len(exp) > 4 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}
