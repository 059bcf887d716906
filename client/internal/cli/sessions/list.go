package sessions

import (
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
)

func newList(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List sessions, the newest first",
		Example: `  spsctl sessions list --since 7d --user joe --protocol ssh --verdict deny
  spsctl sessions list --query 'recording.index_status:INDEXED' --all -o ndjson
  spsctl sessions list --fields start_time,user.name,recording.auth_method --sort user.name`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	l := addListFlags(cmd)
	return sessionflags.Show(a, cmd, func(ctx context.Context, q client.Query, _ []string) (output.Result, error) {
		return l.list(ctx, a, q)
	})
}

// listing is how lists of sessions are shown.
type listing struct {
	fields, sort []string
	limit        int
	all          bool
}

// maxPage is how many sessions a page of the API has at most.
const maxPage = 500

func addListFlags(cmd *cobra.Command) *listing {
	l := &listing{}
	cmd.Flags().StringSliceVar(&l.fields, "fields", nil, "`names` of the properties to show, with commas between them, such as key,start_time,user.name")
	cmd.Flags().StringSliceVar(&l.sort, "sort", []string{"-start_time"}, "`names` of the properties to sort by; -name sorts from large to small")
	cmd.Flags().IntVarP(&l.limit, "limit", "L", 30, "show so `many` at most")
	cmd.Flags().BoolVar(&l.all, "all", false, "show all")
	cmd.MarkFlagsMutuallyExclusive("limit", "all")
	_ = cmd.RegisterFlagCompletionFunc("fields", app.Fields(keyField))
	_ = cmd.RegisterFlagCompletionFunc("sort", app.Fields())
	_ = cmd.RegisterFlagCompletionFunc("limit", cobra.NoFileCompletions)
	return l
}

func (l *listing) list(ctx context.Context, a *app.App, q client.Query) (output.Result, error) {
	if l.limit < 1 {
		return nil, failure.Usage("--limit has to be at least 1")
	}
	query := client.SessionQuery{Q: q, Sort: l.sort}
	shown := columns
	switch {
	case len(l.fields) > 0:
		chosen, err := project(&query, l.fields)
		if err != nil {
			return nil, err
		}
		shown = chosen
	case a.Format().Columns():
		query.Fields = output.Reads(a.Format(), columns)
	}
	sps, err := a.Client()
	if err != nil {
		return nil, err
	}
	if l.all || l.limit > maxPage {
		sessions := sps.Sessions(ctx, query)
		if !l.all {
			sessions = first(l.limit, sessions)
		}
		return output.List("sessions", shown, sessions), nil
	}
	query.Limit = l.limit
	page, err := sps.ListSessions(ctx, query)
	if err != nil {
		return nil, err
	}
	if page.More {
		of, more := page.MatchCount, ""
		if of >= client.MaxMatchCount {
			more = " or more"
		}
		a.Notef("Showing %d of %d%s sessions; --limit or --all shows more.", len(page.Sessions), of, more)
	}
	return output.Slice("sessions", shown, page.Sessions), nil
}

// first ends an iterator after n rows.
func first[T any](n int, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := n
		for item, err := range items {
			left--
			if !yield(item, err) || left == 0 {
				return
			}
		}
	}
}
