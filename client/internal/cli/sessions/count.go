package sessions

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
)

func newCount(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "count",
		Short:   "Count sessions, exactly",
		Example: "  spsctl sessions count --since 7d --verdict deny",
	}
	return sessionflags.Show(a, cmd, func(ctx context.Context, q client.Query, _ []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		n, err := sps.Count(ctx, client.SessionQuery{Q: q})
		if err != nil {
			return nil, err
		}
		return output.Value("count", n), nil
	})
}
