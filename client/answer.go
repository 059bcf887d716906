package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Answers are bounded, so that no server can fill the memory. Trails are not held
// in memory and have no bound.
const (
	maxDocument = 64 << 20
	maxFailure  = 1 << 20
)

// readAnswer checks an answer and decodes it into the value that into points to.
// With into nil the answer may be empty, and what is in it doesn't matter. The body
// is closed.
func readAnswer(resp *http.Response, operation string, into any) error {
	defer resp.Body.Close()
	if err := checkStatus(resp, operation); err != nil {
		return err
	}
	body, err := readBody(resp.Body, resp.ContentLength, maxDocument)
	if err != nil {
		return failure(resp, operation, err)
	}
	if into == nil && len(body) == 0 {
		return nil
	}
	if !isJSON(resp.Header) {
		return failure(resp, operation, notJSON(resp.Header))
	}
	if into == nil {
		return nil
	}
	decode := func(body []byte) error {
		if err := json.Unmarshal(body, into); err != nil {
			return err
		}
		return checkItem(into)
	}
	if d, ok := into.(interface{ decode(body []byte) error }); ok {
		decode = d.decode
	}
	if err := decode(body); err != nil {
		return failure(resp, operation, &unexpectedError{"the answer cannot be understood", err})
	}
	return nil
}

// member is an answer of which one member counts, which has to be there. Without it,
// whatever else comes would be taken for an empty list.
type member[T any] struct {
	name  string
	value T
}

// UnmarshalJSON is called by encoding/json.
func (m *member[T]) UnmarshalJSON(document []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(document, &members); err != nil {
		return err
	}
	var value *T
	if raw, ok := members[m.name]; ok {
		if err := json.Unmarshal(raw, &value); err != nil {
			return err
		}
	}
	if value == nil {
		return errors.New("there are no " + m.name)
	}
	m.value = *value
	return nil
}

// lossless decodes into the value that into points to, and keeps numbers whose place
// there is an interface as they are written, with all their digits.
type lossless struct{ into any }

// UnmarshalJSON is called by encoding/json, with one whole document.
func (l lossless) UnmarshalJSON(document []byte) error {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	return d.Decode(l.into)
}

// checkStatus makes an Error of an answer that is no success, and closes its body.
func checkStatus(resp *http.Response, operation string) error {
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return nil
	}
	defer resp.Body.Close()
	body, err := readBody(resp.Body, resp.ContentLength, maxFailure)
	if err != nil {
		return failure(resp, operation, err)
	}
	if !isJSON(resp.Header) {
		return failure(resp, operation, notJSON(resp.Header))
	}
	var document struct {
		Error struct {
			Type    ErrorType
			Message string
			Details json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return failure(resp, operation, &unexpectedError{"the error cannot be understood", err})
	}
	if document.Error.Type == "" {
		return failure(resp, operation, &unexpectedError{reason: "the error has no type"})
	}
	e := failure(resp, operation, nil)
	e.Type, e.Message = document.Error.Type, document.Error.Message
	if json.Unmarshal(document.Error.Details, &lossless{&e.Details}) != nil {
		e.Details = nil // not an object; the error is worth as much without them
	}
	if e.RequestID == "" {
		e.RequestID = e.Detail("request_id")
	}
	if seconds := detail[int64](e, "retry_after"); e.RetryAfter == 0 && seconds > 0 {
		e.RetryAfter = min(time.Duration(min(seconds, 1<<32))*time.Second, longestRetryAfter)
	}
	return e
}

// failure is the Error of an answer, without what only its body tells.
func failure(resp *http.Response, operation string, cause error) *Error {
	e := &Error{
		Status: resp.StatusCode, Operation: operation, cause: cause,
		RetryAfter: askedToWait(resp),
		RequestID:  resp.Header.Get("X-Request-Id"),
	}
	if resp.Request != nil {
		e.Method, e.Path = resp.Request.Method, resp.Request.URL.Path
	}
	return e
}

// readBody reads a whole body, but never more than limit bytes.
func readBody(body io.Reader, length, limit int64) ([]byte, error) {
	tooLong := &unexpectedError{reason: fmt.Sprintf("the answer is longer than %d bytes", limit)}
	if length > limit {
		return nil, tooLong
	}
	var buf bytes.Buffer
	if length > 0 { // a length is only a claim, so believe no more than a usual page
		buf.Grow(min(int(length), 8<<20) + bytes.MinRead)
	}
	switch n, err := buf.ReadFrom(io.LimitReader(body, limit+1)); {
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && n < length:
		return nil, &unexpectedError{"the answer is cut short", io.ErrUnexpectedEOF}
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case n > limit:
		return nil, tooLong
	}
	return buf.Bytes(), nil
}

func isJSON(h http.Header) bool {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

func notJSON(h http.Header) error {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media == "" {
		media = "of no type"
	}
	return &unexpectedError{reason: "the answer is " + printable(media) + ", not JSON"}
}
