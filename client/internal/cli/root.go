package cli

import (
	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/api"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/auth"
	"github.com/spskit/spskit/client/internal/cli/config"
	"github.com/spskit/spskit/client/internal/cli/contextcmd"
	"github.com/spskit/spskit/client/internal/cli/explain"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/sessions"
	"github.com/spskit/spskit/client/internal/cli/trail"
	"github.com/spskit/spskit/client/internal/cli/transaction"
	"github.com/spskit/spskit/client/internal/cli/version"
)

// nouns are the commands, in the order in which the help shows them.
var nouns = []func(*app.App) []*cobra.Command{
	auth.New,
	contextcmd.New,
	sessions.New,
	trail.New,
	config.New,
	transaction.New,
	api.New,
	explain.New,
	version.New,
}

func newRoot(a *app.App) *cobra.Command {
	root := app.Group(&cobra.Command{
		Use:   "spsctl",
		Short: "Work with Safeguard for Privileged Sessions from the command line",
		Long: `spsctl works with One Identity Safeguard for Privileged Sessions over its REST API.

Begin with an appliance and a user, and log in:

  spsctl context add lab https://sps.example.com --login-user admin
  spsctl login
  spsctl sessions list --since 7d

Every global flag can also be given in the environment: --ca-file is SPSCTL_CA_FILE.
Data goes to standard output and words to standard error.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	})
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return failure.Usage("%w", err) })
	cobra.EnableCommandSorting = false
	a.AddGlobals(root)
	for _, noun := range nouns {
		root.AddCommand(noun(a)...)
	}
	root.AddCommand(&cobra.Command{
		Use:   "exit-codes",
		Short: "Exit codes, one for each kind of error",
		Long:  "spsctl ends with one of these codes:\n\n" + failure.Codes(),
	})
	return root
}
