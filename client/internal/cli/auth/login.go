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
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log in, and keep the login for later commands",
		Long: `Log in, and keep the login for later commands until it expires or 'spsctl logout'.

The password is asked for, or comes from --password-stdin, --password-command or
SPSCTL_PASSWORD; it cannot be given as an argument, where other users could see it. A
context with 'password: keyring' stores it in the keyring of the operating system.`,
		Example: `  spsctl login
  spsctl login --url https://sps.example.com --login-user admin
  pass sps/admin | spsctl login --password-stdin`,
	}
	cmd.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from the first line of standard input")
	return a.Do(cmd, func(ctx context.Context, _ []string) error {
		s, err := a.Settings()
		if err != nil {
			return err
		}
		sps, password, err := loginClient(ctx, a, fromStdin)
		if err != nil {
			return err
		}
		if err := sps.Login(ctx); err != nil {
			return err
		}
		if s.Password == contexts.Keyring && password != "" && !a.Dry() {
			if err := secret.ToKeyring(a.Keyring, s.URL, s.LoginUser, password); err != nil {
				return err
			}
		}
		a.Notef("Logged in to %s as %s.", s.URL, s.LoginUser)
		return nil
	})
}

// loginClient gives the password too, if it was got here: from standard input, or at the
// terminal because the keyring may have none or an old one.
func loginClient(ctx context.Context, a *app.App, fromStdin bool) (sps *client.Client, password string, err error) {
	switch {
	case fromStdin:
		password, err = secret.FromLine(a.In)
	case a.PasswordFrom() == string(contexts.Keyring) && a.Terminal(a.In):
		password, err = a.Ask(ctx)
	default:
		sps, err = a.Client()
		return sps, "", err
	}
	if err != nil {
		return nil, "", err
	}
	sps, err = a.ClientWithPassword(password)
	return sps, password, err
}
