package login

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/spskit/spskit/server/store"
)

const (
	tokenBytes = 20
	tokenChars = 2 * tokenBytes
)

// Token is a login's secret: 20 random bytes as 40 hexadecimal digits. Only its
// SHA-256 is ever stored. Formatted or logged it shows nothing of itself; who
// wants to hand it to its owner writes string(t).
type Token string

const redacted = "[token]"

// Format keeps the token out of anything that fmt writes.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps the token out of JSON and of slog's handlers.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

func newToken(rand io.Reader) (Token, error) {
	var raw [tokenBytes]byte
	if _, err := io.ReadFull(rand, raw[:]); err != nil {
		return "", fmt.Errorf("drawing a token: %w", err)
	}
	return Token(hex.EncodeToString(raw[:])), nil
}

// id returns what the store knows the token by; false when it has not the form
// of a token. It allocates nothing.
func (t Token) id() (store.LoginID, bool) {
	if len(t) != tokenChars {
		return store.LoginID{}, false
	}
	var digits [tokenChars]byte
	var raw [tokenBytes]byte
	copy(digits[:], t)
	if _, err := hex.Decode(raw[:], digits[:]); err != nil {
		return store.LoginID{}, false
	}
	return sha256.Sum256(raw[:]), true
}
