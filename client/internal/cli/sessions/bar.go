package sessions

import (
	"strings"

	"github.com/spskit/spskit/client/internal/cli/output"
)

// barWidth is how many cells of a terminal the longest bar takes.
const barWidth = 32

// eighths end a bar between two cells.
var eighths = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// blank is a cell with nothing in it, not even the dash for what is missing.
const blank = " "

// bar draws a number against the largest there is. What is more than nothing shows.
func bar(n, most int64) string {
	if n <= 0 || most <= 0 {
		return blank
	}
	parts := max(1, int(float64(min(n, most))/float64(most)*barWidth*8))
	return strings.Repeat("█", parts/8) + eighths[parts%8]
}

// drawn tells whether a format is for people, who see bars.
func drawn(f *output.Format) bool { return f.Columns() && f.String() != "csv" }

// withBar adds a bar for the count of each row to columns for people.
func withBar[T any](columns []output.Column[T], rows []T, count func(T) int64) []output.Column[T] {
	var most int64
	for _, r := range rows {
		most = max(most, count(r))
	}
	return append(columns, output.Column[T]{Name: "", Value: func(r T) any { return bar(count(r), most) }})
}
