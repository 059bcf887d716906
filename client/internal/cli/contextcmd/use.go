package contextcmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
)

func newUse(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "use NAME", Short: "Make a context the current one",
		Args: app.Args(1), ValidArgsFunction: names(a),
	}
	return a.Do(app.Local(cmd), func(_ context.Context, args []string) error {
		return contexts.Update(a.ContextsPath(), func(f *contexts.File) error {
			c, err := find(f, args[0])
			if err == nil {
				f.Current = c.Name
			}
			return err
		})
	})
}
