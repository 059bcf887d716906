// Package ask is the language between the benchmark of session search and its
// floor: questions in SQL go to the floor's standard input, answers come back on
// its standard output, all of them by encoding/gob.
package ask

import "time"

// Question is one statement to run.
type Question struct {
	SQL string
	// Args are numbers (int64) and texts. The SQL calls them ?1, ?2 and so on, and
	// need not use all.
	Args []any
	// Keep asks for the values, too.
	Keep bool
	// Walk repeats the statement until it has no more rows. From the second time
	// on, ?1 is the first column of the row before.
	Walk bool
}

// Answer is what came of it.
type Answer struct {
	Err    string // empty when all went well
	Took   time.Duration
	Rows   int
	Values [][]string // of each row, with Keep
}
