package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// canonical returns the one way in which a document is stored: compact, members
// ordered by name, whole numbers without point or exponent. Equal documents
// have equal bytes.
func canonical(doc []byte) ([]byte, error) {
	v, err := decode(doc)
	if err != nil {
		return nil, err
	}
	return encode(v)
}

// decode reads one JSON value; its numbers are json.Number in canonical form.
func decode(doc []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("document is no JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("document is no JSON: something follows it")
	}
	return canonicalNumbers(v), nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding a document: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// canonicalNumbers puts all numbers within v into canonical form, in place
// where it can.
func canonicalNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = canonicalNumbers(member)
		}
	case []any:
		for i, element := range v {
			v[i] = canonicalNumbers(element)
		}
	case json.Number:
		return canonicalNumber(v)
	}
	return v
}

// canonicalNumber writes a whole number of at most 18 digits without point and
// exponent, so that 30.0 and 3e1 are 30, as which every client can read them.
// Other numbers stay as they are. It works on the digits: nothing is rounded,
// and an exponent of any size costs nothing.
func canonicalNumber(n json.Number) json.Number {
	const most = 18
	mantissa, exponent, _ := strings.Cut(strings.ToLower(string(n)), "e")
	exp := 0
	if exponent != "" {
		var err error
		if exp, err = strconv.Atoi(exponent); err != nil {
			return n
		}
	}
	digits, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	significant := strings.TrimRight(digits, "0")
	zeros := len(digits) - len(significant) - len(fraction) + exp
	if zeros < 0 || zeros > most || len(significant)+zeros > most {
		return n
	}
	whole = significant + strings.Repeat("0", zeros)
	if negative {
		whole = "-" + whole
	}
	return json.Number(whole)
}
