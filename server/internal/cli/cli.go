// Package cli is the command line of spsd. It turns flags and environment into
// calls of package server, and their outcome into words and an exit code. It
// holds no logic of the server itself.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/spskit/spskit/server/internal/httpapi"
)

// Streams are where a command reads and writes. Data goes to Out, words to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// envPrefix begins the environment variable of every flag: --ready-file is
// SPSD_READY_FILE.
const envPrefix = "SPSD_"

// Run runs one command line and returns the exit code: 0, 1 when the command
// failed, 2 when it was called wrongly.
func Run(ctx context.Context, args []string, streams Streams) int {
	root := newRoot(streams)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return 0
	}
	fmt.Fprintf(streams.Err, "spsd: %v\n", err)
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		fmt.Fprintf(streams.Err, "Try 'spsd help'.\n")
		return 2
	}
	return 1
}

// usageError is a command line that cannot be carried out as it stands.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func newRoot(streams Streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "spsd",
		Short:         "A stand-in for the REST API of Safeguard for Privileged Sessions",
		Long:          "spsd serves the REST API of One Identity Safeguard for Privileged Sessions from a\ndata directory: logins, transactions, a session database and trail downloads.\n\nEvery flag can also be given in the environment: --ready-file is SPSD_READY_FILE.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       httpapi.Version,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return flagsFromEnvironment(cmd.Flags(), os.LookupEnv)
		},
	}
	root.SetVersionTemplate("spsd {{.Version}}\n")
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.PersistentFlags().String("data", ".data", "data directory")
	group(root)
	root.AddCommand(newServe(streams), newUser(streams), newImport(streams), newSeed(streams), newContract(streams))
	return root
}

// flagsFromEnvironment sets every flag that the command line leaves out and the
// environment names.
func flagsFromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := lookup(name)
		if f.Changed || !ok || failed != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = &usageError{fmt.Errorf("%s: %w", name, err)}
		}
	})
	return failed
}

// dataDir is the value of --data.
func dataDir(cmd *cobra.Command) string {
	dir, err := cmd.Flags().GetString("data")
	if err != nil {
		panic(err) // every command has the flag
	}
	return dir
}

// exactArgs is cobra.ExactArgs as a usage error.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(cmd, args); err != nil {
			return &usageError{err}
		}
		return nil
	}
}

// group makes a command that only has subcommands: by itself it shows its help,
// and anything but a subcommand is a usage error.
func group(cmd *cobra.Command) {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return &usageError{fmt.Errorf("%q has no command %q", cmd.CommandPath(), args[0])}
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}
