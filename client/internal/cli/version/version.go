// Package version has the command that tells which version of the program this is.
package version

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

var columns = []output.Column[build]{
	{Name: "version", Value: func(b build) any { return b.Version }},
	{Name: "commit", Value: func(b build) any { return b.Commit }},
	{Name: "go", Value: func(b build) any { return b.Go }},
	{Name: "platform", Value: func(b build) any { return b.Platform }},
}

// New makes the command.
func New(a *app.App) []*cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Show the version of spsctl"}
	return []*cobra.Command{a.Show(app.Local(cmd), func(context.Context, []string) (output.Result, error) {
		b := build{Version: app.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
		if info, ok := debug.ReadBuildInfo(); ok {
			for _, s := range info.Settings {
				if s.Key == "vcs.revision" {
					b.Commit = s.Value
				}
			}
		}
		return output.One(columns, b), nil
	})}
}
