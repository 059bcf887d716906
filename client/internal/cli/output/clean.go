package output

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Clean makes a server's text fit for one line of a terminal: what is not printable is
// spelt out, an escape character as \x1b.
func Clean(text string) string { return clean(text, false) }

func clean(text string, lines bool) string {
	fine := func(r rune) bool { return !unprintable(r) || lines && (r == '\n' || r == '\t') }
	first := -1
	for i, r := range text {
		if r == utf8.RuneError || !fine(r) {
			first = i
			break
		}
	}
	if first < 0 {
		return text // as nearly all are
	}
	var b strings.Builder
	b.WriteString(text[:first])
	for rest := text[first:]; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1, r < 0x80 && !fine(r):
			switch rest[0] {
			case '\n':
				b.WriteString(`\n`)
			case '\r':
				b.WriteString(`\r`)
			case '\t':
				b.WriteString(`\t`)
			default:
				fmt.Fprintf(&b, `\x%02x`, rest[0])
			}
		case !fine(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String()
}

// unprintable tells whether a terminal does something else with the character than show it:
// controls, C1 among them, marks that turn the direction of text, and separators of lines.
func unprintable(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 ||
		r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 ||
		r == 0x200e || r == 0x200f || r == 0x061c || r == 0xfeff
}

// cleanWriter cleans what goes to a terminal, line ends and tabs aside. Each Write
// begins and ends between two characters.
type cleanWriter struct{ out io.Writer }

func (w cleanWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.out, clean(string(p), true)); err != nil {
		return 0, err
	}
	return len(p), nil
}
