package auth

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

type identity struct {
	User        string                     `json:"user"`
	LoginMethod string                     `json:"login_method,omitempty"`
	URL         string                     `json:"url"`
	Context     string                     `json:"context,omitempty"`
	Endpoints   []client.PermittedEndpoint `json:"endpoints"`
}

var identityColumns = []output.Column[identity]{
	{Name: "user", Value: func(i identity) any { return i.User }},
	{Name: "login method", Value: func(i identity) any { return i.LoginMethod }},
	{Name: "url", Value: func(i identity) any { return i.URL }},
	{Name: "context", Value: func(i identity) any { return i.Context }},
	{Name: "endpoints", Wide: true, Value: func(i identity) any { return i.Endpoints }},
}

func newWhoami(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show who you are logged in as; with -o wide or json also what you may call",
	}
	return a.Show(cmd, func(ctx context.Context, _ []string) (output.Result, error) {
		s, err := a.Settings()
		if err != nil {
			return nil, err
		}
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		info, err := sps.UserInfo(ctx)
		if err != nil {
			return nil, err
		}
		return output.One(identityColumns, identity{info.Name, info.LoginMethod, s.URL, s.Name, info.Endpoints}), nil
	})
}
