// Package contexts keeps the file in which the user describes appliances. No secret is
// ever in it: passwords and API keys are in the keyring of the operating system, or come from a
// command. The package talks to no appliance.
package contexts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/private"
)

const version = 1

// Context is an appliance and a user there.
type Context struct {
	Name            string `yaml:"name" json:"name"`
	URL             string `yaml:"url" json:"url"`
	LoginUser       string `yaml:"login_user,omitempty" json:"login_user,omitempty"`
	LoginMethod     string `yaml:"login_method,omitempty" json:"login_method,omitempty"`
	CAFile          string `yaml:"ca_file,omitempty" json:"ca_file,omitempty"`
	Fingerprint     string `yaml:"fingerprint,omitempty" json:"fingerprint,omitempty"`
	Insecure        bool   `yaml:"insecure,omitempty" json:"insecure,omitempty"`
	Password        Source `yaml:"password,omitempty" json:"password,omitempty"` // empty is Prompt
	PasswordCommand string `yaml:"password_command,omitempty" json:"password_command,omitempty"`
	APIKey          Source `yaml:"api_key,omitempty" json:"api_key,omitempty"` // empty if there is none
	APIKeyCommand   string `yaml:"api_key_command,omitempty" json:"api_key_command,omitempty"`
	ClientCert      string `yaml:"client_cert,omitempty" json:"client_cert,omitempty"`
	ClientKey       string `yaml:"client_key,omitempty" json:"client_key,omitempty"` // empty if ClientCert has it
}

// Source is where a password or an API key comes from.
type Source string

// The sources of a context.
const (
	Prompt  Source = "prompt"
	Keyring Source = "keyring"
	Command Source = "command"
)

// File is the whole file.
type File struct {
	Version  int       `yaml:"version"`
	Current  string    `yaml:"current,omitempty"`
	Contexts []Context `yaml:"contexts"`
}

// Load reads the file, which may be missing, and refuses what it doesn't understand.
func Load(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{Version: version}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the contexts: %w", err)
	}
	f, err := parse(text)
	if err != nil {
		return nil, failure.WithHint(fmt.Errorf("%s: %w", path, err), failure.UsageError, "correct the file")
	}
	return f, nil
}

func parse(text []byte) (*File, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	f := &File{}
	if err := d.Decode(f); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty; remove it, or write 'version: 1'")
		}
		return nil, err
	}
	if err := d.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file has more than one document")
	}
	if f.Version != version {
		return nil, fmt.Errorf("the file has version %d, and this program knows %d", f.Version, version)
	}
	for i, c := range f.Contexts {
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("context %q: %w", c.Name, err)
		}
		if slices.ContainsFunc(f.Contexts[:i], func(other Context) bool { return other.Name == c.Name }) {
			return nil, fmt.Errorf("there are two contexts %q", c.Name)
		}
	}
	if f.Current != "" && f.Find(f.Current) == nil {
		return nil, fmt.Errorf("the current context is %q, and there is no such context", f.Current)
	}
	return f, nil
}

// Check finds what cannot be in a context.
func (c Context) Check() error {
	switch {
	case c.Name == "" || strings.ContainsFunc(c.Name, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("a context needs a name without blanks")
	case strings.HasPrefix(c.Name, "-"):
		return errors.New("a name cannot begin with a dash")
	case c.URL == "":
		return errors.New("a context needs the URL of an appliance")
	case !slices.Contains([]Source{"", Prompt, Keyring, Command}, c.Password):
		return fmt.Errorf("a password comes from %q, which is none of prompt, keyring and command", c.Password)
	case (c.Password == Command) != (c.PasswordCommand != ""):
		return errors.New("a password_command goes with 'password: command', and with nothing else")
	case !slices.Contains([]Source{"", Prompt, Keyring, Command}, c.APIKey):
		return fmt.Errorf("an API key comes from %q, which is none of prompt, keyring and command", c.APIKey)
	case (c.APIKey == Command) != (c.APIKeyCommand != ""):
		return errors.New("an api_key_command goes with 'api_key: command', and with nothing else")
	case c.ClientKey != "" && c.ClientCert == "":
		return errors.New("a client_key goes with a client_cert")
	case c.kinds() > 1:
		return errors.New("a context has a password, an API key or a client certificate, and only one of them")
	case c.Password == Keyring && c.LoginUser == "":
		return errors.New("a password in the keyring needs a login_user")
	}
	return nil
}

// kinds counts what the user could identify with.
func (c Context) kinds() (n int) {
	for _, there := range []bool{c.Password != "", c.APIKey != "", c.ClientCert != ""} {
		if there {
			n++
		}
	}
	return n
}

// Find gives a context of the file, or nil.
func (f *File) Find(name string) *Context {
	for i := range f.Contexts {
		if f.Contexts[i].Name == name {
			return &f.Contexts[i]
		}
	}
	return nil
}

// Names lists the contexts in the order of the file.
func (f *File) Names() []string {
	names := make([]string, len(f.Contexts))
	for i, c := range f.Contexts {
		names[i] = c.Name
	}
	return names
}

// Update changes the file, if change returns nil, in one step that others see whole.
func Update(path string, change func(*File) error) error {
	return private.Locked(path, func() error {
		f, err := Load(path)
		if err != nil {
			return err
		}
		if err := change(f); err != nil {
			return err
		}
		var b bytes.Buffer
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := errors.Join(e.Encode(f), e.Close()); err != nil {
			return err
		}
		if _, err := parse(b.Bytes()); err != nil {
			return err
		}
		return private.Write(path, b.Bytes())
	})
}
