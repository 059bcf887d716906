// Package sessions has the commands about recorded sessions.
//
// To add a verb, copy count.go, which is the smallest of those that choose sessions by
// flags, or show.go for one session, and list it in New. Columns that several verbs show
// are in columns.go.
package sessions

import (
	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

// New makes the command with its verbs.
func New(a *app.App) []*cobra.Command {
	return []*cobra.Command{app.Group(&cobra.Command{
		Use:     "sessions",
		Aliases: []string{"session"},
		Short:   "Find and show recorded sessions",
	}, newList(a), newSearch(a), newShow(a), newCount(a), newStats(a), newHistogram(a),
		newEvents(a), newAlerts(a), newChannels(a), newContent(a), newIndexing(a), newTrailDownloads(a), newExport(a))}
}
