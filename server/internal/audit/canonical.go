package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// appendJSON appends the canonical JSON of a decoded value: members sorted by
// name, no blanks, numbers as they were written, and no characters escaped for
// the sake of HTML. Equal values have equal bytes.
func appendJSON(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendString(dst, v), nil
	case json.Number:
		return append(dst, v...), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case map[string]any:
		return appendObject(dst, v)
	case []any:
		return appendArray(dst, v)
	case []map[string]any:
		return appendArray(dst, v)
	case []string:
		return appendArray(dst, v)
	default:
		return nil, fmt.Errorf("cannot write a %T as JSON", value)
	}
}

func appendObject(dst []byte, object map[string]any) ([]byte, error) {
	var few [32]string // no object of a session's body has more members
	names := few[:0]
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		var err error
		if dst, err = appendJSON(dst, object[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return append(dst, '}'), nil
}

func appendArray[E any](dst []byte, array []E) ([]byte, error) {
	dst = append(dst, '[')
	for i, element := range array {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendJSON(dst, element); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// appendString writes plain ASCII itself and leaves the rest to encoding/json.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return appendEscaped(dst, s)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, s string) []byte {
	buffer := bytes.NewBuffer(dst)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // every string has a JSON form
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// decodeJSON decodes one value and keeps its numbers as they are written.
func decodeJSON(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(into)
}
