package audit

import "strings"

// appendCell appends a cell of CSV. A spreadsheet would run a text that begins
// like a formula: such a text gets an apostrophe in front, unless it is a number.
// Unlike encoding/csv, which drops them, it keeps carriage returns.
func appendCell(dst []byte, text string) []byte {
	guard := isFormula(text)
	if !strings.ContainsAny(text, ",\"\r\n") && (text == "" || text[0] != ' ') {
		if guard {
			dst = append(dst, '\'')
		}
		return append(dst, text...)
	}
	dst = append(dst, '"')
	if guard {
		dst = append(dst, '\'')
	}
	for i := range len(text) {
		if text[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, text[i])
	}
	return append(dst, '"')
}

// isFormula reports whether a spreadsheet might take the text for a formula.
func isFormula(text string) bool {
	if text == "" {
		return false
	}
	switch text[0] {
	case '=', '@', '\t', '\r':
		return true
	case '+', '-':
		return !isNumber(text[1:])
	default:
		return false
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
