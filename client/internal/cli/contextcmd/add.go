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
	var from, keyFrom string
	var replace bool
	cmd := &cobra.Command{
		Use:   "add NAME URL",
		Short: "Add a context; the first one becomes the current one",
		Example: `  spsctl context add lab https://sps.example.com --login-user admin --ca-file ca.pem --password-from keyring
  spsctl context add prod https://sps.example.com --login-user audit --password-command 'pass sps/audit'
  spsctl context add ci https://sps.example.com --api-key-command 'pass sps/key'
  spsctl context add smart https://sps.example.com --client-cert me.pem --client-key me.key`,
		Args:              app.Args(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&from, "password-from", "", "`source` of the password: prompt or keyring (default prompt, or the --password-command)")
	cmd.Flags().StringVar(&keyFrom, "api-key-from", "", "use an API key, from this `source`: prompt or keyring")
	cmd.Flags().BoolVar(&replace, "replace", false, "replace a context of that name")
	_ = cmd.RegisterFlagCompletionFunc("password-from", cobra.FixedCompletions([]string{"prompt", "keyring"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("api-key-from", cobra.FixedCompletions([]string{"prompt", "keyring"}, cobra.ShellCompDirectiveNoFileComp))
	return a.Do(app.Local(cmd), func(_ context.Context, args []string) error {
		added, err := describe(a, args[0], args[1], from, keyFrom)
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
func describe(a *app.App, name, url, from, keyFrom string) (contexts.Context, error) {
	c := a.OnCommandLine()
	c.Name, c.URL = name, url
	var err error
	if c.Password, err = source("password", from, c.PasswordCommand); err != nil {
		return c, err
	}
	if c.APIKey, err = source("api-key", keyFrom, c.APIKeyCommand); err != nil {
		return c, err
	}
	for _, path := range []*string{&c.CAFile, &c.ClientCert, &c.ClientKey} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return c, err
		}
	}
	if err := c.Check(); err != nil {
		return c, failure.Usage("%w", err)
	}
	return c, a.Validate(c)
}

// source is where a secret comes from, as the flags of its name say.
func source(name, from, command string) (contexts.Source, error) {
	switch {
	case from != "" && from != string(contexts.Prompt) && from != string(contexts.Keyring):
		return "", failure.Usage("--%s-from: %q is neither prompt nor keyring", name, from)
	case from != "" && command != "":
		return "", failure.Usage("--%s-from and --%s-command exclude each other", name, name)
	case command != "":
		return contexts.Command, nil
	}
	return contexts.Source(from), nil
}
