//go:build tools

// Package tools pins the programs that build this module, so that a clean clone
// generates the same code everywhere.
package tools

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
