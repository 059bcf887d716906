package spec

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// The loader of kin-openapi decodes every object of the document several times
// over, which would be most of the server's start. These types take what the
// server needs, in one pass. A test compares the outcome with that loader's, so
// that a keyword which is missing here can't go unnoticed.
type (
	rawDocument struct {
		OpenAPI    string                        `json:"openapi"`
		Info       openapi3.Info                 `json:"info"`
		Security   openapi3.SecurityRequirements `json:"security"`
		Paths      map[string]map[string]rawOperation
		Components struct {
			Schemas         map[string]*rawSchema
			Parameters      map[string]*rawParameter
			RequestBodies   map[string]*rawBody
			SecuritySchemes map[string]*openapi3.SecurityScheme
		}
	}
	rawOperation struct {
		OperationID string
		Tags        []string
		Parameters  []*rawParameter
		RequestBody *rawBody
		Security    *openapi3.SecurityRequirements
	}
	rawParameter struct {
		Ref             string `json:"$ref"`
		Name            string
		In              string
		Required        bool
		AllowEmptyValue bool
		Schema          *rawSchema
	}
	rawBody struct {
		Ref      string `json:"$ref"`
		Required bool
		Content  map[string]struct{ Schema *rawSchema }
	}
	rawSchema struct {
		Ref                  string `json:"$ref"`
		Type                 string
		Format               string
		Enum                 []any
		Default              any
		Nullable             bool
		Minimum              *float64
		Maximum              *float64
		MinLength            uint64
		MaxLength            *uint64
		Pattern              string
		MinItems             uint64
		MaxItems             *uint64
		UniqueItems          bool
		Items                *rawSchema
		Properties           map[string]*rawSchema
		Required             []string
		AdditionalProperties *bool
		WhenEnabled          []string `json:"x-when-enabled"`
		OneOf                []*rawSchema
		AllOf                []*rawSchema
		Discriminator        *struct {
			PropertyName string
			Mapping      map[string]string
		}
	}
)

const (
	schemaPrefix    = "#/components/schemas/"
	parameterPrefix = "#/components/parameters/"
	bodyPrefix      = "#/components/requestBodies/"
)

// load builds the contract from its JSON form.
func load(raw []byte) (*contract, error) {
	var doc rawDocument
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	b := builder{doc: &doc, schemas: make(openapi3.Schemas, len(doc.Components.Schemas))}
	for name := range doc.Components.Schemas {
		b.schemas[name] = &openapi3.SchemaRef{Value: &openapi3.Schema{}}
	}
	for name, s := range doc.Components.Schemas {
		b.fill(b.schemas[name].Value, s)
	}
	schemes := make(openapi3.SecuritySchemes, len(doc.Components.SecuritySchemes))
	for name, s := range doc.Components.SecuritySchemes {
		schemes[name] = &openapi3.SecuritySchemeRef{Value: s}
	}
	c := &contract{
		document: &openapi3.T{
			OpenAPI: doc.OpenAPI, Info: &doc.Info, Security: doc.Security, Paths: openapi3.NewPaths(),
			Components: &openapi3.Components{Schemas: b.schemas, SecuritySchemes: schemes},
		},
		routes: make(map[string]*routers.Route),
	}
	for path, operations := range doc.Paths {
		item := &openapi3.PathItem{}
		c.document.Paths.Set(path, item)
		for name := range operations {
			method, ok := methods[name]
			if !ok {
				return nil, fmt.Errorf("%s: %q is not a method", path, name)
			}
			op := operations[name]
			if err := c.add(path, method, item, b.operation(&op)); err != nil {
				return nil, err
			}
		}
	}
	c.sort()
	return c, b.err
}

// builder turns the raw document into kin-openapi's types. References become
// shared pointers, as that package's loader makes them.
type builder struct {
	doc     *rawDocument
	schemas openapi3.Schemas
	err     error // the first reference that led nowhere
}

func (b *builder) broken(ref string) {
	if b.err == nil {
		b.err = fmt.Errorf("reference %q leads nowhere", ref)
	}
}

