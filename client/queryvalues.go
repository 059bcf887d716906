package client

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// TextField makes conditions on a text. Texts compare as a whole and exactly; only in
// enumerations, such as "protocol", the case of letters makes no difference. A field
// with several values, such as "user.server_username", is compared by each of them.
type TextField struct{ field }

// Text makes conditions on a property that is a text, such as "user.name".
func Text(path string) TextField { return TextField{fieldOf(path, textField)} }

// Is selects the sessions where the text is one of the values. With no values it is a
// mistake.
func (f TextField) Is(values ...string) Query { return f.where(anyOf(values, quote)) }

// Like selects by a pattern for the whole text: "*" stands for any characters, "?"
// for one, and a backslash takes the meaning from the character behind it.
func (f TextField) Like(pattern string) Query {
	if pattern == "" {
		return f.Is("")
	}
	return f.where(escape(pattern, true))
}

// Prefix selects by what the text begins with.
func (f TextField) Prefix(prefix string) Query {
	term, err := escape(prefix, false)
	return f.where(term+"*", err)
}

// Contains selects by a part of the text.
func (f TextField) Contains(part string) Query {
	term, err := escape(part, false)
	if term == "" {
		return f.where("*", err)
	}
	return f.where("*"+term+"*", err)
}

// Fuzzy selects texts that are the value after so many edits, 1 or 2: a character
// added, taken away or replaced, or two neighbours swapped.
func (f TextField) Fuzzy(value string, edits int) Query { return f.where(fuzzy(value, edits)) }

// Between selects the texts from one to another in the order of their bytes, both
// included.
func (f TextField) Between(from, to string) Query {
	lower, err := quote(from)
	upper, err2 := quote(to)
	return f.where("["+lower+" TO "+upper+"]", cmp.Or(err, err2))
}

// NumberField makes conditions on a number.
type NumberField struct{ field }

// Number makes conditions on a property that is a number, such as "server.port", or
// "duration", which is in seconds.
func Number(path string) NumberField { return NumberField{fieldOf(path, numberField)} }

// Is selects the sessions where the number is one of the values. With no values it is
// a mistake.
func (f NumberField) Is(values ...int64) Query {
	return f.where(anyOf(values, func(n int64) (string, error) {
		if n < 0 { // a minus in front of a clause would negate it
			return `"` + number(n) + `"`, nil
		}
		return number(n), nil
	}))
}

// AtLeast selects this number and larger ones.
func (f NumberField) AtLeast(n int64) Query { return f.where("["+number(n)+" TO *]", nil) }

// AtMost selects this number and smaller ones.
func (f NumberField) AtMost(n int64) Query { return f.where("[* TO "+number(n)+"]", nil) }

// MoreThan selects larger numbers.
func (f NumberField) MoreThan(n int64) Query { return f.where("{"+number(n)+" TO *]", nil) }

// LessThan selects smaller numbers.
func (f NumberField) LessThan(n int64) Query { return f.where("[* TO "+number(n)+"}", nil) }

// Between selects the numbers from one to another, both included.
func (f NumberField) Between(from, to int64) Query {
	return f.where("["+number(from)+" TO "+number(to)+"]", nil)
}

// TimeField makes conditions on a point in time. Sessions have microseconds at most,
// and the nanoseconds of the times given here are minded.
type TimeField struct{ field }

// Time makes conditions on a property that is a point in time, such as "start_time".
// SessionQuery.Start and End choose a period more directly.
func Time(path string) TimeField { return TimeField{fieldOf(path, timeField)} }

// Since selects this time and later ones.
func (f TimeField) Since(t time.Time) Query {
	from, err := instant(t, true)
	return f.where("["+from+" TO *]", err)
}

// Until selects this time and earlier ones.
func (f TimeField) Until(t time.Time) Query {
	to, err := instant(t, false)
	return f.where("[* TO "+to+"]", err)
}

// After selects later times.
func (f TimeField) After(t time.Time) Query {
	from, err := instant(t, false)
	return f.where("{"+from+" TO *]", err)
}

// Before selects earlier times.
func (f TimeField) Before(t time.Time) Query {
	to, err := instant(t, true)
	return f.where("[* TO "+to+"}", err)
}

// Between selects the times from one, which is included, to another, which is not, so
// that periods can follow each other.
func (f TimeField) Between(from, to time.Time) Query {
	lower, err := instant(from, true)
	upper, err2 := instant(to, true)
	return f.where("["+lower+" TO "+upper+"}", cmp.Or(err, err2))
}

