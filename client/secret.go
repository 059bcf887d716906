package client

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that is kept or sent and never shown, such as a password or the token
// of a login: printed, logged and encoded it reads "[redacted]". string(s) is the text.
type Secret string

const redacted = "[redacted]"

// Format writes "[redacted]", whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives "[redacted]", to JSON too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
