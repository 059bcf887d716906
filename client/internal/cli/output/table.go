package output

import (
	"bufio"
	"strings"

	"github.com/rivo/uniseg"
)

// chunk is how many rows a table holds back at a time to see how wide they are.
const chunk = 500

// table writes aligned columns, or of one object a line for each. Columns are as wide
// as the first chunk needs, and grow with later ones.
type table struct {
	out     *bufio.Writer
	shape   shape
	printer Printer
	begun   bool
	widths  []int
	held    [][]piece
}

// piece is a text and how it is shown.
type piece struct {
	text string
	code string
}

func (t *table) add(r row) error {
	if lines, ok := r.cells[0].value.([]Line); ok && t.shape.bare {
		p := t.printer
		p.Out = t.out
		return p.Write(lines)
	}
	if t.shape.bare {
		_, err := t.out.WriteString(r.cells[0].text(t.printer.Location) + "\n")
		return err
	}
	line := make([]piece, len(r.cells))
	for i, c := range r.cells {
		line[i] = piece{c.forPeople(t.printer.Location), toneCodes[c.tone]}
	}
	if t.shape.single {
		return t.object(line)
	}
	t.held = append(t.held, line)
	if len(t.held) < chunk {
		return nil
	}
	return t.flush()
}

func (t *table) end() error {
	if !t.shape.single && !t.begun && len(t.held) == 0 {
		t.printer.Note("No " + t.shape.noun + ".")
		return nil
	}
	return t.flush()
}

// flush writes the rows that are held back.
func (t *table) flush() error {
	if len(t.held) == 0 {
		return nil
	}
	if !t.begun {
		t.begun = true
		t.widths = make([]int, len(t.shape.names))
		header := make([]piece, len(t.shape.names))
		for i, name := range t.shape.names {
			header[i] = piece{strings.ToUpper(Clean(name)), boldCode}
		}
		t.held = append([][]piece{header}, t.held...)
	}
	for _, line := range t.held {
		for i, p := range line {
			t.widths[i] = max(t.widths[i], Width(p.text))
		}
	}
	for _, line := range t.held {
		for i, p := range line {
			width := t.widths[i]
			if i == len(line)-1 {
				width = 0
			}
			t.write(p, width)
			if width > 0 {
				t.pad(2)
			}
		}
		_ = t.out.WriteByte('\n') // bufio keeps the error for Flush
	}
	t.held = t.held[:0]
	return t.out.Flush()
}

// object writes one object, a line for each column.
func (t *table) object(line []piece) error {
	width := 0
	for _, name := range t.shape.names {
		width = max(width, Width(name)+1)
	}
	for i, p := range line {
		t.write(piece{Clean(t.shape.names[i]) + ":", boldCode}, width)
		t.pad(2)
		t.write(p, 0)
		_ = t.out.WriteByte('\n')
	}
	return t.out.Flush()
}

func (t *table) write(p piece, width int) {
	if t.printer.Color && p.code != "" {
		_, _ = t.out.WriteString(p.code + p.text + resetCode)
	} else {
		_, _ = t.out.WriteString(p.text)
	}
	t.pad(width - Width(p.text))
}

func (t *table) pad(n int) {
	for range n {
		_ = t.out.WriteByte(' ')
	}
}

// Width is how many cells of a terminal a text takes.
func Width(text string) int {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return uniseg.StringWidth(text)
		}
	}
	return len(text)
}
