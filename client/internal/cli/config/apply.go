package config

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

func newApply(a *app.App) *cobra.Command {
	var c committing
	var files []string
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Make the configuration as files say, and commit",
		Long: `Make the configuration as files say: all of them in one transaction, or nothing. Where
everything is as it should be already, no transaction is opened.

` + manifestHelp,
		Example: `  spsctl config export vnc/options > vnc.yaml
  spsctl config apply -f vnc.yaml -m "As agreed"
  spsctl config apply -f vnc.yaml -f ssh.yaml --dry-run`,
	}
	addFiles(cmd, &files)
	c.add(cmd)
	c.addDryRun(cmd)
	return a.Show(cmd, func(ctx context.Context, _ []string) (output.Result, error) {
		all, err := wishes(a, files)
		if err != nil {
			return nil, err
		}
		r, err := fulfil(ctx, a, &c, all)
		if err != nil {
			return nil, err
		}
		return r.result(), nil
	})
}
