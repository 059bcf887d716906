package sessions

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
)

func newSearch(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "search TERM...",
		Short: "Search sessions by words in their properties and content",
		Long: `Search sessions by words, anywhere in their properties and in what was recorded.

The terms are an expression of the search language of the appliance: bare words, and
conditions such as user.name:joe, with AND, OR, NOT and brackets. All words must be
there. The flags of 'spsctl sessions list' narrow the search.`,
		Example: `  spsctl sessions search sudo
  spsctl sessions search 'root AND NOT protocol:RDP' --since 7d`,
		Args:              app.ArgsFrom(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	l := addListFlags(cmd)
	condition := func(args []string) client.Query { return client.Raw(strings.Join(args, " ")) }
	return sessionflags.ShowAnd(a, cmd, condition, func(ctx context.Context, q client.Query, _ []string) (output.Result, error) {
		return l.list(ctx, a, q)
	})
}
