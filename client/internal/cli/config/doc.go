// Package config has the commands about the configuration. What they change they change
// in one transaction, which ends with the command, whatever happens.
//
//	value.go     YAML and JSON, and what a body is
//	resource.go  what the appliance has at a path
//	plan.go      what is to be done with which object, and doing it
//	manifest.go  the files of diff and apply
//	assign.go    the arguments of set
//	editor.go    the text that edit gives to an editor
//
// To add a verb, copy diff.go, and list it in New.
package config

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
)

// New makes the command with its verbs.
func New(a *app.App) []*cobra.Command {
	return []*cobra.Command{app.Group(&cobra.Command{
		Use:     "config",
		Aliases: []string{"configuration"},
		Short:   "Read and change the configuration of an appliance",
		Long: `Read and change the configuration of an appliance.

A PATH is the one of the API, and may leave out /api/configuration/: vnc/options is
/api/configuration/vnc/options. 'spsctl explain PATH' tells what is there.

What is changed is changed in one transaction: all of it, or nothing. When a command
fails or is interrupted, also by Ctrl-C, the transaction is rolled back. Only when spsctl
is killed can it not do that; the appliance rolls back when the login has been idle for
some minutes.

While this login has a transaction open, be it left like that or from 'spsctl transaction
open', these commands end with code 6 instead of committing it. --adopt goes on in it, and
'spsctl transaction rollback' ends it at once.`,
	}, newGet(a), newSet(a), newEdit(a), newDiff(a), newApply(a), newExport(a))}
}

// paths completes the only argument, or any if all is set: by the contract, and below a
// collection by the keys that the appliance has.
func paths(a *app.App, all bool) app.Completion {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		if len(args) > 0 && !all {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if i := strings.LastIndexByte(word, '/'); i > 0 {
			if p, ok := contract.Find(contract.Full(word[:i])); ok && p.IsCollection() {
				return a.FromServer(keys(word[:i]))(cmd, args, word)
			}
		}
		return contract.Complete(word, func(p contract.Path) bool {
			return strings.HasPrefix(p.Template, "/api/configuration") || strings.HasPrefix(p.Template, "/api/acl")
		}), directive
	}
}

func keys(collection string) func(context.Context, *client.Client) ([]string, error) {
	return func(ctx context.Context, sps *client.Client) ([]string, error) {
		found, err := read(ctx, sps, contract.Full(collection))
		if err != nil {
			return nil, err
		}
		var words []string
		for member, err := range found.members(ctx, sps) {
			if err != nil {
				return nil, err
			}
			words = append(words, app.Word(contract.Join(collection, member.Key), member.name()))
		}
		return words, nil
	}
}
