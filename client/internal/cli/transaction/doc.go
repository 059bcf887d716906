// Package transaction has the commands about a transaction that stays open between
// them. It belongs to the login that is kept between runs.
//
// To add a verb, copy rollback.go, and list it in New.
package transaction

import (
	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

// New makes the command with its verbs.
func New(a *app.App) []*cobra.Command {
	return []*cobra.Command{app.Group(&cobra.Command{
		Use:     "transaction",
		Aliases: []string{"tx"},
		Short:   "Hold a transaction open over several commands",
		Long: `Hold a transaction open over several commands, which 'spsctl api' can write in.

The transaction belongs to the login, and ends with it: after 'spsctl logout', and when
the login has been idle for some minutes. Its changes are lost then. Up to 6.0 nobody else
can change anything while it is open. 'spsctl config set', edit and apply need none of
this: each has a transaction of its own, and refuses to run while one is open, unless it
is to commit that with --adopt.`,
		Example: `  spsctl transaction open
  spsctl api PUT vnc/options -d @options.json
  spsctl transaction changes
  spsctl transaction commit -m "Log more"`,
	}, newStatus(a), newOpen(a), newChanges(a), newCommit(a), newRollback(a))}
}
