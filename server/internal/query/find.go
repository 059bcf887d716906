package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FindContent reports whether one record of a session's content matches an
// expression that ParseContent returned, and which pieces of its text do: as they
// are written there, in their order, each once. What the expression excludes has
// no pieces.
func FindContent(e Expr, kind Kind, text string) (found []string, ok bool) {
	r := newRecord(kind, text)
	if ok = r.matches(e); !ok {
		return nil, false
	}
	slices.SortFunc(r.pieces, func(a, b piece) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	seen := make(map[string]bool, len(r.pieces))
	for _, p := range r.pieces {
		if s := text[p.start:p.end]; !seen[s] {
			seen[s] = true
			found = append(found, s)
		}
	}
	return found, true
}

// record is a piece of content, taken apart.
type record struct {
	kind   Kind
	line   string  // the words with a blank before and behind each
	starts []int   // of the words in line
	words  []piece // of the text
	pieces []piece // that matched
}

// piece is a part of a text, from the byte start to before end.
type piece struct{ start, end int }

func newRecord(kind Kind, text string) *record {
	r := &record{kind: kind}
	line := make([]byte, 0, len(text)+2)
	line = append(line, ' ')
	for start, end := nextWord(text, 0); start < end; start, end = nextWord(text, end) {
		r.words = append(r.words, piece{start, end})
		r.starts = append(r.starts, len(line))
		line = append(line, Normalize(text[start:end])...)
		line = append(line, ' ')
	}
	r.line = string(line)
	return r
}

// nextWord returns where the first word at or behind a byte is, as Normalize sees
// words. It is empty if there is none.
func nextWord(text string, at int) (start, end int) {
	start = -1
	for i := at; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		inside := unicode.IsLetter(c) || unicode.IsDigit(c) || start >= 0 && isJoiner(c) && beginsWord(text[i+1:])
		switch {
		case inside && start < 0:
			start = i
		case start >= 0 && !inside && !unicode.IsMark(c):
			return start, i
		}
		i += size
	}
	if start < 0 {
		return len(text), len(text)
	}
	return start, len(text)
}

// matches adds the pieces of what matches.
func (r *record) matches(e Expr) bool {
	before := len(r.pieces)
	switch e := e.(type) {
	case All:
		return true
	case And:
		for _, member := range e {
			if !r.matches(member) {
				r.pieces = r.pieces[:before]
				return false
			}
		}
		return true
	case Or:
		ok := false
		for _, member := range e {
			ok = r.matches(member) || ok
		}
		return ok
	case Not:
		ok := !r.matches(e.Expr)
		r.pieces = r.pieces[:before]
		return ok
	case Words:
		if r.of(e.Kind) && e.Slop > 0 {
			r.findNear(e.Words, e.Slop)
		} else if r.of(e.Kind) {
			r.findPhrase(e.Words, e.Prefix)
		}
	case WordPattern:
		if r.of(e.Kind) {
			r.findEach(e.Glob.Match)
		}
	case SimilarWord:
		if r.of(e.Kind) {
			r.findEach(func(w string) bool { return WithinEdits(w, e.Word, e.Edits) })
		}
	}
	return len(r.pieces) > before
}

func (r *record) of(kind Kind) bool { return kind == "" || kind == r.kind }

func (r *record) word(i int) string {
	return r.line[r.starts[i] : r.starts[i]+strings.IndexByte(r.line[r.starts[i]:], ' ')]
}

func (r *record) findEach(match func(word string) bool) {
	for i := range r.words {
		if match(r.word(i)) {
			r.pieces = append(r.pieces, r.words[i])
		}
	}
}

// findPhrase adds the places where the words are next to each other, none of which
// overlap.
func (r *record) findPhrase(words []string, prefix bool) {
	phrase := " " + strings.Join(words, " ")
	if !prefix {
		phrase += " "
	}
	for at := 0; ; {
		i := strings.Index(r.line[at:], phrase)
		if i < 0 {
			return
		}
		at += i + 1
		first, _ := slices.BinarySearch(r.starts, at)
		last := first + len(words) - 1
		r.pieces = append(r.pieces, piece{r.words[first].start, r.words[last].end})
		at = r.starts[last]
		at += strings.IndexByte(r.line[at:], ' ')
	}
}

// findNear adds the places that begin and end with one of the words and have all of
// them and at most slop others, none of which overlap.
func (r *record) findNear(words []string, slop int) {
	index := make(map[string]int, len(words))
	for i, w := range words {
		index[w] = i
	}
	last := make([]int, len(words)) // where each word was seen last, from 1
	for i := range r.words {
		n, ok := index[r.word(i)]
		if !ok {
			continue
		}
		last[n] = i + 1
		if oldest := slices.Min(last); oldest > 0 && i+2-oldest <= len(words)+slop {
			r.pieces = append(r.pieces, piece{r.words[oldest-1].start, r.words[i].end})
			clear(last)
		}
	}
}
