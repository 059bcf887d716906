package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/secret"
)

// Kind is what the user proves to be somebody with.
type Kind string

// The kinds of credentials.
const (
	Password    Kind = "password"
	APIKey      Kind = "API key"
	Certificate Kind = "certificate"
)

// one is the kind with its article.
func (k Kind) one() string {
	if k == APIKey {
		return "an " + string(k)
	}
	return "a " + string(k)
}

// Credential is what a client identifies the user with.
type Credential struct {
	Kind   Kind
	Source contexts.Source // of a password or an API key; empty for those of the environment

	identity string                                // tells it from another of its kind and source
	get      func(context.Context) (string, error) // the password or the key
	cert     [2]string                             // files of the certificate and its key
}

// Credential chooses what the user identifies with: the flags say it, else the
// environment, else the context, else it is a password that is asked for. A URL or a
// user doesn't matter for that.
func (a *App) Credential() (Credential, error) {
	s, err := a.Settings()
	if err != nil {
		return Credential{}, err
	}
	return a.credential(s)
}

func (a *App) credential(s Settings) (Credential, error) {
	g := &a.globals
	if g.clientKey != "" && g.clientCert == "" {
		return Credential{}, failure.Usage("--client-key goes with --client-cert")
	}
	for _, place := range []struct {
		name string
		list []Credential
	}{
		{"the command line", a.ofFlags(g.onCommandLine)},
		{"the environment", a.ofEnvironment()},
		{"the context", a.ofContext(s)},
	} {
		for _, c := range place.list {
			if c.Kind != place.list[0].Kind {
				return Credential{}, failure.WithHint(failure.Usage("%s has both %s and %s", place.name, place.list[0].Kind.one(), c.Kind.one()),
					failure.UsageError, "give one of them")
			}
		}
		if len(place.list) > 0 {
			return place.list[0], nil
		}
	}
	return a.asked(s, Password), nil
}

// ofFlags has the credentials of the flags that are given in one way.
func (a *App) ofFlags(given func(string) bool) (list []Credential) {
	g := &a.globals
	if given("password-command") && g.passwordCommand != "" {
		list = append(list, a.ofCommand(Password, g.passwordCommand))
	}
	if given("api-key-command") && g.apiKeyCommand != "" {
		list = append(list, a.ofCommand(APIKey, g.apiKeyCommand))
	}
	if given("client-cert") && g.clientCert != "" {
		list = append(list, certificate(g.clientCert, g.clientKey))
	}
	return list
}

// ofEnvironment has the secrets of the environment before its commands.
func (a *App) ofEnvironment() (list []Credential) {
	for _, v := range []struct {
		kind Kind
		name string
	}{{Password, "PASSWORD"}, {APIKey, "API_KEY"}} {
		if value, _ := a.Lookup(EnvPrefix + v.name); value != "" {
			list = append(list, ofValue(v.kind, value))
		}
	}
	g := &a.globals
	return append(list, a.ofFlags(func(name string) bool { return g.fromEnv[name] })...)
}

func (a *App) ofContext(s Settings) []Credential {
	switch {
	case s.ClientCert != "":
		return []Credential{certificate(s.ClientCert, s.ClientKey)}
	case s.APIKey == contexts.Command:
		return []Credential{a.ofCommand(APIKey, s.APIKeyCommand)}
	case s.APIKey == contexts.Keyring:
		return []Credential{a.ofKeyring(s, APIKey)}
	case s.APIKey == contexts.Prompt:
		return []Credential{a.asked(s, APIKey)}
	case s.PasswordCommand != "":
		return []Credential{a.ofCommand(Password, s.PasswordCommand)}
	case s.Password == contexts.Keyring:
		return []Credential{a.ofKeyring(s, Password)}
	}
	return nil
}

// ofValue has a secret that is at hand.
func ofValue(kind Kind, value string) Credential {
	return Credential{Kind: kind, identity: value, get: func(context.Context) (string, error) { return value, nil }}
}

func (a *App) ofCommand(kind Kind, command string) Credential {
	return Credential{Kind: kind, Source: contexts.Command, identity: command, get: func(ctx context.Context) (string, error) {
		return secret.FromCommand(ctx, string(kind), command, a.In, a.Err)
	}}
}

func (a *App) ofKeyring(s Settings, kind Kind) Credential {
	return Credential{Kind: kind, Source: contexts.Keyring, get: func(context.Context) (string, error) {
		return secret.FromKeyring(a.Keyring, s.entry(kind))
	}}
}

func (a *App) asked(s Settings, kind Kind) Credential {
	return Credential{Kind: kind, Source: contexts.Prompt, get: func(ctx context.Context) (string, error) {
		return a.ask(ctx, s, kind)
	}}
}

func certificate(cert, key string) Credential {
	if key == "" {
		key = cert // which may hold both
	}
	c := Credential{Kind: Certificate, cert: [2]string{cert, key}}
	if text, err := os.ReadFile(cert); err == nil { // else the client says why not
		c.identity = fmt.Sprintf("%x", sha256.Sum256(text))
	}
	return c
}

// option makes the client use the credential.
func (c Credential) option(s Settings) client.Option {
	switch c.Kind {
	case APIKey:
		return client.WithAPIKeyFunc(once(c.get)) // or each request would ask
	case Certificate:
		return client.WithClientCertificateFiles(c.cert[0], c.cert[1])
	}
	return client.WithPasswordFunc(s.LoginUser, c.get)
}

// once remembers what get has got.
func once(get func(context.Context) (string, error)) func(context.Context) (string, error) {
	var mu sync.Mutex
	var value string
	return func(ctx context.Context) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if value != "" {
			return value, nil
		}
		got, err := get(ctx)
		if err == nil {
			value = got
		}
		return got, err
	}
}

// Keep stores a secret in the keyring, for Credential to find it there.
func (a *App) Keep(kind Kind, value string) error {
	s, err := a.Settings()
	if err != nil {
		return err
	}
	return secret.ToKeyring(a.Keyring, s.entry(kind), value)
}

func (s Settings) entry(kind Kind) secret.Entry {
	return secret.Entry{URL: s.URL, User: s.LoginUser, APIKey: kind == APIKey}
}

// Ask asks for the password or the API key at the terminal.
func (a *App) Ask(ctx context.Context, kind Kind) (string, error) {
	s, err := a.Settings()
	if err != nil {
		return "", err
	}
	return a.ask(ctx, s, kind)
}

func (a *App) ask(ctx context.Context, s Settings, kind Kind) (string, error) {
	if a.completing {
		return "", errors.New("there is nobody to ask while a shell completes a word")
	}
	question := fmt.Sprintf("Password of %s at %s: ", s.LoginUser, s.URL)
	if kind == APIKey {
		question = fmt.Sprintf("API key for %s: ", s.URL)
	}
	return secret.FromTerminal(ctx, string(kind), a.In, a.Err, question)
}
