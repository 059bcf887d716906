package app

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/curl"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

// Settings are the appliance and the user that the command is about: a context, with
// what flags and environment say otherwise. URL is empty if nothing names one.
type Settings struct {
	contexts.Context // Name is empty without a context
}

// Settings are worked out once. Flags win over the environment, and that over the
// context. A URL that is given means no context but one named with it, so that the
// credentials of one appliance are never sent to another; and with --context the
// environment doesn't say where to go.
func (a *App) Settings() (Settings, error) {
	if a.resolved {
		return a.settings, nil
	}
	g := &a.globals
	if err := g.fromEnvironment(a.Lookup); err != nil {
		return Settings{}, err
	}
	s, err := a.base()
	if err != nil {
		return Settings{}, err
	}
	uses := g.given
	if g.onCommandLine("context") {
		uses = g.onCommandLine
	}
	for name, place := range map[string]*string{
		"url": &s.URL, "login-user": &s.LoginUser, "login-method": &s.LoginMethod,
	} {
		if uses(name) {
			*place = g.set.Lookup(name).Value.String()
		}
	}
	if uses("ca-file") || uses("fingerprint") || uses("insecure") {
		s.CAFile, s.Fingerprint, s.Insecure = "", "", false
		if uses("ca-file") {
			s.CAFile = g.caFile
		}
		if uses("fingerprint") {
			s.Fingerprint = g.fingerprint
		}
		if uses("insecure") {
			s.Insecure = g.insecure
		}
	}
	s.URL = strings.TrimRight(s.URL, "/")
	if g.curl {
		a.tracer = &curl.Tracer{Out: a.Out}
	}
	a.settings, a.resolved = s, true
	return s, nil
}

// base is the context that the settings begin with, or an empty one.
func (a *App) base() (Settings, error) {
	g := &a.globals
	if g.given("url") && !g.onCommandLine("context") && (g.onCommandLine("url") || !g.given("context")) {
		return Settings{}, nil
	}
	file, err := contexts.Load(a.ContextsPath())
	if err != nil {
		return Settings{}, err
	}
	name := file.Current
	if g.given("context") {
		name = g.context
	}
	if name == "" {
		return Settings{}, nil
	}
	found := file.Find(name)
	if found == nil {
		return Settings{}, failure.WithHint(failure.Usage("there is no context %q", name), failure.UsageError,
			"'spsctl context list' shows those there are")
	}
	return Settings{*found}, nil
}

// ContextsPath is the file of contexts.
func (a *App) ContextsPath() string {
	if path, _ := a.Lookup("SPSCTL_CONFIG"); path != "" {
		return path
	}
	return filepath.Join(a.directory("XDG_CONFIG_HOME", ".config", os.UserConfigDir), "spsctl", "config.yaml")
}

// ContextNames are the contexts there are; none if the file cannot be read.
func (a *App) ContextNames() []string {
	file, err := contexts.Load(a.ContextsPath())
	if err != nil {
		return nil
	}
	return file.Names()
}

// loginsPath is the file of the logins that are kept between runs.
func (a *App) loginsPath() string {
	return filepath.Join(a.directory("XDG_STATE_HOME", filepath.Join(".local", "state"), os.UserCacheDir), "spsctl", "logins.json")
}

// directory is one of the user's, as XDG has them, but for Windows.
func (a *App) directory(variable, belowHome string, windows func() (string, error)) string {
	if dir, _ := a.Lookup(variable); filepath.IsAbs(dir) {
		return dir
	}
	if runtime.GOOS == "windows" {
		if dir, err := windows(); err == nil {
			return dir
		}
	}
	home, _ := a.Lookup("HOME")
	if home == "" { // as for services; but nothing private belongs where they happen to run
		if u, err := user.Current(); err == nil {
			home = u.HomeDir
		}
	}
	return filepath.Join(home, belowHome)
}

// OnCommandLine is what the flags of the command line, and no other source, say about
// an appliance.
func (a *App) OnCommandLine() contexts.Context {
	g := &a.globals
	text := func(name, value string) string {
		if g.onCommandLine(name) {
			return value
		}
		return ""
	}
	return contexts.Context{
		LoginUser: text("login-user", g.loginUser), LoginMethod: text("login-method", g.loginMethod),
		CAFile: text("ca-file", g.caFile), Fingerprint: text("fingerprint", g.fingerprint),
		Insecure:        g.onCommandLine("insecure") && g.insecure,
		PasswordCommand: text("password-command", g.passwordCommand),
		APIKeyCommand:   text("api-key-command", g.apiKeyCommand),
		ClientCert:      text("client-cert", g.clientCert),
		ClientKey:       text("client-key", g.clientKey),
	}
}

// Validate tells what no client could be made of in a context. It connects to nothing.
func (a *App) Validate(c contexts.Context) error {
	if c.LoginUser == "" {
		c.LoginUser = "anybody" // is given later
	}
	s := Settings{c}
	credential := a.asked(s, Password)
	if list := a.ofContext(s); len(list) > 0 {
		credential = list[0]
	}
	_, err := a.clientWith(s, credential)
	return err
}
