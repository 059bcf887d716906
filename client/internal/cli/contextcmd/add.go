package contextcmd

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

func newAdd(a *app.App) *cobra.Command {
	var from string
	var replace bool
	cmd := &cobra.Command{
		Use:   "add NAME URL",
		Short: "Add a context; the first one becomes the current one",
		Example: `  spsctl context add lab https://sps.example.com --login-user admin --ca-file ca.pem --password-from keyring
  spsctl context add prod https://sps.example.com --login-user audit --password-command 'pass sps/audit'`,
		Args:              app.Args(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&from, "password-from", "", "`source` of the password: prompt or keyring (default prompt, or the --password-command)")
	cmd.Flags().BoolVar(&replace, "replace", false, "replace a context of that name")
	_ = cmd.RegisterFlagCompletionFunc("password-from", cobra.FixedCompletions([]string{"prompt", "keyring"}, cobra.ShellCompDirectiveNoFileComp))
	return a.Do(app.Local(cmd), func(_ context.Context, args []string) error {
		added, err := describe(a, args[0], args[1], from)
		if err != nil {
			return err
		}
		err = contexts.Update(a.ContextsPath(), func(f *contexts.File) error {
			old := f.Find(added.Name)
			switch {
			case old != nil && !replace:
				return failure.WithHint(failure.Usage("there is a context %q already", added.Name), failure.Conflict,
					"choose another name, or change it with --replace")
			case old != nil:
				*old = added
			default:
				f.Contexts = append(f.Contexts, added)
			}
			if f.Current == "" {
				f.Current = added.Name
			}
			return nil
		})
		if err != nil {
			return err
		}
		a.Notef("Added the context %q; log in with 'spsctl login --context %s'.", added.Name, added.Name)
		return nil
	})
}

// describe makes a context of the command line.
func describe(a *app.App, name, url, from string) (contexts.Context, error) {
	c := a.OnCommandLine()
	c.Name, c.URL, c.Password = name, url, contexts.Source(from)
	switch {
	case from != "" && from != string(contexts.Prompt) && from != string(contexts.Keyring):
		return c, failure.Usage("--password-from: %q is neither prompt nor keyring", from)
	case from != "" && c.PasswordCommand != "":
		return c, failure.Usage("--password-from and --password-command exclude each other")
	case c.PasswordCommand != "":
		c.Password = contexts.Command
	}
	if c.CAFile != "" {
		path, err := filepath.Abs(c.CAFile)
		if err != nil {
			return c, err
		}
		c.CAFile = path
	}
	if err := c.Check(); err != nil {
		return c, failure.Usage("%w", err)
	}
	return c, a.Validate(c)
}