// InLast selects the times between so long ago and now, by the clock of the server.
// Parts of a second count as a whole one.
func (f TimeField) InLast(d time.Duration) Query {
	if d <= 0 {
		return f.where("", fmt.Errorf("a period of %v is none", d))
	}
	seconds := int64(d / time.Second)
	if d%time.Second > 0 {
		seconds++
	}
	unit, n := "s", seconds
	switch {
	case seconds%(24*60*60) == 0:
		unit, n = "d", seconds/(24*60*60)
	case seconds%(60*60) == 0:
		unit, n = "h", seconds/(60*60)
	case seconds%60 == 0:
		unit, n = "m", seconds/60
	}
	return f.where("[now-"+number(n)+unit+" TO now]", nil)
}

// BoolField makes conditions on what is true or false.
type BoolField struct{ field }

// Bool makes conditions on a property that is true or false, such as "active".
func Bool(path string) BoolField { return BoolField{fieldOf(path, boolField)} }

// Is selects the sessions where the property has the value.
func (f BoolField) Is(value bool) Query { return f.where(strconv.FormatBool(value), nil) }

// AddressField makes conditions on an IP address. An IPv4 address equals itself
// mapped to IPv6.
type AddressField struct{ field }

// Address makes conditions on a property that is an IP address, such as "client.ip".
func Address(path string) AddressField { return AddressField{fieldOf(path, addressField)} }

// Is selects the sessions where the address is one of the values. With no values it
// is a mistake.
func (f AddressField) Is(values ...netip.Addr) Query { return f.where(anyOf(values, address)) }

// In selects the sessions where the address is in one of the networks. With no
// networks it is a mistake.
func (f AddressField) In(networks ...netip.Prefix) Query {
	return f.where(anyOf(networks, func(p netip.Prefix) (string, error) {
		if !p.IsValid() {
			return "", errors.New("a network is not valid")
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		return `"` + p.Masked().String() + `"`, nil
	}))
}

// Between selects the addresses from one to another, both included.
func (f AddressField) Between(from, to netip.Addr) Query {
	lower, err := address(from)
	upper, err2 := address(to)
	return f.where("["+lower+" TO "+upper+"]", cmp.Or(err, err2))
}

// anyOf is the condition to be one of the values.
func anyOf[T any](values []T, write func(T) (string, error)) (string, error) {
	var written []string
	for _, v := range values {
		text, err := write(v)
		if err != nil {
			return "", err
		}
		written = append(written, text)
	}
	switch len(written) {
	case 0:
		return "", errors.New("there is no value to compare with")
	case 1:
		return written[0], nil
	}
	return "(" + strings.Join(written, " OR ") + ")", nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// instant writes a time with all six digits: with fewer it would stand for the whole
// second or millisecond. What lies between two microseconds is rounded up or down.
func instant(t time.Time, up bool) (string, error) {
	if t.IsZero() {
		return "", errors.New("the time is zero")
	}
	if up {
		t = t.Add(time.Microsecond - 1)
	}
	if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		return "", fmt.Errorf("the year %d cannot be written", t.Year())
	}
	return t.Format("2006-01-02T15:04:05.000000Z07:00"), nil
}

func address(a netip.Addr) (string, error) {
	if !a.IsValid() || a.Zone() != "" {
		return "", fmt.Errorf("%v cannot be the address in a session", a)
	}
	return `"` + a.Unmap().String() + `"`, nil
}

// quote writes a value so that nothing in it has a meaning.
func quote(value string) (string, error) {
	if !utf8.ValidString(value) {
		return "", fmt.Errorf("the value is not UTF-8: %q", value)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`, nil
}

// escape writes a value without quotes. Of a pattern it keeps the wildcards, and what
// a backslash says about them.
func escape(value string, pattern bool) (string, error) {
	if !utf8.ValidString(value) {
		return "", fmt.Errorf("the value is not UTF-8: %q", value)
	}
	var b strings.Builder
	literal := false
	for _, r := range value {
		switch {
		case pattern && !literal && r == '\\':
			literal = true
			continue
		case pattern && !literal && (r == '*' || r == '?'):
		case strings.ContainsRune(`+-&|!(){}[]^"~*?:\/=<>`, r), unicode.IsSpace(r), unicode.IsControl(r):
			b.WriteByte('\\')
		}
		literal = false
		b.WriteRune(r)
	}
	if literal {
		return "", fmt.Errorf("the pattern ends with a backslash that escapes nothing: %q", value)
	}
	switch text := b.String(); text {
	case "AND", "OR", "NOT", "TO":
		return `\` + text, nil
	default:
		return text, nil
	}
}

func fuzzy(value string, edits int) (string, error) {
	term, err := escape(value, false)
	switch {
	case err != nil:
		return "", err
	case value == "":
		return "", errors.New("nothing is like an empty value")
	case edits < 1 || edits > 2:
		return "", fmt.Errorf("values can be 1 or 2 edits apart, not %d", edits)
	}
	return term + "~" + strconv.Itoa(edits), nil
}
