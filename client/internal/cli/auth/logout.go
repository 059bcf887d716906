package auth

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

func newLogout(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "End the login, and with it an open transaction",
	}
	return a.Do(cmd, func(ctx context.Context, _ []string) error {
		sps, err := a.Client()
		if err != nil {
			return err
		}
		if err := sps.Logout(ctx); err != nil {
			return err
		}
		a.Notef("Logged out.")
		return nil
	})
}
