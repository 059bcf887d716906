package audit

import "fmt"

// QueryError says which parameter of a query is wrong. It is meant for the
// client's eyes.
type QueryError struct {
	Parameter string // its name in the URL
	Value     string // as it was given
	Expected  string // what would have been right
	Position  int    // of the first wrong byte of Value; -1 when that says nothing
}

func (e *QueryError) Error() string {
	if e.Position < 0 {
		return fmt.Sprintf("%s=%q: expected %s", e.Parameter, e.Value, e.Expected)
	}
	return fmt.Sprintf("%s=%q: expected %s at byte %d", e.Parameter, e.Value, e.Expected, e.Position)
}
