package query

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// bareFields are the fields in which terms without a field look, besides the
// content.
var (
	bareFields    = []*Field{FieldAt("user.name"), FieldAt("server.name"), FieldAt("recording.connection_policy")}
	bareAddresses = []*Field{FieldAt("server.ip"), FieldAt("client.ip")}
)

// leaf makes the comparison of a term, of which what may follow it is still to be
// read.
func (p *parser) leaf(s scope, t term) Expr {
	p.similarity(&t)
	if s.field != nil && !s.content {
		p.count(t.at, 1)
	}
	if t.wild > maxWildcards {
		p.fail(t.at, fmt.Sprintf("a pattern of at most %d wildcards", maxWildcards))
	}
	if t.wild > 0 && t.number >= 0 {
		p.fail(t.at, `a term without wildcards before "~"`)
	}
	if p.err != nil {
		return nil
	}
	switch {
	case s.content:
		e, expected := contentLeaf(s.kind, t)
		if expected != "" {
			p.fail(t.at, expected)
		}
		return p.counted(t.at, e)
	case s.field == nil:
		return p.counted(t.at, p.bare(t))
	case t.anything():
		return Exists{s.field}
	case s.field.Type == Keyword:
		return p.keywordLeaf(s.field, t)
	case t.number >= 0:
		p.fail(t.tilde, `the end of the value: "~" is for text`)
		return nil
	case t.wild > 0:
		p.fail(t.at, s.field.Type.expected()+", without wildcards")
		return nil
	}
	return p.typed(s.field, t)
}

func (p *parser) keywordLeaf(f *Field, t term) Expr {
	if t.quoted && t.number >= 0 {
		p.fail(t.tilde, fmt.Sprintf(`the end of the value: only words without quotes, and phrases in %s, have a "~"`, contentName))
	}
	return textLeaf(f, &t)
}

func textLeaf(f *Field, t *term) Expr {
	switch {
	case t.wild > 0:
		return Pattern{f, t.glob}
	case t.number > 0:
		return Similar{f, t.text, t.number}
	}
	return Equal{f, t.text}
}

func (p *parser) typed(f *Field, t term) Expr {
	switch f.Type {
	case Date:
		st, ok := p.date(t)
		if !ok {
			return nil
		}
		return Range{f, &Bound{st.start, true}, &Bound{st.end(), false}}
	case IP:
		if e := addressLeaf(f, t.text); e != nil {
			return e
		}
	case Long:
		if n, ok := parseLong(t.text); ok {
			return Equal{f, n}
		}
	case Bool:
		if t.text == "true" || t.text == "false" {
			return Equal{f, t.text == "true"}
		}
	}
	p.fail(t.at, f.Type.expected())
	return nil
}

func (p *parser) bare(t term) Expr {
	switch {
	case t.anything():
		return All{}
	case t.wild > 0 && isWildcard(t.glob[0]):
		p.fail(t.at, noLeadingWildcard+", or a field before it")
		return nil
	case t.quoted && t.text == "":
		p.fail(t.at, "a phrase that is not empty")
		return nil
	case t.quoted && t.number > 0: // the words of a phrase are in content only
		e, expected := contentLeaf("", t)
		if expected != "" {
			p.fail(t.at, expected)
		}
		return e
	}
	return bareLeaves(t)
}

// bareLeaves returns all the places where a bare term looks. Content is among them
// if the term can be looked for there.
func bareLeaves(t term) Or {
	list := make(Or, 0, len(bareFields)+len(bareAddresses)+1)
	for _, f := range bareFields {
		list = append(list, textLeaf(f, &t))
	}
	if t.wild == 0 && t.number <= 0 {
		for _, f := range bareAddresses {
			if e := addressLeaf(f, t.text); e != nil {
				list = append(list, e)
			}
		}
	}
	if e, expected := contentLeaf("", t); expected == "" {
		list = append(list, e)
	}
	return list
}

// addressLeaf compares with an address or a network, or is nil for what is neither.
func addressLeaf(f *Field, s string) Expr {
	if strings.IndexByte(s, '/') < 0 {
		if a, ok := parseAddress(s); ok {
			return Equal{f, a}
		}
		return nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return nil
	}
	first := prefix.Masked().Addr()
	last := first.AsSlice()
	for bit := prefix.Bits(); bit < first.BitLen(); bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	to, _ := netip.AddrFromSlice(last)
	if first == to {
		return Equal{f, first.Unmap()}
	}
	return Range{f, &Bound{first.Unmap(), true}, &Bound{to.Unmap(), true}}
}

func parseAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

func parseLong(s string) (int64, bool) {
	if s == "" || s[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// date reads the stretch of time that a term names.
func (p *parser) date(t term) (stretch, bool) {
	st, err := parseStretch(t.text, p.now)
	if err == nil {
		return st, true
	}
	var dateError *DateError
	if errors.As(err, &dateError) {
		expected := dateError.Expected
		if dateError.Position == 0 && (t.text == "" || !isDigit(t.text[0])) {
			expected = Date.expected()
		}
		p.fail(p.source(&t, dateError.Position), expected)
	}
	return stretch{}, false
}

func isWildcard(c byte) bool { return c == '*' || c == '?' }
