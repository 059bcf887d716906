package query

import (
	"fmt"
	"strings"
	"time"
)

// stretch is the time that a date stands for: a year for "2017", a minute for
// "2017-01-25T10:00".
type stretch struct {
	start time.Time
	unit  unit
}

// unit is the length of a stretch, as a number of months or as a duration.
type unit struct {
	months   int
	duration time.Duration
}

// Dates are kept to the microsecond.
const instant = time.Microsecond

func (s stretch) end() time.Time { return s.unit.add(s.start, 1) }

// add moves t by n units. A day that the month does not have becomes its last.
func (u unit) add(t time.Time, n int) time.Time {
	if u.months == 0 {
		return t.Add(time.Duration(n) * u.duration)
	}
	first := t.AddDate(0, n*u.months, 1-t.Day())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// most is how many units may be added at once, so that nothing overflows: more
// than there are in the years of dates.
func (u unit) most() int {
	const years = lastYear - firstYear + 1
	if u.months > 0 {
		return years * 12 / u.months
	}
	return int(years * 366 * 24 * time.Hour / u.duration)
}

var (
	yearUnit  = unit{months: 12}
	monthUnit = unit{months: 1}
	weekUnit  = unit{duration: 7 * 24 * time.Hour}
	dayUnit   = unit{duration: 24 * time.Hour}
	units     = map[byte]unit{
		'y': yearUnit, 'M': monthUnit, 'w': weekUnit, 'd': dayUnit,
		'h': {duration: time.Hour}, 'H': {duration: time.Hour},
		'm': {duration: time.Minute}, 's': {duration: time.Second},
	}
)

// truncate returns the beginning of the unit that t is in.
func (u unit) truncate(t time.Time) time.Time {
	switch u {
	case yearUnit:
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	case monthUnit:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return t.Truncate(u.duration) // the zero time, from which that counts, is a Monday
}

// parseStretch reads all that stands for a date in an expression: what ParseDate
// reads, a year, a month, the seconds (9 or 10 digits) or milliseconds (12 or 13)
// since 1970, and arithmetic on "now" or on a date with "||" behind it.
//
// Arithmetic moves the beginning of the stretch, whose length is that of the unit
// which it was last rounded to, else that of the date. "now" has no length.
//
// The error is a *DateError.
func parseStretch(s string, now time.Time) (stretch, error) {
	if rest, ok := strings.CutPrefix(s, "now"); ok {
		p := dateParser{text: s, at: len(s) - len(rest)}
		st := stretch{now.UTC().Truncate(instant), unit{duration: instant}}
		return p.arithmetic(st)
	}
	base, _, relative := strings.Cut(s, "||")
	p := dateParser{text: base, partial: true}
	st := stretch{p.parse(), unit{}}
	if p.err != nil {
		p.err.Value = s
		return stretch{}, p.err
	}
	st.start, st.unit = st.start.Truncate(instant), p.unit
	if !relative {
		return st, nil
	}
	p = dateParser{text: s, at: len(base) + len("||")}
	return p.arithmetic(st)
}

// arithmetic applies what is left of the text to a stretch.
func (p *dateParser) arithmetic(st stretch) (stretch, error) {
	for {
		if y := st.start.Year(); y < firstYear || y > lastYear || st.end().After(afterAll) {
			p.failAt(0, datesExpected)
		}
		if p.done() {
			break
		}
		sign := 1
		switch {
		case p.accept('/'):
			if u, ok := p.oneUnit(); ok {
				st = stretch{u.truncate(st.start), u}
			}
			continue
		case p.accept('-'):
			sign = -1
		case !p.accept('+'):
			p.fail(`"+", "-" or "/" and a unit, or the end`)
			continue
		}
		n := p.count()
		if u, ok := p.oneUnit(); ok {
			if n > u.most() {
				p.failAt(0, datesExpected)
				continue
			}
			st.start = u.add(st.start, sign*n)
		}
	}
	if p.err != nil {
		return stretch{}, p.err
	}
	return st, nil
}

// count reads how many units to add.
func (p *dateParser) count() int {
	const maxDigits = 12
	from, n := p.at, 0
	for ; !p.done() && isDigit(p.text[p.at]) && p.at-from < maxDigits; p.at++ {
		n = n*10 + int(p.text[p.at]-'0')
	}
	if p.at == from {
		p.fail("a number of units, such as 7d")
	}
	return n
}

func (p *dateParser) oneUnit() (unit, bool) {
	if !p.done() {
		if u, ok := units[p.text[p.at]]; ok {
			p.at++
			return u, true
		}
	}
	p.fail("a unit: y, M, w, d, h, H, m or s")
	return unit{}, false
}

// epoch reads a number of seconds or milliseconds since 1970, if the text is one.
func (p *dateParser) epoch() (time.Time, bool) {
	n := int64(0)
	for _, c := range []byte(p.text) {
		if !isDigit(c) || len(p.text) > 13 {
			return time.Time{}, false
		}
		n = n*10 + int64(c-'0')
	}
	switch len(p.text) {
	case 9, 10:
		p.unit = unit{duration: time.Second}
		return p.inRange(time.Unix(n, 0).UTC()), true
	case 12, 13:
		p.unit = unit{duration: time.Millisecond}
		return p.inRange(time.UnixMilli(n).UTC()), true
	}
	return time.Time{}, false
}

// afterAll is the end of the last year in which a date may lie.
var afterAll = time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)

var datesExpected = fmt.Sprintf("a date from %d to %d", firstYear, lastYear)
