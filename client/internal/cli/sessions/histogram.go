package sessions

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
)

func newHistogram(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "histogram",
		Short: "Count sessions by time",
		Long: `Count sessions by time, in bins that are units of the calendar of the appliance.

Tables show the numbers as bars, too, and call a bin by its name in that calendar. The
other formats have the moments at which it begins and ends.`,
		Example: `  spsctl sessions histogram --since 30d
  spsctl sessions histogram --bin-size hour --since 1d --protocol rdp
  spsctl sessions histogram --field end_time --bin-size month -o csv`,
	}
	query := client.HistogramQuery{}
	size := string(client.BinDay)
	cmd.Flags().StringVar(&query.Field, "field", "start_time", "`name` of the property, which has to be a time")
	cmd.Flags().StringVar(&size, "bin-size", size, "`unit` of the bins: minute, hour, day, week, month, quarter or year")
	_ = cmd.RegisterFlagCompletionFunc("field", cobra.FixedCompletions([]string{"start_time", "end_time", "creation_time"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("bin-size", cobra.FixedCompletions([]string{
		string(client.BinMinute), string(client.BinHour), string(client.BinDay), string(client.BinWeek),
		string(client.BinMonth), string(client.BinQuarter), string(client.BinYear),
	}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
	return sessionflags.Show(a, cmd, func(ctx context.Context, q client.Query, _ []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		query := query
		query.Q, query.BinSize = q, client.BinSize(size)
		h, err := sps.Histogram(ctx, query)
		if err != nil {
			return nil, err
		}
		return histogramResult(a.Format(), h)
	})
}

// bin is a line of a histogram.
type bin struct {
	client.HistogramBin
	document json.RawMessage
}

// MarshalJSON writes the bin as the server sent it.
func (b bin) MarshalJSON() ([]byte, error) { return b.document, nil }

func histogramResult(f *output.Format, h *client.Histogram) (output.Result, error) {
	documents, err := items(h.Raw)
	if err != nil {
		return nil, err
	}
	rows := make([]bin, len(h.Bins))
	for i, b := range h.Bins {
		rows[i] = bin{b, documents[i]}
	}
	number := output.Column[bin]{Name: "count", Value: func(b bin) any { return b.Count }}
	if !drawn(f) {
		return output.Slice("bins", []output.Column[bin]{
			{Name: "start", Value: func(b bin) any { return b.Start }},
			{Name: "end", Value: func(b bin) any { return b.End }},
			number,
		}, rows), nil
	}
	zone, err := time.LoadLocation(h.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	name := fmt.Sprintf("%s (%s)", h.BinSize, zone)
	columns := []output.Column[bin]{{Name: name, Value: func(b bin) any { return binName(h.BinSize, b.Start.In(zone)) }}, number}
	return output.Slice("bins", withBar(columns, rows, func(b bin) int64 { return b.Count }), rows), nil
}

// binName is what people call the bin that begins then.
func binName(size client.BinSize, start time.Time) string {
	switch size {
	case client.BinDay, client.BinWeek:
		return start.Format(time.DateOnly)
	case client.BinMonth:
		return start.Format("2006-01")
	case client.BinQuarter:
		return fmt.Sprintf("%d-Q%d", start.Year(), (int(start.Month())+2)/3)
	case client.BinYear:
		return start.Format("2006")
	case client.BinMinute, client.BinHour:
	}
	return start.Format("2006-01-02 15:04")
}
