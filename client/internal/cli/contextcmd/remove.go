package contextcmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contexts"
	"github.com/spskit/spskit/client/internal/cli/secret"
)

func newRemove(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "remove NAME", Aliases: []string{"rm"}, Short: "Remove a context, and its password or API key from the keyring",
		Args: app.Args(1), ValidArgsFunction: names(a),
	}
	return a.Do(app.Local(cmd), func(_ context.Context, args []string) error {
		var removed contexts.Context
		shared := false // another context uses the same secret
		err := contexts.Update(a.ContextsPath(), func(f *contexts.File) error {
			c, err := find(f, args[0])
			if err != nil {
				return err
			}
			removed = *c
			f.Contexts = slices.DeleteFunc(f.Contexts, func(c contexts.Context) bool { return c.Name == removed.Name })
			shared = slices.ContainsFunc(f.Contexts, func(c contexts.Context) bool {
				return kept(c) && kept(removed) && entry(c) == entry(removed)
			})
			if f.Current == removed.Name {
				f.Current = ""
			}
			return nil
		})
		if err != nil || !kept(removed) || shared {
			return err
		}
		if err := secret.ForgetInKeyring(a.Keyring, entry(removed)); err != nil {
			a.Warnf("the context is removed, and its secret may still be in the keyring: %v", err)
		}
		return nil
	})
}

// kept tells whether the secret of a context is in the keyring.
func kept(c contexts.Context) bool {
	return c.Password == contexts.Keyring || c.APIKey == contexts.Keyring
}

func entry(c contexts.Context) secret.Entry {
	return secret.Entry{URL: c.URL, User: c.LoginUser, APIKey: c.APIKey == contexts.Keyring}
}
