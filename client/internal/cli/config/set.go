package config

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

func newSet(a *app.App) *cobra.Command {
	var c committing
	var unset []string
	cmd := &cobra.Command{
		Use:   "set PATH MEMBER=VALUE...",
		Short: "Change members of an object, and commit",
		Long: `Change members of an object, and commit. It asks no question, and shows what it has
changed. All other members stay as they are.

A MEMBER has dots between its parts, and lists are counted from 0: service.log_level,
rules.0.log. A dot that belongs to a name has a backslash before it. The VALUE is JSON if
it can be read as JSON, and else a text: 5 is a number, and '"5"' a text. An appliance
ignores members that it doesn't know, so one that neither the appliance has nor the
contract is an error; --force sends it all the same.`,
		Example: `  spsctl config set vnc/options service.log_level=5 -m "Log more"
  spsctl config set vnc/options audit.cleanup='{"enabled":false}' --dry-run
  spsctl config set ssh/channel_policies/KEY rules.0.log=true --wait 1m`,
		Args:              app.ArgsFrom(1),
		ValidArgsFunction: paths(a, false),
	}
	c.add(cmd)
	c.addDryRun(cmd)
	cmd.Flags().StringArrayVar(&unset, "unset", nil, "remove this `member`")
	_ = cmd.RegisterFlagCompletionFunc("unset", cobra.NoFileCompletions)
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		var all []assignment
		for _, name := range unset {
			s, err := parseUnset(name)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		for _, argument := range args[1:] {
			s, err := parseAssignment(argument)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		if len(all) == 0 {
			return nil, failure.Usage("there is nothing to set: give MEMBER=VALUE")
		}
		r, err := fulfil(ctx, a, &c, []wish{{path: contract.Full(args[0]), body: func(body any) (_ any, err error) {
			for _, s := range all {
				if body, err = s.assign(body); err != nil {
					return nil, err
				}
			}
			return body, nil
		}}})
		if err != nil {
			return nil, err
		}
		return r.result(), nil
	})
}
