package config

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/output"
)

var memberColumns = []output.Column[*resource]{
	{Name: "key", Value: func(f *resource) any { return f.Key }},
	{Name: "name", Value: func(f *resource) any { return f.name() }},
	{Name: "path", Value: func(f *resource) any { return contract.Short(f.path) }},
}

// MarshalJSON is the document as the API sent it.
func (f *resource) MarshalJSON() ([]byte, error) { return f.document, nil }

func newGet(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get [PATH]",
		Short: "Show an object, or list what is in a collection or category",
		Long: `Show the body of an object in YAML, or list what is in a collection or a category.
Other formats have the whole document of the API, with its key and links.`,
		Example: `  spsctl config get
  spsctl config get vnc/options
  spsctl config get ssh/channel_policies
  spsctl config get vnc/options -o jsonpath=$.body.service.log_level`,
		Args:              app.ArgsBetween(0, 1),
		ValidArgsFunction: paths(a, false),
	}
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		path := "/api/configuration"
		if len(args) > 0 {
			path = contract.Full(args[0])
		}
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		found, err := read(ctx, sps, path)
		if err != nil {
			return nil, err
		}
		if found.Items != nil {
			return output.List("objects", memberColumns, found.members(ctx, sps)), nil
		}
		shown := found.Body
		if shown == nil {
			shown = found.document
		}
		body, err := output.YAML(shown)
		if err != nil {
			return nil, err
		}
		return output.Text("body", output.Lines(body, output.Plain), found), nil
	})
}
