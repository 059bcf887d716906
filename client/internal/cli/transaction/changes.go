package transaction

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

func newChanges(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "changes",
		Short: "Show what a commit would change",
		Example: `  spsctl transaction changes
  spsctl transaction changes -o json`,
	}
	return a.Show(cmd, func(ctx context.Context, _ []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		changes, err := sps.Changes(ctx)
		if err != nil {
			return nil, err
		}
		lines := output.Diff(client.FormatDiff(changes))
		if len(changes) == 0 {
			changes = []client.Change{}
			lines = []output.Line{{Text: "no changes are pending"}}
		}
		return output.Text("changes", lines, map[string]any{"changes": changes}), nil
	})
}
