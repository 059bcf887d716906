package output

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"time"
)

// Column is a column of tables and CSV.
type Column[T any] struct {
	Name  string   // in lower case, as CSV has it; tables have it in capitals
	Wide  bool     // left out of a plain table
	Reads []string // properties that Value needs, if they have to be asked for; see Reads
	// Value gives a string, number, bool, time.Time, *time.Time, time.Duration, list of
	// strings, or another value that is shown as JSON. Zero times and nil are empty.
	Value func(T) any
	Tone  func(T) Tone // may be nil
}

// Reads lists the properties that the columns of a format need.
func Reads[T any](f *Format, columns []Column[T]) []string {
	var all []string
	for _, c := range columns {
		if !c.Wide || f.wide() {
			all = append(all, c.Reads...)
		}
	}
	return all
}

// Result is what a command shows. It is made by List, One and Value.
type Result interface {
	rows(f *Format) iter.Seq2[row, error]
	shape(f *Format) shape
}

// row is one row in every form: its cells for columns, its document for the rest.
type row struct {
	cells    []cell
	document func() ([]byte, error)
}

type shape struct {
	names  []string
	noun   string // plural
	single bool   // the one row is no list
	bare   bool   // a table shows nothing but the cell
}

// before is a complete result that something follows.
type before struct {
	Result
	then func() error
}

// Before is a result that then follows, once all of it has been shown: the result is
// complete even if then gives an error, as when some of many things failed.
func Before(r Result, then func() error) Result { return before{r, then} }

type result[T any] struct {
	columns []Column[T]
	items   iter.Seq2[T, error]
	like    shape
}

// List is a result of any number of rows, which noun names in the plural.
func List[T any](noun string, columns []Column[T], items iter.Seq2[T, error]) Result {
	return result[T]{columns, items, shape{noun: noun}}
}

// Slice is List for rows that are there already.
func Slice[T any](noun string, columns []Column[T], items []T) Result {
	return List(noun, columns, func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	})
}

// One is a result of one object. Its table has a line for each column.
func One[T any](columns []Column[T], value T) Result {
	return result[T]{columns, func(yield func(T, error) bool) { yield(value, nil) }, shape{single: true}}
}

// Value is a result of one bare value, such as a count. JSON has it in an object with
// the name as its only member.
func Value(name string, value any) Result {
	columns := []Column[map[string]any]{{Name: name, Value: func(o map[string]any) any { return o[name] }}}
	return result[map[string]any]{
		columns,
		func(yield func(map[string]any, error) bool) { yield(map[string]any{name: value}, nil) },
		shape{single: true, bare: true},
	}
}

func (r result[T]) shown(f *Format) []Column[T] {
	var shown []Column[T]
	for _, c := range r.columns {
		if !c.Wide || f.wide() {
			shown = append(shown, c)
		}
	}
	return shown
}

func (r result[T]) shape(f *Format) shape {
	s := r.like
	for _, c := range r.shown(f) {
		s.names = append(s.names, c.Name)
	}
	return s
}

func (r result[T]) rows(f *Format) iter.Seq2[row, error] {
	shown := r.shown(f)
	if !f.Columns() {
		shown = nil
	}
	return func(yield func(row, error) bool) {
		for item, err := range r.items {
			var made row
			if err == nil {
				made = rowOf(shown, item)
			}
			if !yield(made, err) {
				return
			}
		}
	}
}

func rowOf[T any](columns []Column[T], item T) row {
	made := row{
		cells:    make([]cell, len(columns)),
		document: func() ([]byte, error) { return marshal(item) },
	}
	for i, c := range columns {
		made.cells[i].value = c.Value(item)
		if c.Tone != nil {
			made.cells[i].tone = c.Tone(item)
		}
	}
	return made
}

// marshal writes a document as it is, in one line.
func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Printer prints results.
type Printer struct {
	Out      io.Writer
	Terminal bool // Out is one
	Color    bool
	Location *time.Location     // of the times in tables
	Note     func(words string) // tells a person something that isn't data
}

// encoder writes the rows of one result in one format.
type encoder interface {
	add(row) error
	end() error // is not called after an error of the rows
}

// Print prints a result. An error of its rows ends it, after the rows before it.
func (p Printer) Print(f *Format, r Result) error {
	if err := p.print(f, r); err != nil {
		return err
	}
	if b, ok := r.(before); ok {
		return b.then()
	}
	return nil
}

func (p Printer) print(f *Format, r Result) (err error) {
	out := bufio.NewWriterSize(p.Out, 1<<16)
	defer func() {
		if flushErr := out.Flush(); err == nil {
			err = flushErr
		}
	}()
	e, err := p.encoder(f, r.shape(f), out)
	if err != nil {
		return err
	}
	for made, err := range r.rows(f) {
		if err != nil {
			if t, ok := e.(*table); ok {
				_ = t.flush() // the error that is being told counts more
			}
			return err
		}
		if err := e.add(made); err != nil {
			return err
		}
	}
	return e.end()
}

func (p Printer) encoder(f *Format, s shape, out *bufio.Writer) (encoder, error) {
	safe := io.Writer(out)
	if p.Terminal {
		safe = cleanWriter{out}
	}
	switch f.name {
	case "json":
		return &jsonArray{out: out, single: s.single}, nil
	case "ndjson":
		return jsonLines{out}, nil
	case "yaml":
		return &yamlList{out: safe, single: s.single}, nil
	case "csv":
		return newCSV(safe, s.names)
	case "jsonpath":
		return pathLines{safe, f.path}, nil
	case "template":
		return templateLines{safe, f.template}, nil
	}
	return &table{out: out, shape: s, printer: p}, nil
}
