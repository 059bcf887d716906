package audit

import (
	"strings"
	"unicode/utf8"
)

// appendCell appends a cell of CSV. A spreadsheet would run a text that begins
// like a formula: such a text gets an apostrophe in front, unless it is a number.
// Unlike encoding/csv, which drops them, it keeps carriage returns.
func appendCell(dst []byte, text string) []byte {
	text = guard(text)
	if !strings.ContainsAny(text, ",\"\r\n") && (text == "" || text[0] != ' ') {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for i := range len(text) {
		if text[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, text[i])
	}
	return append(dst, '"')
}

// guard puts an apostrophe before each part of the text that a spreadsheet might
// take for a formula, blanks aside. Where the comma is a decimal sign, cells end at
// semicolons.
func guard(text string) string {
	if !strings.Contains(text, ";") && !isFormula(strings.TrimLeft(text, " ")) {
		return text // as nearly all are
	}
	parts := strings.Split(text, ";")
	for i, part := range parts {
		inner := strings.TrimLeft(part, " ")
		if isFormula(inner) {
			parts[i] = part[:len(part)-len(inner)] + "'" + inner
		}
	}
	return strings.Join(parts, ";")
}

// isFormula reports whether a spreadsheet might take the text for a formula.
func isFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	switch first {
	case '=', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20', '\ufeff':
		return true
	case '+', '-':
		return !isNumber(text[1:])
	default:
		return text != "" && first < ' ' // what spreadsheets drop before they look
	}
}

// isNumber reports whether the text is a decimal number without a sign.
func isNumber(text string) bool {
	rest := strings.TrimLeft(text, digits)
	if len(rest) == len(text) {
		return false
	}
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		if rest = strings.TrimLeft(fraction, digits); len(rest) == len(fraction) {
			return false
		}
	}
	if rest == "" {
		return true
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	exponent := rest[1:]
	if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
		exponent = exponent[1:]
	}
	return exponent != "" && strings.TrimLeft(exponent, digits) == ""
}

const digits = "0123456789"
