package logins_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/logins"
)

func TestLoginsAreFoundBySameIdentityOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spsctl", "logins.json")
	admin := logins.Identity{URL: "https://a", User: "admin", Method: "local", Kind: "environment", Credential: "secret-word"}
	cache := &logins.Cache{Path: path, Now: time.Now, Identity: admin}
	if token, err := cache.Load(t.Context()); token != "" || err != nil {
		t.Fatalf("%q, error %v", token, err)
	}
	if err := cache.Save(t.Context(), "token-1"); err != nil {
		t.Fatal(err)
	}
	if token, err := cache.Load(t.Context()); token != "token-1" || err != nil {
		t.Fatalf("%q, error %v", token, err)
	}
	others := map[string]logins.Identity{}
	for name, change := range map[string]func(*logins.Identity){
		"URL": func(i *logins.Identity) { i.URL = "https://b" }, "user": func(i *logins.Identity) { i.User = "joe" },
		"method": func(i *logins.Identity) { i.Method = "" }, "kind": func(i *logins.Identity) { i.Kind = "command" },
		"credential": func(i *logins.Identity) { i.Credential = "other" },
		"border":     func(i *logins.Identity) { i.User, i.Method = "adminl", "ocal" },
	} {
		other := admin
		change(&other)
		others[name] = other
	}
	for name, other := range others {
		if token, err := (&logins.Cache{Path: path, Now: time.Now, Identity: other}).Load(t.Context()); token != "" || err != nil {
			t.Errorf("another %s gets the login %q, error %v", name, token, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || bytes.Contains(text, []byte("secret-word")) || bytes.Contains(text, []byte("admin")) {
		t.Errorf("the file tells %s, error %v", text, err)
	}
	if err := cache.Clear(t.Context(), "token-0"); err != nil {
		t.Fatal(err)
	}
	if token, _ := cache.Load(t.Context()); token != "token-1" {
		t.Errorf("the end of another login leaves %q", token)
	}
	if err := cache.Clear(t.Context(), "token-1"); err != nil {
		t.Fatal(err)
	}
	if token, _ := cache.Load(t.Context()); token != "" {
		t.Errorf("the login %q is still there", token)
	}
}

func TestOldLoginsAreDropped(t *testing.T) {
	now := time.Now()
	path := filepath.Join(t.TempDir(), "logins.json")
	at := func(user string) *logins.Cache {
		return &logins.Cache{Path: path, Now: func() time.Time { return now }, Identity: logins.Identity{User: user}}
	}
	if err := at("old").Save(t.Context(), "old-token"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(8 * 24 * time.Hour)
	if token, err := at("old").Load(t.Context()); token != "" || err != nil {
		t.Errorf("%q, error %v", token, err)
	}
	if err := at("new").Save(t.Context(), "new-token"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || bytes.Contains(text, []byte("old-token")) {
		t.Errorf("the file has %s, error %v", text, err)
	}
}

func TestBrokenFileIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logins.json")
	if err := os.WriteFile(path, []byte(`{"version":1,"key":"AA=="`), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := &logins.Cache{Path: path, Now: time.Now}
	if err := cache.Save(t.Context(), "token"); err != nil {
		t.Fatal(err)
	}
	if token, err := cache.Load(t.Context()); token != "token" || err != nil {
		t.Errorf("%q, error %v", token, err)
	}
}

func TestExposedFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logins.json")
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	cache := &logins.Cache{Path: path, Now: time.Now}
	if _, err := cache.Load(t.Context()); failure.CodeOf(err) != failure.Failed {
		t.Errorf("error %v", err)
	}
	if err := cache.Save(t.Context(), "token"); err == nil {
		t.Error("a token is written to a file that others can read")
	}
}
