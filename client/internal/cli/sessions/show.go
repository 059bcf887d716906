package sessions

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// showColumns are what is worth to know about one session; there is room for all of it.
func showColumns() []column {
	shown := slices.Concat([]column{keyColumn}, columns[:len(columns)-1], []column{
		{Name: "origin", Value: func(s client.Session) any { return s.Origin }},
		{Name: "channel policy", Value: func(s client.Session) any { return s.Recording.ChannelPolicy }},
		{Name: "index status", Value: func(s client.Session) any { return s.Recording.IndexStatus }},
		{Name: "trail", Value: func(s client.Session) any { return s.HasTrail() }},
		{Name: "node", Value: func(s client.Session) any { return s.NodeID }},
		{Name: "created", Value: func(s client.Session) any { return s.CreationTime }},
	})
	for i := range shown {
		shown[i].Wide = false
	}
	return shown
}

func newShow(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "show KEY",
		Short:             "Show a session",
		Example:           "  spsctl sessions show svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29 -o yaml",
		Args:              app.Args(1),
		ValidArgsFunction: a.SessionKeys(),
	}
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		s, err := sps.Session(ctx, args[0])
		if err != nil {
			return nil, err
		}
		return output.One(showColumns(), *s), nil
	})
}
