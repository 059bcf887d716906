package sessions

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
)

func newStats(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count sessions by the values of a property",
		Long: `Count sessions by the values of a property, the most frequent first.

Tables show the numbers as bars, too. With --sub-field each value is followed by the
values of another property among its sessions; these have a column of their own, which
is empty in the line of the value itself.`,
		Example: `  spsctl sessions stats --field protocol --since 30d
  spsctl sessions stats --field user.name --sub-field verdict --size 5
  spsctl sessions stats --field server.name --verdict deny -o csv`,
	}
	query := client.StatsQuery{}
	cmd.Flags().StringVar(&query.Field, "field", "", "`name` of the property, such as protocol or user.name")
	cmd.Flags().StringVar(&query.SubField, "sub-field", "", "`name` of another property to count within each value")
	cmd.Flags().IntVar(&query.Size, "size", 10, fmt.Sprintf("so `many` values at most, up to %d", client.MaxStatsSize))
	_ = cmd.MarkFlagRequired("field")
	_ = cmd.RegisterFlagCompletionFunc("field", app.Fields())
	_ = cmd.RegisterFlagCompletionFunc("sub-field", app.Fields())
	_ = cmd.RegisterFlagCompletionFunc("size", cobra.NoFileCompletions)
	return sessionflags.Show(a, cmd, func(ctx context.Context, q client.Query, _ []string) (output.Result, error) {
		if query.Size < 1 { // 0 would be another number
			return nil, failure.Usage("--size has to be at least 1")
		}
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		query := query
		query.Q = q
		stats, err := sps.Stats(ctx, query)
		if err != nil {
			return nil, err
		}
		noteRest(a, query.Field, stats)
		return statsResult(a.Format(), query, stats)
	})
}

// noteRest tells how many sessions the values that are listed leave out.
func noteRest(a *app.App, field string, stats *client.Stats) {
	if n := stats.MissingCount; n > 0 {
		a.Notef("%d of %d sessions have no %s.", n, stats.MatchCount, field)
	}
	if n := stats.OtherCount; n > 0 {
		a.Notef("Other values occur %d times; --size shows more.", n)
	}
}

// count is a line of statistics.
type count struct {
	value    client.StatsValue
	sub      *client.StatsValue // nil for the value itself
	document json.RawMessage
}

// MarshalJSON writes a value with all below it, as the server sent it.
func (c count) MarshalJSON() ([]byte, error) { return c.document, nil }

func (c count) count() int64 {
	if c.sub != nil {
		return c.sub.Count
	}
	return c.value.Count
}

func statsResult(f *output.Format, q client.StatsQuery, stats *client.Stats) (output.Result, error) {
	documents, err := items(stats.Raw)
	if err != nil {
		return nil, err
	}
	var rows []count
	for i, v := range stats.Values {
		rows = append(rows, count{value: v, document: documents[i]})
		if f.Columns() { // a document has the values below it in it
			for _, sub := range v.SubValues {
				rows = append(rows, count{value: v, sub: &sub})
			}
		}
	}
	columns := []output.Column[count]{{Name: q.Field, Value: func(c count) any {
		if c.sub != nil && drawn(f) {
			return blank // it stands in a line above
		}
		return c.value.Value
	}}}
	if q.SubField != "" {
		columns = append(columns, output.Column[count]{Name: q.SubField, Value: func(c count) any {
			switch {
			case c.sub != nil:
				return c.sub.Value
			case drawn(f):
				return blank
			}
			return ""
		}})
	}
	columns = append(columns, output.Column[count]{Name: "count", Value: func(c count) any { return c.count() }})
	if drawn(f) {
		columns = withBar(columns, rows, count.count)
	}
	return output.Slice("values", columns, rows), nil
}

// items gives the items of a document as the server sent them.
func items(document json.RawMessage) ([]json.RawMessage, error) {
	var list struct{ Items []json.RawMessage }
	err := json.Unmarshal(document, &list)
	return list.Items, err
}
