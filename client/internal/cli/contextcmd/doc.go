// Package contextcmd has the commands about contexts. They change the file of contexts
// and the keyring, and talk to no appliance.
//
// To add a verb, copy use.go, which is the smallest, or show.go for one with a result,
// and list it in New.
package contextcmd

import (
	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

// New makes the command with its verbs.
func New(a *app.App) []*cobra.Command {
	return []*cobra.Command{app.Group(&cobra.Command{
		Use:     "context",
		Aliases: []string{"contexts", "ctx"},
		Short:   "Describe appliances, and choose between them",
		Long: `A context is an appliance, a user there, and where the password or the API key comes
from, or which certificate is used. All are in
one file, $SPSCTL_CONFIG or spsctl/config.yaml in $XDG_CONFIG_HOME, which holds neither
passwords nor keys.`,
	}, newAdd(a), newUse(a), newList(a), newShow(a), newRename(a), newRemove(a))}
}

// find gives a context of the file.
func find(f *contexts.File, name string) (*contexts.Context, error) {
	c := f.Find(name)
	if c == nil {
		return nil, failure.WithHint(failure.Usage("there is no context %q", name), failure.NotFound,
			"'spsctl context list' shows those there are")
	}
	return c, nil
}

// names completes the first argument.
func names(a *app.App) app.Completion {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.ContextNames(), cobra.ShellCompDirectiveNoFileComp
	}
}
