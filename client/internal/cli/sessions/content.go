package sessions

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

func newContent(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "content KEY [TERM...]",
		Short: "Search what was recorded in a session",
		Long: `Search what was recorded in a session: commands, titles of windows, and what was on the
screen. A session that has not been indexed has no content.

Each term is words that stand one right after the other, and all terms have to be in one
record. --query takes an expression of the search language of the appliance instead.`,
		Example: `  spsctl sessions content svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29 sudo
  spsctl sessions content KEY 'rm -rf' home
  spsctl sessions content KEY --query 'command:(sudo OR su)'`,
		Args:              app.ArgsFrom(1),
		ValidArgsFunction: a.SessionKeys(),
	}
	var expressions []string
	cmd.Flags().StringArrayVarP(&expressions, "query", "q", nil, "a whole `query` in the search language of the appliance")
	_ = cmd.RegisterFlagCompletionFunc("query", cobra.NoFileCompletions)
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		var parts []client.Query
		for _, term := range args[1:] {
			parts = append(parts, client.Content.Phrase(term))
		}
		for _, expression := range expressions {
			parts = append(parts, client.Raw(expression))
		}
		q := client.And(parts...)
		switch err := q.Err(); {
		case err != nil:
			return nil, failure.WithHint(err, failure.Invalid, "check the terms and the query")
		case q.IsZero():
			return nil, failure.Usage("there is nothing to search for: give a TERM or --query")
		}
		if len(parts) == len(expressions) { // else the appliance counts positions in what nobody has typed
			a.Query = q.String()
		}
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		return output.List("hits", hitColumns, sps.SearchContent(ctx, args[0], q)), nil
	})
}

var hitColumns = []output.Column[client.ContentHit]{
	{Name: "time", Value: func(h client.ContentHit) any { return h.Time }},
	{Name: "channel", Value: func(h client.ContentHit) any { return h.ChannelID }},
	{Name: "type", Value: func(h client.ContentHit) any { return h.Kind }},
	{Name: "content", Value: func(h client.ContentHit) any { return h.Content }},
	{Name: "matched", Wide: true, Value: func(h client.ContentHit) any { return h.Matched }},
	{Name: "record", Wide: true, Value: func(h client.ContentHit) any { return h.RecordID }},
}
