package contextcmd

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/output"
)

type listed struct {
	contexts.Context
	Current bool `json:"current"`
}

var columns = []output.Column[listed]{
	{Name: "name", Value: func(l listed) any { return l.Name }},
	{Name: "current", Value: func(l listed) any { return l.Current }},
	{Name: "url", Value: func(l listed) any { return l.URL }},
	{Name: "login user", Value: func(l listed) any { return l.LoginUser }},
	{Name: "credential", Value: func(l listed) any { return credential(l.Context) }},
	{Name: "login method", Wide: true, Value: func(l listed) any { return l.LoginMethod }},
	{Name: "ca file", Wide: true, Value: func(l listed) any { return l.CAFile }},
	{Name: "fingerprint", Wide: true, Value: func(l listed) any { return l.Fingerprint }},
	{Name: "insecure", Wide: true, Value: func(l listed) any { return l.Insecure }},
	{Name: "password command", Wide: true, Value: func(l listed) any { return l.PasswordCommand }},
	{Name: "api key command", Wide: true, Value: func(l listed) any { return l.APIKeyCommand }},
	{Name: "client cert", Wide: true, Value: func(l listed) any { return l.ClientCert }},
	{Name: "client key", Wide: true, Value: func(l listed) any { return l.ClientKey }},
}

func newList(a *app.App) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Aliases: []string{"ls"}, Short: "List the contexts"}
	return a.Show(app.Local(cmd), func(context.Context, []string) (output.Result, error) {
		f, err := contexts.Load(a.ContextsPath())
		if err != nil {
			return nil, err
		}
		var all []listed
		for _, c := range f.Contexts {
			all = append(all, listed{c, c.Name == f.Current})
		}
		return output.Slice("contexts", columns, all), nil
	})
}

// credential says in a few words what the user identifies with.
func credential(c contexts.Context) string {
	switch {
	case c.ClientCert != "":
		return "certificate"
	case c.APIKey != "":
		return "API key (" + string(c.APIKey) + ")"
	}
	return "password (" + string(cmp.Or(c.Password, contexts.Prompt)) + ")"
}
