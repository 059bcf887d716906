package transaction

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

func newRollback(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rollback",
		Short:   "Drop the pending changes, and close the transaction",
		Long:    "Drop the pending changes, and close the transaction. Without an open one nothing happens.",
		Example: "  spsctl transaction rollback",
	}
	return a.Do(cmd, func(ctx context.Context, _ []string) error {
		sps, err := a.Client()
		if err != nil {
			return err
		}
		if err := sps.RollBack(ctx); err != nil {
			return err
		}
		a.Notef("No transaction is open now, and its changes are dropped.")
		return nil
	})
}
