package output

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Tone is what a cell tells at a glance; with colours on, it has one.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Bad
	Notable
	Faint
	Strong
)

var toneCodes = [...]string{"", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", boldCode}

const (
	boldCode  = "\x1b[1m"
	resetCode = "\x1b[0m"
)

type cell struct {
	value any
	tone  Tone
}

// forPeople is the cell in a table; "-" if it is empty.
func (c cell) forPeople(location *time.Location) string {
	if text := c.text(location); text != "" {
		return text
	}
	return "-"
}

// text is the cell as people read it.
func (c cell) text(location *time.Location) string {
	text := ""
	switch v := c.value.(type) {
	case time.Time:
		if !v.IsZero() {
			text = v.In(location).Format("2006-01-02 15:04:05")
		}
	case *time.Time:
		if v != nil {
			text = cell{value: *v}.text(location)
		}
	case time.Duration:
		text = v.Round(time.Second).String()
	case bool:
		text = "no"
		if v {
			text = "yes"
		}
	default:
		text = c.forPrograms()
	}
	return Clean(text)
}

// forPrograms is the cell in CSV.
func (c cell) forPrograms() string {
	switch v := c.value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	case []Line:
		return plain(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339Nano)
	case *time.Time:
		if v == nil {
			return ""
		}
		return cell{value: *v}.forPrograms()
	case time.Duration:
		return strconv.FormatFloat(v.Seconds(), 'f', -1, 64)
	}
	switch reflect.TypeOf(c.value).Kind() {
	case reflect.String, reflect.Bool, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprint(c.value)
	default:
	}
	document, err := marshal(c.value)
	switch {
	case err != nil:
		return err.Error()
	case string(document) == "null":
		return ""
	}
	return string(document)
}
