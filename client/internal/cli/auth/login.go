package auth

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/secret"
)

func newLogin(a *app.App) *cobra.Command {
	var password, key bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log in, and keep the login for later commands",
		Long: `Log in, and keep the login for later commands until it expires or 'spsctl logout'.

The password is asked for, or comes from --password-stdin, --password-command or
SPSCTL_PASSWORD; it cannot be given as an argument, where other users could see it. A
context with 'password: keyring' stores it in the keyring of the operating system.

With --client-cert, or in a context with a certificate, no password is needed. An API
key goes with each request and makes no login: then the command tells whether the
appliance takes the key, and a context with 'api_key: keyring' stores it.`,
		Example: `  spsctl login
  spsctl login --url https://sps.example.com --login-user admin
  spsctl login --url https://sps.example.com --client-cert me.pem --client-key me.key
  pass sps/admin | spsctl login --password-stdin
  pass sps/key | spsctl login --context ci --api-key-stdin`,
	}
	cmd.Flags().BoolVar(&password, "password-stdin", false, "read the password from the first line of standard input")
	cmd.Flags().BoolVar(&key, "api-key-stdin", false, "read the API key from the first line of standard input")
	cmd.MarkFlagsMutuallyExclusive("password-stdin", "api-key-stdin")
	return a.Do(cmd, func(ctx context.Context, _ []string) error {
		c, err := a.Credential()
		if err != nil {
			return err
		}
		kept := c.Source == contexts.Keyring
		switch {
		case password:
			kept, c.Kind = kept && c.Kind == app.Password, app.Password
		case key:
			kept, c.Kind = kept && c.Kind == app.APIKey, app.APIKey
		}
		sps, value, err := loginClient(ctx, a, c, password || key)
		if err != nil {
			return err
		}
		if err := sps.Login(ctx); err != nil {
			return err
		}
		if kept && value != "" && !a.Dry() {
			if err := a.Keep(c.Kind, value); err != nil {
				return err
			}
		}
		return tell(a, c.Kind)
	})
}

func tell(a *app.App, kind app.Kind) error {
	s, err := a.Settings()
	if err != nil {
		return err
	}
	switch kind {
	case app.APIKey:
		a.Notef("%s takes the API key, which needs no login.", s.URL)
	case app.Certificate:
		a.Notef("Logged in to %s with the certificate.", s.URL)
	default:
		a.Notef("Logged in to %s as %s.", s.URL, s.LoginUser)
	}
	return nil
}

// loginClient gives the secret too, if it was got here: from standard input, or at the
// terminal because the keyring may have none or an old one.
func loginClient(ctx context.Context, a *app.App, c app.Credential, fromStdin bool) (sps *client.Client, value string, err error) {
	switch {
	case fromStdin:
		value, err = secret.FromLine(a.In)
	case c.Source == contexts.Keyring && a.Terminal(a.In):
		value, err = a.Ask(ctx, c.Kind)
	default:
		sps, err = a.Client()
		return sps, "", err
	}
	if err != nil {
		return nil, "", err
	}
	sps, err = a.ClientWith(c.Kind, value)
	return sps, value, err
}
