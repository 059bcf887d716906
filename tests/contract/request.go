package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

type deliberateKey struct{}

// Deliberate marks requests that break the contract on purpose, to see what the
// other side makes of them: for them only the response is checked.
func Deliberate(ctx context.Context) context.Context {
	return context.WithValue(ctx, deliberateKey{}, true)
}

func isDeliberate(ctx context.Context) bool { return ctx.Value(deliberateKey{}) != nil }

// largestBody is how much of a request body is checked. Longer ones pass
// unchecked: the contract bounds no body.
const largestBody = 1 << 20

// NotRecorded is the body of a recorded request or response whose body was not
// kept. The rest of the message is checked.
var NotRecorded io.ReadCloser = notRecorded{}

type notRecorded struct{}

func (notRecorded) Read([]byte) (int, error) { return 0, errors.New("the body was not recorded") }
func (notRecorded) Close() error             { return nil }

// CheckRequest checks a request, which a client has sent or is about to send, and
// reports what breaks the contract in an *Error. It does not ask for credentials,
// since a request without them is one that the contract has an answer for. The
// body can be read afterwards as if nothing happened.
func CheckRequest(r *http.Request) error {
	called, parameters := find(r.Method, r.URL)
	return checkRequest(r, called, parameters)
}

func checkRequest(r *http.Request, called *route, parameters map[string]string) error {
	if isDeliberate(r.Context()) {
		return nil
	}
	if called == nil {
		return newError("request "+r.Method+" "+r.URL.Path, []Violation{{Place: "path", Expected: "an operation of the contract", Found: "none with this method and path"}})
	}
	subject := fmt.Sprintf("request %s (%s %s)", called.operation.OperationID, r.Method, r.URL.RequestURI())
	return newError(subject, append(checkParameters(r, called, parameters), checkRequestBody(r, called)...))
}

func checkParameters(r *http.Request, called *route, parameters map[string]string) []Violation {
	var all []Violation
	for name := range r.URL.Query() {
		if called.operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			all = append(all, Violation{Place: fmt.Sprintf("parameter %q", name), Expected: parameterNames(called), Found: strconv.Quote(name)})
		}
	}
	bare := r.WithContext(r.Context())
	bare.Body = nil // which the library would read as a whole, for credentials
	err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: bare, PathParams: parameters, Route: called.kin,
		Options: &openapi3filter.Options{
			ExcludeRequestBody: true, MultiError: true, SkipSettingDefaults: true,
			AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{formats()},
		},
	})
	return append(all, parameterViolations(err)...)
}

func parameterViolations(err error) []Violation {
	if err == nil {
		return nil
	}
	if several, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // the list itself, not one that lies deeper
		var all []Violation
		for _, e := range several {
			all = append(all, parameterViolations(e)...)
		}
		return all
	}
	var invalid *openapi3filter.RequestError
	if !errors.As(err, &invalid) || invalid.Parameter == nil {
		return []Violation{{Place: "request", Expected: "what the contract says", Found: printable(err.Error())}}
	}
	place := fmt.Sprintf("parameter %q", invalid.Parameter.Name)
	var broken *openapi3.SchemaError
	if errors.As(invalid.Err, &broken) {
		return violationsIn(invalid.Err, place)
	}
	v := Violation{Place: place, Expected: describe(invalid.Parameter.Schema)}
	var unreadable *openapi3filter.ParseError
	switch {
	case errors.Is(invalid.Err, openapi3filter.ErrInvalidRequired):
		v.Found = Nothing
	case errors.Is(invalid.Err, openapi3filter.ErrInvalidEmptyValue):
		v.Found = `""`
	case errors.As(invalid.Err, &unreadable):
		v.Found = found(unreadable.Value)
	default:
		v.Found = printable(err.Error())
	}
	return []Violation{v}
}

// parameterNames says which parameters an operation takes in the query.
func parameterNames(called *route) string {
	var names []string
	for _, p := range called.operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			names = append(names, p.Value.Name)
		}
	}
	if names == nil {
		return "no parameters"
	}
	return "only " + list(names)
}

func checkRequestBody(r *http.Request, called *route) []Violation {
	if r.Header.Get("Expect") != "" {
		return nil // refused before the body is sent, which it may never be
	}
	switch r.Body {
	case NotRecorded:
		return nil
	case nil, http.NoBody:
		return missingBody(called)
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = failing{err}
	}
	r.Body = &replayed{Reader: io.MultiReader(bytes.NewReader(raw), rest), Closer: r.Body}
	if err != nil || len(raw) > largestBody {
		return nil
	}
	if called.operation.RequestBody == nil {
		if len(raw) > 0 {
			return []Violation{{Place: "body", Expected: Nothing, Found: count(len(raw), "byte")}}
		}
		return nil
	}
	if len(raw) == 0 {
		return missingBody(called)
	}
	contentType := r.Header.Get("Content-Type")
	body := called.operation.RequestBody.Value
	media := body.Content.Get(contentType)
	switch {
	case media == nil && !body.Required:
		return nil // no content is needed, so what it is called doesn't matter
	case media == nil:
		return []Violation{wrongType(body.Content, contentType)}
	case media.Schema == nil:
		return nil
	default:
		return checkJSON(media.Schema.Value, raw, "body")
	}
}

func missingBody(called *route) []Violation {
	body := called.operation.RequestBody
	if body == nil || !body.Value.Required {
		return nil
	}
	v := Violation{Place: "body", Expected: "a body", Found: Nothing}
	for _, media := range body.Value.Content {
		v.Schema, v.Expected = loaded().owners[media.Schema.Value], describe(media.Schema)
	}
	return []Violation{v}
}

// replayed is a body of which a part has been read already.
type replayed struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
