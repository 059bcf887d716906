// Package gen holds what is generated from the contract, openapi.yaml, and
// nothing else:
//
//   - api: the types
//   - apiclient: a client, on those types
//   - apiserver: the interface that the server implements, on those types
//   - apispec: the contract itself, whole, for validation
//
// The configurations share their options, so that names agree between packages.
// Nobody edits generated files: change the contract and run "go generate ./gen".
package gen

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config api.cfg.yaml ../openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config apiclient.cfg.yaml ../openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config apiserver.cfg.yaml ../openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config apispec.cfg.yaml ../openapi.yaml
//go:generate cp ../openapi.yaml apispec/openapi.yaml
