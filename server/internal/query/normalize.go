package query

import (
	"unicode"
	"unicode/utf8"
)

// Normalize reduces text to what full-text search compares: its words, in lower
// case, with one blank between two of them. A word is a run of letters and
// digits, and a ".", "-" or "_" between two of them belongs to it: "example" is
// no word of "example.com". Accents that are characters of their own are dropped.
// Every store indexes this form, so that all of them agree on what a word is.
func Normalize(text string) string {
	return string(AppendNormalized(make([]byte, 0, len(text)), text))
}

// AppendNormalized appends the normalised words of text to dst, after a blank
// when dst is not empty and text has words.
func AppendNormalized(dst []byte, text string) []byte {
	inWord := false
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c >= 'A' && c <= 'Z':
				c += 'a' - 'A'
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			case inWord && isJoiner(rune(c)) && beginsWord(text[i:]):
			default:
				inWord = false
				continue
			}
			if !inWord {
				dst, inWord = separate(dst), true
			}
			dst = append(dst, c)
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if !inWord {
				dst, inWord = separate(dst), true
			}
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		case unicode.IsMark(r):
		default:
			inWord = false
		}
	}
	return dst
}

// isJoiner reports whether the character belongs to a word when there is a letter
// or a digit on either side of it.
func isJoiner(c rune) bool { return c == '.' || c == '-' || c == '_' }

// beginsWord reports whether the text begins with a letter or a digit.
func beginsWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func separate(dst []byte) []byte {
	if len(dst) == 0 {
		return dst
	}
	return append(dst, ' ')
}

// Boundary stands between the words of two records of a session's content, where
// it keeps phrases apart. It is no word: Normalize never makes it.
const Boundary = "‖"

// AppendRecord appends the normalised words of a record to those of the records
// before it.
func AppendRecord(dst []byte, text string) []byte {
	before := len(dst)
	if before > 0 {
		dst = append(dst, " "+Boundary...)
	}
	words := len(dst)
	if dst = AppendNormalized(dst, text); len(dst) == words {
		return dst[:before]
	}
	return dst
}
