package audit

import (
	"bytes"
	"errors"
)

// errMalformed says that stored bytes are not the JSON they should be.
var errMalformed = errors.New("stored JSON is malformed")

// The functions below find their way through stored JSON, which was valid when
// it was written, without decoding it. An index of -1 stands for JSON that ends
// too early; they never panic.

// skipSpace returns the index of the first byte from i on that is not blank.
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	return i
}

// skipString returns the index after the string whose opening quote is b[i].
func skipString(b []byte, i int) int {
	for at := i + 1; ; {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return -1
		}
		quote := at + n
		at = quote + 1
		backslashes := 0
		for b[quote-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return at
		}
	}
}

// skipValue returns the index after the value that begins at b[i].
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipContainer(b, i)
	}
	end := i + scalarLength(b[i:])
	if end == i {
		return -1
	}
	return end
}

// skipContainer returns the index after the object or array that begins at b[i].
func skipContainer(b []byte, i int) int {
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// scalarLength returns how long the number or word is that b begins with.
func scalarLength(b []byte) int {
	for i, c := range b {
		if c <= ' ' || c == ',' || c == '}' || c == ']' || c == ':' || c == '"' {
			return i
		}
	}
	return len(b)
}

// elements calls fn for each element of a JSON array, as raw JSON.
func elements(array []byte, fn func(element []byte)) error {
	i := skipSpace(array, 0)
	if i >= len(array) || array[i] != '[' {
		return errMalformed
	}
	i = skipSpace(array, i+1)
	if i < len(array) && array[i] == ']' {
		return nil
	}
	for i < len(array) {
		end := skipValue(array, i)
		if end < 0 {
			return errMalformed
		}
		fn(array[i:end])
		i = skipSpace(array, end)
		switch {
		case i < len(array) && array[i] == ',':
			i = skipSpace(array, i+1)
		case i < len(array) && array[i] == ']':
			return nil
		default:
			return errMalformed
		}
	}
	return errMalformed
}

// members calls fn for each member of the object that begins at b[i], with its
// name as it is written and the index of its value; fn returns the index after
// the value. members returns the index after the object.
func members(b []byte, i int, fn func(name []byte, at int) int) int {
	if i < 0 || i >= len(b) || b[i] != '{' {
		return -1
	}
	for i = skipSpace(b, i+1); i < len(b) && b[i] == '"'; {
		end := skipString(b, i)
		if end < 0 {
			return -1
		}
		name := b[i+1 : end-1]
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != ':' {
			return -1
		}
		if i = fn(name, skipSpace(b, i+1)); i < 0 {
			return -1
		}
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != ',' {
			break
		}
		i = skipSpace(b, i+1)
	}
	if i >= len(b) || b[i] != '}' {
		return -1
	}
	return i + 1
}