func (b *builder) operation(raw *rawOperation) *openapi3.Operation {
	op := &openapi3.Operation{OperationID: raw.OperationID, Tags: raw.Tags, Security: raw.Security}
	for _, p := range raw.Parameters {
		op.Parameters = append(op.Parameters, b.parameter(p))
	}
	if raw.RequestBody != nil {
		op.RequestBody = b.body(raw.RequestBody)
	}
	return op
}

func (b *builder) parameter(raw *rawParameter) *openapi3.ParameterRef {
	ref := raw.Ref
	if ref != "" {
		if raw = b.doc.Components.Parameters[strings.TrimPrefix(ref, parameterPrefix)]; raw == nil {
			b.broken(ref)
			return &openapi3.ParameterRef{Ref: ref, Value: &openapi3.Parameter{}}
		}
	}
	return &openapi3.ParameterRef{Ref: ref, Value: &openapi3.Parameter{
		Name: raw.Name, In: raw.In, Required: raw.Required, AllowEmptyValue: raw.AllowEmptyValue, Schema: b.schema(raw.Schema),
	}}
}

func (b *builder) body(raw *rawBody) *openapi3.RequestBodyRef {
	ref := raw.Ref
	if ref != "" {
		if raw = b.doc.Components.RequestBodies[strings.TrimPrefix(ref, bodyPrefix)]; raw == nil {
			b.broken(ref)
			return &openapi3.RequestBodyRef{Ref: ref, Value: &openapi3.RequestBody{}}
		}
	}
	content := make(openapi3.Content, len(raw.Content))
	for mediaType, media := range raw.Content {
		content[mediaType] = &openapi3.MediaType{Schema: b.schema(media.Schema)}
	}
	return &openapi3.RequestBodyRef{Ref: ref, Value: &openapi3.RequestBody{Required: raw.Required, Content: content}}
}

func (b *builder) schema(raw *rawSchema) *openapi3.SchemaRef {
	if raw == nil {
		return nil
	}
	if raw.Ref == "" {
		s := &openapi3.Schema{}
		b.fill(s, raw)
		return &openapi3.SchemaRef{Value: s}
	}
	target := b.schemas[strings.TrimPrefix(raw.Ref, schemaPrefix)]
	if target == nil {
		b.broken(raw.Ref)
		return &openapi3.SchemaRef{Ref: raw.Ref, Value: &openapi3.Schema{}}
	}
	return &openapi3.SchemaRef{Ref: raw.Ref, Value: target.Value}
}

func (b *builder) list(raw []*rawSchema) openapi3.SchemaRefs {
	if raw == nil {
		return nil
	}
	refs := make(openapi3.SchemaRefs, len(raw))
	for i, s := range raw {
		refs[i] = b.schema(s)
	}
	return refs
}

func (b *builder) fill(s *openapi3.Schema, raw *rawSchema) {
	*s = openapi3.Schema{
		Format: raw.Format, Enum: raw.Enum, Default: raw.Default, Nullable: raw.Nullable,
		Min: raw.Minimum, Max: raw.Maximum, MinLength: raw.MinLength, MaxLength: raw.MaxLength, Pattern: raw.Pattern,
		MinItems: raw.MinItems, MaxItems: raw.MaxItems, UniqueItems: raw.UniqueItems, Items: b.schema(raw.Items), Required: raw.Required,
		AdditionalProperties: openapi3.AdditionalProperties{Has: raw.AdditionalProperties},
		OneOf:                b.list(raw.OneOf), AllOf: b.list(raw.AllOf),
	}
	if raw.Type != "" {
		s.Type = &openapi3.Types{raw.Type}
	}
	if raw.Properties != nil {
		s.Properties = make(openapi3.Schemas, len(raw.Properties))
		for name, property := range raw.Properties {
			s.Properties[name] = b.schema(property)
		}
	}
	if raw.WhenEnabled != nil {
		s.AnyOf = whenEnabled(raw.WhenEnabled)
	}
	if d := raw.Discriminator; d != nil {
		s.Discriminator = &openapi3.Discriminator{PropertyName: d.PropertyName, Mapping: make(map[string]openapi3.MappingRef, len(d.Mapping))}
		for value, ref := range d.Mapping {
			s.Discriminator.Mapping[value] = openapi3.MappingRef{Ref: ref}
		}
	}
}
