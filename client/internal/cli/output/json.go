package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// jsonArray writes indented documents, those of a list in an array.
type jsonArray struct {
	out    io.Writer
	single bool
	begun  bool
	buffer bytes.Buffer
}

func (j *jsonArray) add(r row) error {
	document, err := r.document()
	if err != nil {
		return err
	}
	j.buffer.Reset()
	prefix := "  "
	switch {
	case j.single:
		prefix = ""
	case j.begun:
		j.buffer.WriteString(",\n  ")
	default:
		j.buffer.WriteString("[\n  ")
	}
	j.begun = true
	if err := json.Indent(&j.buffer, document, prefix, "  "); err != nil {
		return fmt.Errorf("a document is not JSON: %w", err)
	}
	_, err = j.out.Write(escapeJSON(j.buffer.Bytes()))
	return err
}

func (j *jsonArray) end() error {
	end := "\n"
	switch {
	case j.single:
	case j.begun:
		end = "\n]\n"
	default:
		end = "[]\n"
	}
	_, err := io.WriteString(j.out, end)
	return err
}

// jsonLines writes each document on a line.
type jsonLines struct{ out io.Writer }

func (j jsonLines) add(r row) error {
	document, err := r.document()
	if err != nil {
		return err
	}
	_, err = j.out.Write(append(escapeJSON(document), '\n'))
	return err
}

func (jsonLines) end() error { return nil }

// escapeJSON writes as escapes what JSON allows in strings and terminals heed. The
// document means the same.
func escapeJSON(document []byte) []byte {
	plain := true
	for _, c := range document {
		if c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return document
	}
	escaped := make([]byte, 0, len(document)+16)
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		switch {
		case r == utf8.RuneError && size == 1:
			escaped = append(escaped, `\ufffd`...)
		case r >= 0x7f && unprintable(r):
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		default:
			escaped = append(escaped, document[:size]...)
		}
		document = document[size:]
	}
	return escaped
}
