package sessions

import (
	"context"
	"iter"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// newPart makes the verb of a list that belongs to one session.
func newPart[T any](a *app.App, cmd *cobra.Command, noun string, columns []output.Column[T], list func(*client.Client, context.Context, string) iter.Seq2[T, error]) *cobra.Command {
	cmd.Args = app.Args(1)
	cmd.ValidArgsFunction = a.SessionKeys()
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		return output.List(noun, columns, list(sps, ctx, args[0])), nil
	})
}

func newEvents(a *app.App) *cobra.Command {
	return newPart(a, &cobra.Command{
		Use:   "events KEY",
		Short: "List the commands and window titles of a session",
		Long:  "List what was extracted from a session: commands, and titles of windows. A session that\nhas not been indexed has none.",
		Example: `  spsctl sessions events svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29
  spsctl sessions events KEY -o jsonpath=.action`,
	}, "events", []output.Column[client.Event]{
		{Name: "time", Value: func(e client.Event) any { return e.Time }},
		{Name: "type", Value: func(e client.Event) any { return e.Type }},
		{Name: "action", Value: func(e client.Event) any { return e.Action }},
		{Name: "content", Wide: true, Value: func(e client.Event) any { return e.Content }},
		{Name: "channel", Wide: true, Value: func(e client.Event) any { return e.ChannelID }},
		{Name: "record", Wide: true, Value: func(e client.Event) any { return e.RecordID }},
	}, (*client.Client).Events)
}

func newAlerts(a *app.App) *cobra.Command {
	return newPart(a, &cobra.Command{
		Use:     "alerts KEY",
		Short:   "List what content policies raised alerts for in a session",
		Example: "  spsctl sessions alerts svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29 -o wide",
	}, "alerts", []output.Column[client.Alert]{
		{Name: "time", Value: func(l client.Alert) any { return l.Time }},
		{Name: "type", Value: func(l client.Alert) any { return l.Type }},
		{Name: "rule", Value: func(l client.Alert) any { return l.RuleName }},
		{Name: "matched action", Value: func(l client.Alert) any { return l.MatchedAction }},
		{Name: "matched content", Wide: true, Value: func(l client.Alert) any { return l.MatchedContent }},
		{Name: "matched regexp", Wide: true, Value: func(l client.Alert) any { return l.MatchedRegexp }},
		{Name: "channel", Wide: true, Value: func(l client.Alert) any { return l.ChannelID }},
		{Name: "record", Wide: true, Value: func(l client.Alert) any { return l.RecordID }},
	}, (*client.Client).Alerts)
}

func newChannels(a *app.App) *cobra.Command {
	return newPart(a, &cobra.Command{
		Use:     "channels KEY",
		Short:   "List the channels of a session",
		Example: "  spsctl sessions channels svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29",
	}, "channels", []output.Column[client.Channel]{
		{Name: "key", Value: func(c client.Channel) any { return c.Key }},
		{Name: "start", Value: func(c client.Channel) any { return c.StartTime }},
		{Name: "end", Wide: true, Value: func(c client.Channel) any { return c.EndTime }},
		{Name: "duration", Value: func(c client.Channel) any { return c.Duration }},
		{Name: "verdict", Value: func(c client.Channel) any { return c.Verdict }, Tone: func(c client.Channel) output.Tone {
			switch c.Verdict {
			case client.ChannelAccept:
				return output.Good
			case client.ChannelDeny:
				return output.Bad
			}
			return output.Plain
		}},
		{Name: "type", Value: func(c client.Channel) any { return c.Type }},
		{Name: "what", Value: func(c client.Channel) any { return particular(c) }},
	}, (*client.Client).Channels)
}

// particular is what a channel of its type was for. Forwarded connections have two ends.
func particular(c client.Channel) string {
	words := []string{c.Command, c.SCPPath, c.SubsystemName, c.DynamicChannel, c.DeviceName}
	if none := (client.Endpoint{}); c.Originator != none || c.Connected != none {
		words = append(words, endpoint(c.Originator)+" -> "+endpoint(c.Connected))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

func endpoint(e client.Endpoint) string { return net.JoinHostPort(e.Address, strconv.Itoa(e.Port)) }

func newIndexing(a *app.App) *cobra.Command {
	return newPart(a, &cobra.Command{
		Use:     "indexing KEY",
		Short:   "List how the trail of a session was indexed",
		Example: "  spsctl sessions indexing svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29 -o yaml",
	}, "indexing jobs", []output.Column[client.IndexingJob]{
		{Name: "start", Value: func(j client.IndexingJob) any { return j.StartTime }},
		{Name: "status", Value: func(j client.IndexingJob) any { return j.Status }, Tone: func(j client.IndexingJob) output.Tone {
			switch j.Status {
			case client.IndexingCompleted:
				return output.Good
			case client.IndexingFailed:
				return output.Bad
			case client.IndexingInProgress, client.IndexingQueued:
			}
			return output.Plain
		}},
		{Name: "duration", Value: func(j client.IndexingJob) any { return j.Duration }},
		{Name: "cpu time", Value: func(j client.IndexingJob) any { return j.CPUTime }},
		{Name: "near realtime", Wide: true, Value: func(j client.IndexingJob) any { return j.Config.NearRealtime }},
		{Name: "ocr languages", Wide: true, Value: func(j client.IndexingJob) any { return j.Config.OCRLanguages }},
		{Name: "worker version", Wide: true, Value: func(j client.IndexingJob) any { return j.WorkerVersion }},
		{Name: "adp version", Wide: true, Value: func(j client.IndexingJob) any { return j.ADPVersion }},
	}, (*client.Client).IndexingJobs)
}

func newTrailDownloads(a *app.App) *cobra.Command {
	return newPart(a, &cobra.Command{
		Use:     "trail-downloads KEY",
		Short:   "List who downloaded the trail of a session",
		Example: "  spsctl sessions trail-downloads svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29",
	}, "downloads", []output.Column[client.TrailDownload]{
		{Name: "time", Value: func(d client.TrailDownload) any { return d.Time }},
		{Name: "user", Value: func(d client.TrailDownload) any { return d.Username }},
		{Name: "address", Value: func(d client.TrailDownload) any { return d.IPAddress }},
		{Name: "from api", Value: func(d client.TrailDownload) any { return d.FromAPI }},
	}, (*client.Client).TrailDownloads)
}
