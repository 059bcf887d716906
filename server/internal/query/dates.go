package query

import (
	"fmt"
	"time"
)

// The years in which a date may lie, in UTC.
const (
	firstYear = 1970
	lastYear  = 2200
)

// DateError says what is wrong with a date, and where.
type DateError struct {
	Value    string
	Position int    // of the first byte that does not fit
	Expected string // at that position
}

func (e *DateError) Error() string {
	return fmt.Sprintf("%q is not a date: expected %s at byte %d", e.Value, e.Expected, e.Position)
}

// ParseDate reads an ISO 8601 date in any of the forms that clients of the API
// send: a date alone, or with a time of day that is given to the minute, to the
// second, or to up to 9 digits of a second, and then with "Z", "+05", "+0500" or
// "+05:00", or without zone, which means UTC. The result is in UTC.
//
// A blank is taken for the "+" of a zone: that is what the server sees when a
// client did not escape the "+" in a URL.
//
// The error is a *DateError.
func ParseDate(s string) (time.Time, error) {
	p := dateParser{text: s}
	t := p.parse()
	if p.err != nil {
		return time.Time{}, p.err
	}
	return t, nil
}

// dateParser consumes text from left to right. After the first error it only
// returns zeros.
type dateParser struct {
	text    string
	at      int
	err     *DateError
	partial bool // a year, a month and a number since 1970 are dates, too
	unit    unit // how exact the date is
}

func (p *dateParser) parse() time.Time {
	if p.partial {
		if t, ok := p.epoch(); ok {
			return t
		}
	}
	year := p.number(4, 0, 9999, "a year of four digits")
	if p.partial && p.done() {
		p.unit = yearUnit
		return p.inRange(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	p.literal('-', "\"-\" after the year")
	month := p.number(2, 1, 12, "a month from 01 to 12")
	if p.partial && p.done() {
		p.unit = monthUnit
		return p.inRange(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC))
	}
	p.literal('-', "\"-\" after the month")
	days := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	day := p.number(2, 1, days, "a day of that month")
	p.unit = dayUnit
	var hour, minute, second, nanosecond, offset int
	if !p.done() {
		p.either('T', 't', "\"T\" and a time, or the end")
		hour = p.number(2, 0, 23, "an hour from 00 to 23")
		p.literal(':', "\":\" after the hour")
		minute = p.number(2, 0, 59, "a minute from 00 to 59")
		p.unit.duration = time.Minute
		if p.accept(':') {
			second = p.number(2, 0, 59, "a second from 00 to 59")
			p.unit.duration = time.Second
			if p.accept('.') || p.accept(',') {
				nanosecond = p.fraction()
			}
		}
		offset = p.zone()
	}
	return p.inRange(time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC).
		Add(time.Duration(-offset) * time.Second))
}

func (p *dateParser) inRange(t time.Time) time.Time {
	if y := t.Year(); y < firstYear || y > lastYear {
		p.failAt(0, datesExpected)
	}
	return t
}

// zone returns the offset from UTC in seconds.
func (p *dateParser) zone() int {
	sign := 1
	switch {
	case p.done(), p.accept('Z'), p.accept('z'):
		p.end()
		return 0
	case p.accept('-'):
		sign = -1
	case p.accept('+'), p.accept(' '):
	default:
		p.fail("\"Z\", a zone such as \"+05:00\", or the end")
		return 0
	}
	hours := p.number(2, 0, 23, "the hours of a zone, from 00 to 23")
	minutes := 0
	if !p.done() {
		p.accept(':')
		minutes = p.number(2, 0, 59, "the minutes of a zone, from 00 to 59")
	}
	p.end()
	return sign * (hours*60 + minutes) * 60
}

func (p *dateParser) fraction() int {
	const maxDigits = 9
	n, digits := 0, 0
	for ; digits < maxDigits && !p.done() && isDigit(p.text[p.at]); digits++ {
		n = n*10 + int(p.text[p.at]-'0')
		p.at++
		p.unit.duration = max(p.unit.duration/10, instant)
	}
	if digits == 0 {
		p.fail("1 to 9 digits of a second")
	}
	for ; digits < maxDigits; digits++ {
		n *= 10
	}
	return n
}

// number reads exactly the given number of digits.
func (p *dateParser) number(digits, lowest, highest int, expected string) int {
	n := 0
	for i := p.at; i < p.at+digits; i++ {
		if i >= len(p.text) || !isDigit(p.text[i]) {
			p.failAt(min(i, len(p.text)), expected)
			return lowest
		}
		n = n*10 + int(p.text[i]-'0')
	}
	if n < lowest || n > highest {
		p.fail(expected)
		return lowest
	}
	p.at += digits
	return n
}

func (p *dateParser) literal(c byte, expected string) { p.either(c, c, expected) }

func (p *dateParser) either(c, d byte, expected string) {
	if !p.accept(c) && !p.accept(d) {
		p.fail(expected)
	}
}

func (p *dateParser) accept(c byte) bool {
	if p.done() || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *dateParser) end() {
	if !p.done() {
		p.fail("the end")
	}
}

// done is also true after an error, which ends the parse.
func (p *dateParser) done() bool { return p.err != nil || p.at >= len(p.text) }

func (p *dateParser) fail(expected string) { p.failAt(p.at, expected) }

func (p *dateParser) failAt(position int, expected string) {
	if p.err == nil {
		p.err = &DateError{Value: p.text, Position: position, Expected: expected}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
