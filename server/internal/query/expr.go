package query

// Expr is a filter whose fields and values have been checked. A store compiles it
// to its engine's language; Format writes it down again.
//
// A comparison is false for a session that lacks the field, so that Not selects
// such sessions. A comparison with a list field holds if it does for any of the
// values.
type Expr interface{ expr() }

// All selects every session.
type All struct{}

// And selects what all of the expressions do, of which there are two or more.
type And []Expr

// Or selects what any of the expressions does, of which there are two or more.
type Or []Expr

// Not selects what the expression does not.
type Not struct{ Expr Expr }

// Equal compares with one value, in the Go type of the field. Dates are never
// compared like that: what was written down is a Range.
type Equal struct {
	Field *Field
	Value any
}

// Range selects the values between two bounds, one of which may be nil. Text
// compares by its bytes, addresses by their 16-byte form. Bool fields have no
// ranges.
type Range struct {
	Field    *Field
	From, To *Bound
}

// Bound is an end of a range, in the Go type of the field.
type Bound struct {
	Value     any
	Inclusive bool
}

// Pattern compares the value of a Keyword field with a pattern.
type Pattern struct {
	Field *Field
	Glob  Glob
}

// Similar selects the values of a Keyword field that WithinEdits accepts.
type Similar struct {
	Field *Field
	Value string
	Edits int // 1 or 2
}

// Exists selects the sessions that have a value in the field.
type Exists struct{ Field *Field }

// Words selects the sessions whose content has these normalised words, one right
// after the other within one record; with a Slop in any order, and with at most
// that many other words from the first to the last of them, in which case they
// are two or more, all different. With Prefix the last one need only begin like
// that.
type Words struct {
	Kind   Kind
	Words  []string // one or more
	Prefix bool     // never with a Slop
	Slop   int
}

// WordPattern selects the sessions whose content has a word like that. The
// pattern is normalised as words are, and does not begin with a wildcard. It asks
// for more than a prefix.
type WordPattern struct {
	Kind Kind
	Glob Glob
}

// SimilarWord selects the sessions whose content has a word that WithinEdits
// accepts.
type SimilarWord struct {
	Kind  Kind
	Word  string
	Edits int // 1 or 2
}

// Kind says where a piece of content was seen. The zero Kind is any.
type Kind string

// The kinds of content.
const (
	Screen  Kind = "screen"
	Command Kind = "command"
	Title   Kind = "title"
)

func (All) expr()         {}
func (And) expr()         {}
func (Or) expr()          {}
func (Not) expr()         {}
func (Equal) expr()       {}
func (Range) expr()       {}
func (Pattern) expr()     {}
func (Similar) expr()     {}
func (Exists) expr()      {}
func (Words) expr()       {}
func (WordPattern) expr() {}
func (SimilarWord) expr() {}
