package contextcmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

func newRename(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rename NAME NEW-NAME", Short: "Rename a context",
		Args: app.Args(2), ValidArgsFunction: names(a),
	}
	return a.Do(app.Local(cmd), func(_ context.Context, args []string) error {
		return contexts.Update(a.ContextsPath(), func(f *contexts.File) error {
			c, err := find(f, args[0])
			if err != nil {
				return err
			}
			if f.Find(args[1]) != nil {
				return failure.WithHint(failure.Usage("there is a context %q already", args[1]), failure.Conflict, "choose another name")
			}
			if f.Current == c.Name {
				f.Current = args[1]
			}
			c.Name = args[1]
			return nil
		})
	})
}
