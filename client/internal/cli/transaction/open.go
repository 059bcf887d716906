package transaction

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
)

func newOpen(a *app.App) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "open",
		Short: "Open a transaction, which stays open",
		Example: `  spsctl transaction open
  spsctl transaction open --wait 1m`,
	}
	cmd.Flags().DurationVar(&wait, "wait", 0, "how much `time` to wait while somebody else holds the configuration")
	_ = cmd.RegisterFlagCompletionFunc("wait", cobra.NoFileCompletions)
	return a.Do(cmd, func(ctx context.Context, _ []string) error {
		sps, err := a.Client()
		if err != nil {
			return err
		}
		if err := sps.OpenTransaction(ctx, client.WithLockWait(wait)); err != nil {
			return err
		}
		a.Notef("The transaction is open; end it with 'spsctl transaction commit' or rollback.")
		return nil
	})
}
