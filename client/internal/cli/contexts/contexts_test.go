package contexts_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spskit/spskit/client/internal/cli/contexts"
)

func TestLoadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "the file is empty",
		"contexts: []":              "version 0",
		"version: 1\nx: 1":          "field x not found",
		"version: 1\n---\na: 1":     "more than one document",
		"version: 1\ncurrent: a":    "no such context",
		"version: [":                "yaml",
		one("name: ''"):             "a name without blanks",
		one("name: a b"):            "a name without blanks",
		one("name: -a"):             "begin with a dash",
		one("name: a\n    url: ''"): "URL",
		one("name: a\n    url: u") + "\n  - name: a\n    url: v":             "two contexts",
		one("name: a\n    url: u\n    password: file"):                       "none of prompt, keyring and command",
		one("name: a\n    url: u\n    password: command"):                    "password_command",
		one("name: a\n    url: u\n    password_command: x"):                  "password_command",
		one("name: a\n    url: u\n    password: keyring"):                    "needs a login_user",
		one("name: a\n    url: u\n    password: prompt\n    login_users: x"): "login_users not found",
	} {
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := contexts.Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func one(lines string) string { return "version: 1\ncontexts:\n  - " + lines }

// What cannot be loaded again is not written, and an error leaves the file alone.
func TestUpdateKeepsTheFileWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spsctl", "config.yaml")
	add := func(c contexts.Context, err error) error {
		return contexts.Update(path, func(f *contexts.File) error {
			f.Contexts = append(f.Contexts, c)
			return err
		})
	}
	if err := add(contexts.Context{Name: "a", URL: "https://a"}, nil); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"the same name": add(contexts.Context{Name: "a", URL: "https://b"}, nil),
		"no URL":        add(contexts.Context{Name: "b"}, nil),
		"a change that fails": add(contexts.Context{Name: "b", URL: "https://b"},
			errors.New("no")),
	} {
		after, _ := os.ReadFile(path)
		if err == nil || string(after) != string(before) {
			t.Errorf("%s: error %v, and the file is\n%s", name, err, after)
		}
	}
}
