package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

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

// checkRequest checks a request against the operation it calls. It does not ask
// for credentials, since a request without them is one that the contract has an
// answer for. The request's body can be read afterwards as if nothing happened.
func checkRequest(r *http.Request, called *route, parameters map[string]string) error {
	if isDeliberate(r.Context()) {
		return nil
	}
	if called == nil {
		return newError("request "+r.Method+" "+r.URL.Path, []Violation{{Place: "path", Reason: "no operation has this path and method"}})
	}
	subject := fmt.Sprintf("request %s (%s %s)", called.operation.OperationID, r.Method, r.URL.RequestURI())
	return newError(subject, append(checkParameters(r, called, parameters), checkRequestBody(r, called)...))
}

func checkParameters(r *http.Request, called *route, parameters map[string]string) []Violation {
	var all []Violation
	for name := range r.URL.Query() {
		if called.operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			all = append(all, Violation{Place: fmt.Sprintf("parameter %q", name), Reason: "the operation has no such parameter"})
		}
	}
	err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: parameters, Route: called.kin,
		Options: &openapi3filter.Options{
			ExcludeRequestBody: true, MultiError: true, SkipSettingDefaults: true,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
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
		return []Violation{{Place: "request", Reason: err.Error()}}
	}
	place := fmt.Sprintf("parameter %q", invalid.Parameter.Name)
	var broken *openapi3.SchemaError
	if errors.As(invalid.Err, &broken) {
		return violationsIn(invalid.Err, place)
	}
	reason := invalid.Reason
	if invalid.Err != nil {
		reason = invalid.Err.Error()
	}
	return []Violation{{Place: place, Reason: reason}}
}

func checkRequestBody(r *http.Request, called *route) []Violation {
	if r.Header.Get("Expect") != "" {
		return nil // refused before the body is sent, which it may never be
	}
	if r.Body == nil || r.Body == http.NoBody {
		return missingBody(called, 0)
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
			return []Violation{{Place: "body", Reason: "the operation takes none"}}
		}
		return nil
	}
	if len(raw) == 0 {
		return missingBody(called, len(raw))
	}
	contentType := r.Header.Get("Content-Type")
	body := called.operation.RequestBody.Value
	media := body.Content.Get(contentType)
	switch {
	case media == nil && !body.Required:
		return nil // no content is needed, so what it is called doesn't matter
	case media == nil:
		return []Violation{{Place: `header "Content-Type"`, Reason: fmt.Sprintf(
			"must be one of %s, found %q", list(keys(body.Content)), contentType)}}
	case media.Schema == nil:
		return nil
	default:
		return checkJSON(media.Schema.Value, raw, "body")
	}
}

func missingBody(called *route, length int) []Violation {
	body := called.operation.RequestBody
	if body != nil && body.Value.Required && length == 0 {
		return []Violation{{Place: "body", Reason: "is missing"}}
	}
	return nil
}

// replayed is a body of which a part has been read already.
type replayed struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
