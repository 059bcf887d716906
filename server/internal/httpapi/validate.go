package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/spskit/spskit/server/internal/spec"
)

// maxBody bounds request bodies. The largest document of the contract is a few
// kilobytes.
const maxBody = 1 << 20

// filterOptions leave to the validator what this package does not do itself:
// parameters. Who asks is settled in guard, bodies in takeBody.
var filterOptions = &openapi3filter.Options{
	ExcludeRequestBody:  true,
	SkipSettingDefaults: true, // it would rewrite the query, which page links repeat
	AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
}

// validate checks path and query parameters against the contract.
func (a *API) validate(op *operation, r *http.Request) error {
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		// What cannot be parsed would be left out, and a filter with it.
		return problemf(invalidQuery, "value", r.URL.RawQuery, "expected", "a query of the form name=value&name=value")
	}
	if a.strict {
		if err := refuseUnknownParameters(op, r); err != nil {
			return err
		}
	}
	if !op.parameters {
		return nil
	}
	bare := *r // the validator would read any body as a whole, if only to show it to an authenticator
	bare.Body = http.NoBody
	input := &openapi3filter.RequestValidationInput{Request: &bare, Route: op.route, Options: filterOptions}
	if len(op.pathParams) > 0 {
		input.PathParams = make(map[string]string, len(op.pathParams))
		for _, name := range op.pathParams {
			input.PathParams[name] = r.PathValue(name)
		}
	}
	err := openapi3filter.ValidateRequest(r.Context(), input)
	if err == nil {
		return nil
	}
	var invalid *openapi3filter.RequestError
	if !errors.As(err, &invalid) || invalid.Parameter == nil {
		return err
	}
	if invalid.Parameter.In == openapi3.ParameterInPath {
		return problemf(notFound, "path", exchangeOf(r).path) // no object can have such a key
	}
	return problemf(invalidQuery, "parameter", invalid.Parameter.Name,
		"value", r.URL.Query().Get(invalid.Parameter.Name), "expected", expectation(invalid))
}

// expectation words what the contract wanted of a parameter.
func expectation(invalid *openapi3filter.RequestError) string {
	var schema *openapi3.SchemaError
	var parse *openapi3filter.ParseError
	switch {
	case errors.Is(invalid.Err, openapi3filter.ErrInvalidRequired):
		return "a value"
	case errors.As(invalid.Err, &schema):
		return constraint(schema)
	case errors.As(invalid.Err, &parse):
		return "a value of type " + typeName(invalid.Parameter.Schema)
	case invalid.Reason != "":
		return invalid.Reason
	default:
		return "a value as in the contract"
	}
}

// constraint words the constraints that parameters of the contract have.
func constraint(e *openapi3.SchemaError) string {
	switch e.SchemaField {
	case "enum":
		return fmt.Sprintf("one of %v", e.Schema.Enum)
	case "minimum":
		return fmt.Sprintf("a number from %v on", *e.Schema.Min)
	default:
		return e.Reason
	}
}

func typeName(schema *openapi3.SchemaRef) string {
	if schema == nil || schema.Value == nil || schema.Value.Type == nil {
		return "string"
	}
	return (*schema.Value.Type)[0]
}

func refuseUnknownParameters(op *operation, r *http.Request) error {
	for name, values := range r.URL.Query() {
		if op.route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil &&
			op.route.PathItem.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return problemf(invalidQuery, "parameter", name, "value", values[0], "expected", "a parameter that the contract knows")
		}
	}
	return nil
}

// takeBody reads the body of an operation that takes one, checks it against the
// contract, and leaves the known part of it in the request as compact JSON.
func (a *API) takeBody(op *operation, w http.ResponseWriter, r *http.Request) error {
	if op.bodySchema == "" {
		r.Body = http.NoBody // net/http drains what a client sent for nothing
		return nil
	}
	optional := !op.route.Operation.RequestBody.Value.Required
	if optional && r.Header.Get("Content-Length") == "" {
		return problemf(lengthRequired)
	}
	if !optional && !isJSON(r.Header.Get("Content-Type")) {
		return problemf(unsupportedMediaType, "expected", "application/json")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return problemf(syntacticError, "position", len(raw), "expected", "the rest of the body")
	}
	if optional && len(bytes.TrimSpace(raw)) == 0 {
		r.Body = http.NoBody
		return nil
	}
	value, err := decodeJSON(raw)
	if err != nil {
		return err
	}
	value, unknown := spec.Prune(op.bodySchema, value)
	if a.strict && len(unknown) > 0 {
		violations := make([]spec.Violation, len(unknown))
		for i, pointer := range unknown {
			violations[i] = spec.Violation{Path: pointer, Reason: "the contract has no such member"}
		}
		return problemf(semanticError, "violations", violations)
	}
	if err := spec.ValidateDocument(op.bodySchema, value); err != nil {
		var invalid *spec.ValidationError
		if !errors.As(err, &invalid) {
			return err
		}
		return problemf(semanticError, "violations", invalid.Violations)
	}
	known, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode the body again: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(known))
	return nil
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// decodeJSON decodes exactly one JSON value and keeps its numbers exact.
func decodeJSON(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		position := int64(len(raw))
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			position = syntax.Offset
		}
		return nil, problemf(syntacticError, "position", position, "expected", "one JSON value")
	}
	if rest := bytes.TrimSpace(raw[decoder.InputOffset():]); len(rest) > 0 {
		return nil, problemf(syntacticError, "position", decoder.InputOffset(), "expected", "nothing after the JSON value")
	}
	return value, nil
}
