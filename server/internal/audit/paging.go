package audit

import "strconv"

const (
	// DefaultLimit is the size of a page for which none is asked.
	DefaultLimit = 500
	// MaxLimit is the largest page: asking for more gives this much.
	MaxLimit = 500
	// MaxMatches is where counting and paging through sessions stops.
	MaxMatches = 10_000
)

// Window says which items of a list are wanted.
type Window struct{ Limit, Offset int }

// ParseWindow checks the paging parameters of a list; nil means not given. The
// error is a *QueryError.
func ParseWindow(limit, offset *int) (Window, error) {
	w := Window{Limit: DefaultLimit}
	if limit != nil {
		if *limit < 1 {
			return w, &QueryError{"limit", strconv.Itoa(*limit), "a number from 1 to " + strconv.Itoa(MaxLimit), -1}
		}
		w.Limit = min(*limit, MaxLimit)
	}
	if offset != nil {
		if *offset < 0 {
			return w, &QueryError{"offset", strconv.Itoa(*offset), "a number that is not negative", -1}
		}
		w.Offset = *offset
	}
	return w, nil
}

// Paging describes one page of a list, and where its neighbours are.
type Paging struct {
	Window
	Count int // items in the whole list; of sessions at most MaxMatches
}

// Last returns the offset of the last page when pages are counted from the
// beginning.
func (p Paging) Last() int {
	if p.Count == 0 {
		return 0
	}
	return (p.Count - 1) / p.Limit * p.Limit
}

// Next returns the offset of the next page, if there is one.
func (p Paging) Next() (offset int, ok bool) {
	if p.Offset >= p.Count-p.Limit {
		return 0, false
	}
	return p.Offset + p.Limit, true
}

// Previous returns the offset of the previous page, if there is one. Behind the
// end of the list that is the last page.
func (p Paging) Previous() (offset int, ok bool) {
	if p.Offset == 0 {
		return 0, false
	}
	return max(0, min(p.Offset-p.Limit, p.Last())), true
}
