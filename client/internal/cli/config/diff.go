package config

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// addFiles adds -f.
func addFiles(cmd *cobra.Command, files *[]string) {
	cmd.Flags().StringArrayVarP(files, "file", "f", nil, "`file` with objects, or - for standard input; can be given several times")
	_ = cmd.MarkFlagFilename("file", "yaml", "yml", "json")
}

// difference is a step as programs see it.
type difference struct {
	step
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

func newDiff(a *app.App) *cobra.Command {
	var files []string
	var exitCode, force bool
	cmd := &cobra.Command{
		Use:   "diff -f FILE",
		Short: "Show what apply would change",
		Long: `Show what 'spsctl config apply' would change. It only reads: the files are compared with
the configuration here, and no transaction is opened.

It ends with code 0 also if there are differences; with --exit-code, with 1.

` + manifestHelp,
		Example: `  spsctl config diff -f vnc.yaml
  spsctl config export ssh | sed s/old/new/ | spsctl config diff -f - --exit-code`,
	}
	addFiles(cmd, &files)
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "end with code 1 if there are differences")
	cmd.Flags().BoolVar(&force, "force", false, "take members that neither the appliance nor the contract has")
	var differs bool
	show := a.Show(cmd, func(ctx context.Context, _ []string) (output.Result, error) {
		all, err := wishes(a, files)
		if err != nil {
			return nil, err
		}
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		steps, some, err := plans(ctx, sps, all, force)
		if err != nil {
			return nil, err
		}
		differs = some
		var lines []output.Line
		differences := []difference{}
		for _, s := range steps {
			lines = append(lines, output.Diff(s.diff())...)
			differences = append(differences, difference{s, s.before, s.after})
		}
		if !some {
			lines = []output.Line{{Text: "no differences"}}
		}
		return output.Text("diff", lines, map[string]any{"objects": differences}), nil
	})
	run := show.RunE
	show.RunE = func(cmd *cobra.Command, args []string) error {
		if err := run(cmd, args); err != nil || !exitCode || !differs {
			return err
		}
		return failure.WithHint(errors.New("there are differences"), failure.Failed, "")
	}
	return show
}
