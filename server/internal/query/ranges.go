package query

// comparison reads an operator and the value behind it.
func (p *parser) comparison(s scope) Expr {
	at := p.at
	greater := p.accept(">")
	if !greater {
		p.accept("<")
	}
	inclusive := p.accept("=")
	p.comparable(s, at)
	p.blanks()
	t := p.single(s.expected(), s.dates())
	b := p.bound(s.field, t, greater, inclusive)
	if greater {
		return Range{Field: s.field, From: b}
	}
	return Range{Field: s.field, To: b}
}

// rangeOf reads two bounds in brackets, of which the first one is next.
func (p *parser) rangeOf(s scope) Expr {
	at := p.at
	fromInclusive := p.accept("[")
	if !fromInclusive {
		p.accept("{")
	}
	p.comparable(s, at)
	first := p.rangeEnd(s)
	p.blanks()
	if at = p.at; p.word(boundWord).text != "TO" {
		p.fail(at, `"TO" between the ends of the range`)
	}
	last := p.rangeEnd(s)
	p.blanks()
	toInclusive := p.accept("]")
	if !toInclusive && !p.accept("}") {
		p.fail(p.at, `"]" or "}"`)
	}
	r := Range{Field: s.field}
	if !first.anything() {
		r.From = p.bound(s.field, first, true, fromInclusive)
	}
	if !last.anything() {
		r.To = p.bound(s.field, last, false, toInclusive)
	}
	if r.From == nil && r.To == nil {
		return Exists{s.field}
	}
	return r
}

// comparable refuses what has no order.
func (p *parser) comparable(s scope, at int) {
	p.count(at, 1)
	if s.content || s.field.Type == Bool {
		p.fail(at, s.expected())
	}
}

func (p *parser) rangeEnd(s scope) term {
	p.blanks()
	if p.peek() == '"' {
		return p.phrase()
	}
	t := p.word(boundWord)
	if t.end <= t.at {
		p.fail(t.at, s.expected())
	}
	return t
}

// bound turns a value into an end of a range: the lower one, or the upper one.
// The lower end of a range that includes a date is the beginning of the stretch
// that the date names, and of one that does not its end; the other way round for
// the upper end.
func (p *parser) bound(f *Field, t term, lower, inclusive bool) *Bound {
	switch {
	case p.err != nil:
		return nil
	case t.wild > 0:
		p.fail(t.at, f.Type.expected()+", without wildcards")
		return nil
	}
	switch f.Type {
	case Date:
		if st, ok := p.date(t); ok && lower == inclusive {
			return &Bound{st.start, lower}
		} else if ok {
			return &Bound{st.end(), lower}
		}
		return nil
	case Long:
		if n, ok := parseLong(t.text); ok {
			return &Bound{n, inclusive}
		}
	case IP:
		if a, ok := parseAddress(t.text); ok {
			return &Bound{a, inclusive}
		}
		p.fail(t.at, "an IP address")
	case Keyword:
		return &Bound{t.text, inclusive}
	}
	p.fail(t.at, f.Type.expected())
	return nil
}
