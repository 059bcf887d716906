package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/server"
	"github.com/spskit/spskit/server/internal/login"
)

func newUserKey(streams Streams) *cobra.Command {
	var list bool
	var revoke string
	cmd := &cobra.Command{
		Use:   "key NAME",
		Short: "Make an API key for a user's programs",
		Long: "Make an API key for a user's programs, which send it as \"Authorization: apikey KEY\"\n" +
			"instead of logging in, and have the rights of the user. It is printed this once;\nonly a hash of it is kept.",
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if list && cmd.Flags().Changed("revoke") {
				return &usageError{errors.New("--list and --revoke exclude each other")}
			}
			return withData(cmd, func(data *server.Data) error {
				accounts := data.Accounts(0)
				switch {
				case list:
					return listKeys(cmd, streams, accounts, args[0])
				case cmd.Flags().Changed("revoke"):
					return userError(args[0], accounts.RevokeKey(cmd.Context(), args[0], revoke))
				}
				key, name, err := accounts.CreateKey(cmd.Context(), args[0])
				if err != nil {
					return userError(args[0], err)
				}
				fmt.Fprintf(streams.Err, "Key %s of %s, shown only this once:\n", name, args[0])
				_, err = fmt.Fprintln(streams.Out, string(key))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the user's keys instead, by the names that --revoke takes")
	cmd.Flags().StringVar(&revoke, "revoke", "", "end the user's key of that name instead")
	return cmd
}

func listKeys(cmd *cobra.Command, streams Streams, accounts *login.Manager, user string) error {
	keys, err := accounts.ListKeys(cmd.Context(), user)
	if err != nil {
		return userError(user, err)
	}
	table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tCREATED")
	for _, k := range keys {
		fmt.Fprintf(table, "%s\t%s\n", login.KeyName(k.ID), k.CreatedAt.UTC().Format("2006-01-02 15:04"))
	}
	return table.Flush()
}
