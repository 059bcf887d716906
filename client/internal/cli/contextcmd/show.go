package contextcmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

func newShow(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show [NAME]", Short: "Show a context, or the current one",
		Args: app.ArgsBetween(0, 1), ValidArgsFunction: names(a),
	}
	return a.Show(app.Local(cmd), func(_ context.Context, args []string) (output.Result, error) {
		f, err := contexts.Load(a.ContextsPath())
		if err != nil {
			return nil, err
		}
		name := f.Current
		if len(args) > 0 {
			name = args[0]
		}
		if name == "" {
			return nil, failure.WithHint(failure.Usage("there is no current context"), failure.NotFound, "choose one with 'spsctl context use NAME'")
		}
		c, err := find(f, name)
		if err != nil {
			return nil, err
		}
		return output.One(columns, listed{*c, name == f.Current}), nil
	})
}
