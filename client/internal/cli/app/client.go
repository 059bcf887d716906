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
	c, err := a.credential(s)
	if err != nil {
		return nil, err
	}
	return a.clientWith(s, c)
}

// ClientWith is Client with a password or an API key that the command has got itself.
// Its logins are kept where Client finds them.
func (a *App) ClientWith(kind Kind, value string) (*client.Client, error) {
	s, err := a.Settings()
	if err != nil {
		return nil, err
	}
	c, err := a.credential(s)
	if err != nil {
		return nil, err
	}
	if c.Kind != kind {
		c = Credential{Kind: kind, Source: contexts.Prompt}
	}
	c.get = func(context.Context) (string, error) { return value, nil }
	return a.clientWith(s, c)
}

func (a *App) clientWith(s Settings, c Credential) (*client.Client, error) {
	switch {
	case s.URL == "":
		return nil, failure.WithHint(failure.Usage("no appliance is chosen"), failure.UsageError,
			"give one with --url, or describe it once with 'spsctl context add NAME URL'")
	case s.LoginUser == "" && c.Kind == Password:
		return nil, failure.WithHint(client.ErrNoCredentials, failure.Authentication,
			"name the user with --login-user, or in the context")
	}
	opts := []client.Option{
		client.WithUserAgent("spsctl/" + Version),
		client.WithTimeout(a.globals.timeout),
		c.option(s),
	}
	if c.Kind != APIKey { // which makes no login
		opts = append(opts, client.WithLoginStore(a.store(s, c)))
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
		a.trace(s, c)
		opts = append(opts, client.WithRoundTripper(a.tracer.Wrap))
	}
	sps, err := client.New(s.URL, opts...)
	if err != nil {
		return nil, failure.WithHint(errors.Unwrap(err), failure.UsageError, "check the flags, the environment and the context")
	}
	return sps, nil
}

// store keeps the logins of a credential between two runs.
func (a *App) store(s Settings, c Credential) client.LoginStore {
	store := loud{a, &logins.Cache{Path: a.loginsPath(), Now: a.Now, Identity: logins.Identity{
		URL: s.URL, User: s.LoginUser, Method: s.LoginMethod,
		Kind: fmt.Sprintf("%s of %s", c.Kind, c.Source), Credential: c.identity,
	}}}
	if a.tracer != nil {
		return readOnly{store}
	}
	return store
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
func (l loud) Load(ctx context.Context) (client.Secret, error) {
	token, err := l.LoginStore.Load(ctx)
	if err != nil {
		l.Warnf("%v", err)
	}
	return token, err
}

// readOnly is a store for --curl, which changes nothing here either.
type readOnly struct{ client.LoginStore }

// Save leaves the store as it is.
func (readOnly) Save(context.Context, client.Secret) error { return nil }

// Clear leaves it too.
func (readOnly) Clear(context.Context, client.Secret) error { return nil }

// trace tells the tracer what all lines have in common.
func (a *App) trace(s Settings, c Credential) {
	a.tracer.User, a.tracer.Login = s.LoginUser, s.URL+"/api/authentication"
	query := url.Values{}
	if s.LoginMethod != "" {
		query.Set("login_method", s.LoginMethod)
	}
	a.tracer.Options = nil
	if c.Kind == Certificate {
		a.tracer.User = ""
		query.Set("type", "x509")
		a.tracer.Options = append(a.tracer.Options, "--cert", c.cert[0], "--key", c.cert[1])
	}
	if len(query) > 0 {
		a.tracer.Login += "?" + query.Encode()
	}
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
