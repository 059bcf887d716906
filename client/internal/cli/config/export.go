package config

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// exported is an object as a file has it.
type exported struct {
	Path string `json:"path"`
	Body any    `json:"body"`
}

func newExport(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export PATH...",
		Short: "Write objects in the form that apply takes",
		Long: `Write objects, and all that lies below categories and collections, in the form that
'spsctl config apply' takes. Objects of a collection that have a name are written without
their keys, so that they can be found on another appliance. Other objects that they refer
to are keys of this one.

What can't be written, such as stored passwords, is left out.`,
		Example: `  spsctl config export vnc/options > vnc.yaml
  spsctl config export ssh policies > some.yaml`,
		Args:              app.ArgsFrom(1),
		ValidArgsFunction: paths(a, true),
	}
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		all := []exported{}
		for _, path := range args {
			found, err := read(ctx, sps, contract.Full(path))
			if err != nil {
				return nil, err
			}
			if err := export(ctx, a, sps, found, "", &all); err != nil {
				return nil, err
			}
		}
		texts := make([]string, len(all))
		for i, e := range all {
			texts[i] = text(e)
		}
		return output.Text("objects", output.Lines(strings.Join(texts, "---\n"), output.Plain), map[string]any{"objects": all}), nil
	})
}

// export adds an object of a collection, or else all that is below.
func export(ctx context.Context, a *app.App, sps *client.Client, found *resource, collection string, all *[]exported) error {
	if found.Items == nil {
		p, known := contract.Find(found.path)
		if known && p.Operation("PUT") == nil {
			a.Warnf("%s cannot be written, and is left out", found.path)
			return nil
		}
		body, err := found.body()
		path := found.path
		if collection != "" && found.name() != "" {
			path = collection
		}
		*all = append(*all, exported{contract.Short(path), body})
		return err
	}
	for member, err := range found.members(ctx, sps) {
		if err != nil {
			return err
		}
		collection := ""
		if found.isCollection() {
			collection = found.path
		} else {
			path := member.path
			if member, err = read(ctx, sps, path); errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrUnauthorized) {
				a.Warnf("%s is left out: %v", path, err)
				continue
			} else if err != nil {
				return err
			}
		}
		if err := export(ctx, a, sps, member, collection, all); err != nil {
			return err
		}
	}
	return nil
}
