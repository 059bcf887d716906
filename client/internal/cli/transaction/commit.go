package transaction

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

func newCommit(a *app.App) *cobra.Command {
	var message string
	cmd := &cobra.Command{
		Use:   "commit",
		Short: "Commit the open transaction",
		Long: `Commit the open transaction. When the appliance refuses that, the transaction stays open:
change what is wrong, or end it with 'spsctl transaction rollback'.`,
		Example: `  spsctl transaction commit -m "Log more"`,
	}
	cmd.Flags().StringVarP(&message, "commit-message", "m", "", "`words` that say why; an appliance may demand them")
	_ = cmd.RegisterFlagCompletionFunc("commit-message", cobra.NoFileCompletions)
	return a.Do(cmd, func(ctx context.Context, _ []string) error {
		sps, err := a.Client()
		if err != nil {
			return err
		}
		if err := sps.CommitTransaction(ctx, message); err != nil {
			return err
		}
		a.Notef("Committed.")
		return nil
	})
}
