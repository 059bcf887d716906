package login

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/spskit/spskit/server/store"
)

func TestTokenForm(t *testing.T) {
	token, err := newToken(bytes.NewReader([]byte("\x00\x01\xffabcdefghijklmnopq")))
	if err != nil {
		t.Fatal(err)
	}
	const want = "0001ff6162636465666768696a6b6c6d6e6f7071"
	if string(token) != want {
		t.Errorf("token %s, want %s", string(token), want)
	}
	id, ok := token.id()
	if sum := sha256.Sum256([]byte("\x00\x01\xffabcdefghijklmnopq")); !ok || id != store.LoginID(sum) {
		t.Errorf("id %x, %v", id, ok)
	}
}

func TestNewTokenOfExhaustedSource(t *testing.T) {
	if _, err := newToken(strings.NewReader("too short")); err == nil {
		t.Error("no error")
	}
}

func TestTokenShowsNothing(t *testing.T) {
	token, err := newToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", token)
		fmt.Fprintf(&out, verb+"\n", struct{ Token Token }{token})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "token", token)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "token", token, "in", struct{ Token Token }{token})
	if err := json.NewEncoder(&out).Encode(map[string]Token{"token": token}); err != nil {
		t.Fatal(err)
	}
	if s := strings.ToLower(out.String()); strings.Contains(s, string(token)) || strings.Contains(s, hex.EncodeToString([]byte(token))) {
		t.Errorf("the token shows in:\n%s", s)
	}
}

// Whatever a cookie may hold, only 40 hexadecimal digits are a token.
func FuzzToken(f *testing.F) {
	for _, s := range []string{
		"", "a1f71d030e657634730b9e887cb59a5e56162860", "A1F71D030E657634730B9E887CB59A5E56162860",
		"a1f71d030e657634730b9e887cb59a5e5616286", "a1f71d030e657634730b9e887cb59a5e561628600", "g1f71d030e657634730b9e887cb59a5e56162860",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw, err := hex.DecodeString(s)
		id, ok := Token(s).id()
		if want := err == nil && len(raw) == tokenBytes; ok != want {
			t.Fatalf("%q is a token: %v, want %v", s, ok, want)
		}
		if ok && id != store.LoginID(sha256.Sum256(raw)) || !ok && id != (store.LoginID{}) {
			t.Fatalf("%q has the id %x", s, id)
		}
	})
}
