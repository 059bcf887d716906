package output

import "io"

// RowWriter writes rows one by one, each at once, for commands that have to know what of
// their result is written.
type RowWriter[T any] struct {
	columns []Column[T] // nil if documents are written
	encoder encoder
}

// NewCSV writes rows as CSV. Without a header they go on with what is there.
func NewCSV[T any](out io.Writer, columns []Column[T], header bool) (*RowWriter[T], error) {
	var names []string
	if header {
		names = result[T]{columns: columns}.shape(&Format{name: "csv"}).names
	}
	encoder, err := newCSV(out, names)
	return &RowWriter[T]{columns, encoder}, err
}

// NewNDJSON writes the documents of rows, one a line.
func NewNDJSON[T any](out io.Writer) *RowWriter[T] { return &RowWriter[T]{encoder: jsonLines{out}} }

// Add writes a row.
func (l *RowWriter[T]) Add(item T) error { return l.encoder.add(rowOf(l.columns, item)) }

// Safe makes a stream fit for a terminal: what is not printable is spelt out. Each Write
// has to begin and end between two characters.
func Safe(out io.Writer) io.Writer { return cleanWriter{out} }
