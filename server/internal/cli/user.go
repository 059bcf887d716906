package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/term"

	"github.com/spskit/spskit/server"
	"github.com/spskit/spskit/server/store"
)

// rightNames are the words of --rights, in the order in which they are shown.
var rightNames = []struct {
	name  string
	right func(*store.Rights) *bool
}{
	{"search", func(r *store.Rights) *bool { return &r.Search }},
	{"read-config", func(r *store.Rights) *bool { return &r.ReadConfig }},
	{"edit-config", func(r *store.Rights) *bool { return &r.EditConfig }},
}

func newUser(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Administer who may log in",
		Long:  "Administer who may log in. The commands work beside a running server.\nPasswords are asked for at a prompt, or read as one line from standard input.",
	}
	group(cmd)
	cmd.AddCommand(newUserAdd(streams), newUserPasswd(streams), newUserList(streams), newUserDelete(streams), newUserKey(streams))
	return cmd
}

func newUserAdd(streams Streams) *cobra.Command {
	var rights []string
	var cost int
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			granted, err := parseRights(rights)
			if err != nil {
				return &usageError{err}
			}
			password, err := readPassword(streams)
			if err != nil {
				return err
			}
			return withData(cmd, func(data *server.Data) error {
				return data.Accounts(cost).CreateUser(cmd.Context(), args[0], password, granted)
			})
		},
	}
	bcryptCost(cmd, &cost)
	cmd.Flags().StringSliceVar(&rights, "rights", []string{"search"}, "what the user may do: search, read-config, edit-config, or all")
	return cmd
}

func newUserPasswd(streams Streams) *cobra.Command {
	var cost int
	cmd := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Change a user's password, which ends the user's logins",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readPassword(streams)
			if err != nil {
				return err
			}
			return withData(cmd, func(data *server.Data) error {
				return userError(args[0], data.Accounts(cost).SetPassword(cmd.Context(), args[0], password))
			})
		},
	}
	bcryptCost(cmd, &cost)
	return cmd
}

func bcryptCost(cmd *cobra.Command, cost *int) {
	*cost = bcrypt.DefaultCost
	cmd.Flags().Func("bcrypt-cost", "cost of new password hashes, 4 to 31; less than 10 is for tests only (default 10)", func(value string) (err error) {
		*cost, err = strconv.Atoi(value)
		if err == nil && (*cost < bcrypt.MinCost || *cost > bcrypt.MaxCost) {
			err = errors.New("out of range")
		}
		return err
	})
}

func newUserList(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the users and their rights",
		Args:  exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withData(cmd, func(data *server.Data) error {
				users, err := data.Accounts(0).ListUsers(cmd.Context())
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(table, "NAME\tRIGHTS\tCREATED")
				for _, u := range users {
					fmt.Fprintf(table, "%s\t%s\t%s\n", u.Name, formatRights(u.Rights), u.CreatedAt.UTC().Format("2006-01-02 15:04"))
				}
				return table.Flush()
			})
		},
	}
}

func newUserDelete(Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a user, which ends the user's logins",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withData(cmd, func(data *server.Data) error {
				return userError(args[0], data.Accounts(0).DeleteUser(cmd.Context(), args[0]))
			})
		},
	}
}

// withData runs do on the open data directory.
func withData(cmd *cobra.Command, do func(*server.Data) error) (err error) {
	data, err := server.OpenData(cmd.Context(), dataDir(cmd))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	return do(data)
}

func userError(name string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no user %q", name)
	}
	return err
}

func parseRights(names []string) (store.Rights, error) {
	var rights store.Rights
	for _, name := range names {
		known := false
		for _, r := range rightNames {
			if name == r.name || name == "all" {
				*r.right(&rights), known = true, true
			}
		}
		if !known && name != "" && name != "none" {
			return rights, fmt.Errorf("%q is not a right: use search, read-config, edit-config, all or none", name)
		}
	}
	return rights, nil
}

func formatRights(rights store.Rights) string {
	var names []string
	for _, r := range rightNames {
		if *r.right(&rights) {
			names = append(names, r.name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ",")
}

// readPassword asks twice on a terminal, and reads one line from anything else.
func readPassword(streams Streams) (string, error) {
	if f, ok := streams.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		first, err := prompt(f, streams.Err, "Password: ")
		if err != nil {
			return "", err
		}
		second, err := prompt(f, streams.Err, "Again: ")
		if err != nil {
			return "", err
		}
		if first != second {
			return "", errors.New("the two passwords differ")
		}
		return first, nil
	}
	line, err := bufio.NewReader(io.LimitReader(streams.In, 4096)).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func prompt(in *os.File, out io.Writer, question string) (string, error) {
	fmt.Fprint(out, question)
	password, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(out)
	return string(password), err
}
