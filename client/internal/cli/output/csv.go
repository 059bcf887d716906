package output

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvTable writes RFC 4180, a record in each Write.
type csvTable struct {
	out    io.Writer
	buffer *bytes.Buffer
	csv    *csv.Writer
}

// newCSV begins with a header, unless there are no names.
func newCSV(out io.Writer, names []string) (encoder, error) {
	buffer := &bytes.Buffer{}
	t := csvTable{out, buffer, csv.NewWriter(buffer)}
	if len(names) == 0 {
		return t, nil
	}
	return t, t.record(names)
}

func (t csvTable) add(r row) error {
	record := make([]string, len(r.cells))
	for i, c := range r.cells {
		record[i] = disarm(c.forPrograms())
	}
	return t.record(record)
}

func (t csvTable) record(record []string) error {
	t.buffer.Reset()
	if err := t.csv.Write(record); err != nil {
		return err
	}
	t.csv.Flush()
	_, err := t.out.Write(t.buffer.Bytes())
	return err
}

func (csvTable) end() error { return nil }

// disarm puts an apostrophe before what a spreadsheet would run as a formula, also
// where it takes semicolons for the ends of cells, as the API does in its CSV.
func disarm(text string) string {
	if !strings.Contains(text, ";") && !formula(text) {
		return text // as nearly all are
	}
	parts := strings.Split(text, ";")
	for i, part := range parts {
		if formula(part) {
			blanks := len(part) - len(strings.TrimLeft(part, " "))
			parts[i] = part[:blanks] + "'" + part[blanks:]
		}
	}
	return strings.Join(parts, ";")
}

func formula(text string) bool {
	text = strings.TrimLeft(text, " ")
	first, _ := utf8.DecodeRuneInString(text)
	switch first {
	case '=', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20', '\ufeff':
		return true
	case '+', '-':
		_, err := strconv.ParseFloat(text, 64)
		// Of what Go takes for a number, spreadsheets know only decimal digits.
		return err != nil || strings.ContainsAny(text, "xXpP_nNiI")
	}
	return text != "" && first < ' ' // which spreadsheets drop before they look
}
