package output

import (
	"io"
	"strings"
)

// Line is a line of a text for people.
type Line struct {
	Text string
	Tone Tone
}

// Lines makes a text for people of a text with line feeds, all in one tone.
func Lines(text string, tone Tone) []Line {
	var lines []Line
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, Line{line, tone})
	}
	return lines
}

// Diff makes a text for people of a unified diff: what comes is good, what goes bad.
func Diff(text string) []Line {
	if text == "" {
		return nil
	}
	lines := Lines(text, Plain)
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line.Text, "---"), strings.HasPrefix(line.Text, "+++"):
			lines[i].Tone = Strong
		case strings.HasPrefix(line.Text, "@@"):
			lines[i].Tone = Faint
		case strings.HasPrefix(line.Text, "+"):
			lines[i].Tone = Good
		case strings.HasPrefix(line.Text, "-"):
			lines[i].Tone = Bad
		}
	}
	return lines
}

// Text is a result that people read as a text, which tables show, and programs as a
// value. CSV has the text in the one cell of a column called name.
func Text(name string, lines []Line, value any) Result {
	columns := []Column[any]{{Name: name, Value: func(any) any { return lines }}}
	return result[any]{columns, func(yield func(any, error) bool) { yield(value, nil) }, shape{single: true, bare: true}}
}

// plain is the text without tones.
func plain(lines []Line) string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = line.Text
	}
	return strings.Join(texts, "\n")
}

// Write writes a text for people, which is cleaned for a terminal only.
func (p Printer) Write(lines []Line) error {
	var b strings.Builder
	for _, line := range lines {
		text := line.Text
		if p.Terminal {
			text = clean(text, true)
		}
		if code := toneCodes[line.Tone]; p.Color && code != "" {
			text = code + text + resetCode
		}
		b.WriteString(text + "\n")
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}
