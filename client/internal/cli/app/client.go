package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/logins"
	"github.com/spskit/spskit/client/internal/cli/secret"
)

// Version of the program.
const Version = "0.1.0"

// Client makes the client of the chosen appliance. It connects to nothing yet, and asks
// for no password before one is needed, which it isn't while a login of an earlier run
// holds.
func (a *App) Client() (*client.Client, error) {
	s, err := a.Settings()
	if err != nil {
		return nil, err
	}
	return a.clientWith(s, a.credential(s))
}

// ClientWithPassword is Client with a password that the command has got itself. Its
// logins are kept where Client finds them.
func (a *App) ClientWithPassword(password string) (*client.Client, error) {
	s, err := a.Settings()
	if err != nil {
		return nil, err
	}
	c := a.credential(s)
	c.password = func(context.Context) (string, error) { return password, nil }
	return a.clientWith(s, c)
}

func (a *App) clientWith(s Settings, c credential) (*client.Client, error) {
	switch {
	case s.URL == "":
		return nil, failure.WithHint(failure.Usage("no appliance is chosen"), failure.UsageError,
			"give one with --url, or describe it once with 'spsctl context add NAME URL'")
	case s.LoginUser == "":
		return nil, failure.WithHint(client.ErrNoCredentials, failure.Authentication,
			"name the user with --login-user, or in the context")
	}
	var store client.LoginStore = loud{a, &logins.Cache{Path: a.loginsPath(), Now: a.Now, Identity: logins.Identity{
		URL: s.URL, User: s.LoginUser, Method: s.LoginMethod, Kind: c.kind, Credential: c.identity,
	}}}
	if a.tracer != nil {
		store = readOnly{store}
	}
	opts := []client.Option{
		client.WithUserAgent("spsctl/" + Version),
		client.WithTimeout(a.globals.timeout),
		client.WithPasswordFunc(s.LoginUser, c.password),
		client.WithLoginStore(store),
	}
	if s.LoginMethod != "" {
		opts = append(opts, client.WithLoginMethod(s.LoginMethod))
	}
	if s.CAFile != "" {
		opts = append(opts, client.WithCAFile(s.CAFile))
	}
	if s.Fingerprint != "" {
		opts = append(opts, client.WithFingerprint(s.Fingerprint))
	}
	if s.Insecure {
		opts = append(opts, client.WithInsecureSkipVerify())
	}
	if a.globals.debug {
		opts = append(opts, client.WithLogger(slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	}
	if a.tracer != nil {
		a.trace(s)
		opts = append(opts, client.WithRoundTripper(a.tracer.Wrap))
	}
	sps, err := client.New(s.URL, opts...)
	if err != nil {
		return nil, failure.WithHint(errors.Unwrap(err), failure.UsageError, "check the flags, the environment and the context")
	}
	return sps, nil
}

// NotInTransaction refuses when this login holds a transaction open between commands, for
// which opening another would take it over. try says what else there is to do.
func (a *App) NotInTransaction(ctx context.Context, sps *client.Client, try string) error {
	if a.Dry() {
		return nil
	}
	status, err := sps.TransactionStatus(ctx)
	if err != nil || status.State != client.TransactionOpen {
		return err
	}
	return failure.WithHint(fmt.Errorf("%w by this login", client.ErrTransactionOpen), failure.Conflict,
		"see what is pending with 'spsctl transaction changes'; end it with 'spsctl transaction commit' or rollback, or "+try)
}

// loud is a store that says so when it fails, which doesn't stop a client that can log in.
type loud struct {
	*App
	client.LoginStore
}

// Load gives the login of the store.
func (l loud) Load(ctx context.Context) (client.Token, error) {
	token, err := l.LoginStore.Load(ctx)
	if err != nil {
		l.Warnf("%v", err)
	}
	return token, err
}

// readOnly is a store for --curl, which changes nothing here either.
type readOnly struct{ client.LoginStore }

// Save leaves the store as it is.
func (readOnly) Save(context.Context, client.Token) error { return nil }

// trace tells the tracer what all lines have in common.
func (a *App) trace(s Settings) {
	a.tracer.User, a.tracer.Login = s.LoginUser, s.URL+"/api/authentication"
	if s.LoginMethod != "" {
		a.tracer.Login += "?login_method=" + url.QueryEscape(s.LoginMethod)
	}
	a.tracer.Options = nil
	if s.CAFile != "" {
		a.tracer.Options = append(a.tracer.Options, "--cacert", s.CAFile)
	}
	if s.Insecure {
		a.tracer.Options = append(a.tracer.Options, "--insecure")
	}
	if s.Fingerprint != "" && s.CAFile == "" {
		a.Warnf("curl cannot compare fingerprints; give it the certificate with --cacert")
	}
}

// credential is what the user logs in with.
type credential struct {
	kind     string
	identity string // tells it from another of its kind
	password func(context.Context) (string, error)
}

// credential chooses where the password comes from: the command of the flag, else
// SPSCTL_PASSWORD, else the command of the environment, else what the context says.
func (a *App) credential(s Settings) credential {
	g := &a.globals
	password, given := a.Lookup(EnvPrefix + "PASSWORD")
	command := s.PasswordCommand
	if g.given("password-command") {
		command = g.passwordCommand
	}
	switch {
	case given && password != "" && !g.onCommandLine("password-command"):
		return credential{"environment", password, func(context.Context) (string, error) { return password, nil }}
	case command != "":
		return credential{"command", command, func(ctx context.Context) (string, error) {
			return secret.FromCommand(ctx, command, a.In, a.Err)
		}}
	case s.Password == contexts.Keyring:
		return credential{"keyring", "", func(context.Context) (string, error) {
			return secret.FromKeyring(a.Keyring, s.URL, s.LoginUser)
		}}
	}
	return credential{"prompt", "", a.Ask}
}

// PasswordFrom is the kind of credential that the user logs in with, such as "keyring".
func (a *App) PasswordFrom() string { return a.credential(a.settings).kind }

// Ask asks for the password at the terminal.
func (a *App) Ask(ctx context.Context) (string, error) {
	s, err := a.Settings()
	if err == nil && a.completing {
		err = errors.New("there is nobody to ask while a shell completes a word")
	}
	if err != nil {
		return "", err
	}
	return secret.FromTerminal(ctx, a.In, a.Err, fmt.Sprintf("Password of %s at %s: ", s.LoginUser, s.URL))
}
