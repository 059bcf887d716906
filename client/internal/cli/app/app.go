package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/spskit/spskit/client/internal/cli/curl"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/secret"
)

// Streams are where a command reads and writes. Data goes to Out, words to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// System is everything around the program. Tests have their own.
type System struct {
	Streams
	Lookup   func(name string) (string, bool) // reads the environment
	Now      func() time.Time
	Location *time.Location // of the times that people give and see
	Keyring  secret.Keyring
	Terminal func(stream any) bool // tells whether a stream is one
	// Interrupts made the context that the command runs with.
	Interrupts *Interrupts
}

// OS is the system that the process runs in.
func OS() System {
	return System{
		Streams: Streams{os.Stdin, os.Stdout, os.Stderr},
		Lookup:  os.LookupEnv, Now: time.Now, Location: time.Local, Keyring: secret.System{},
		Terminal: func(stream any) bool {
			f, ok := stream.(*os.File)
			return ok && term.IsTerminal(int(f.Fd()))
		},
		Interrupts: &Interrupts{},
	}
}

// App is one run of the program.
type App struct {
	System
	// Query is the query that the command sends, if it sends one; errors point into it.
	Query string

	globals  globals
	format   output.Format
	tracer   *curl.Tracer // nil without --curl
	resolved bool
	settings Settings

	completing bool // a shell wants to know words, and nobody is there to answer questions
}

// New makes the App of one run.
func New(system System) *App { return &App{System: system} }

// Format is the format of the result, for commands that ask the server only for what
// is shown.
func (a *App) Format() *output.Format { return &a.format }

// Dry tells that the command is to change nothing, because --curl only prints requests.
func (a *App) Dry() bool { return a.tracer != nil }

// Notef tells a person something that isn't data.
func (a *App) Notef(format string, args ...any) {
	if a.tracer == nil {
		fmt.Fprintln(a.Err, output.Clean(fmt.Sprintf(format, args...)))
	}
}

// Warnf tells a person of something that went wrong, but not so wrong that the command
// fails.
func (a *App) Warnf(format string, args ...any) {
	fmt.Fprintln(a.Err, "warning: "+output.Clean(fmt.Sprintf(format, args...)))
}

// Show completes a command that has a result: it adds -o, and prints what run returns,
// which is nil if there is nothing to print after all.
func (a *App) Show(cmd *cobra.Command, run func(ctx context.Context, args []string) (output.Result, error)) *cobra.Command {
	cmd.Flags().VarP(&a.format, "output", "o", "`format`: table, wide, json, ndjson, yaml, csv, jsonpath=EXPR or template=TEXT")
	must(cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(
		[]string{"table", "wide", "json", "ndjson", "yaml", "csv", "jsonpath=", "template="},
		cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)))
	return a.Do(cmd, func(ctx context.Context, args []string) error {
		result, err := run(ctx, args)
		if err != nil || result == nil {
			return err
		}
		return a.printer().Print(&a.format, result)
	})
}

// Do completes a command that has no result, and so no -o.
func (a *App) Do(cmd *cobra.Command, run func(ctx context.Context, args []string) error) *cobra.Command {
	if cmd.Args == nil {
		cmd.Args = Args(0)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.Settings(); err != nil && !a.local(cmd) {
			return err
		}
		ctx := cmd.Context()
		restore := secret.Remember(a.In)
		var err error
		if !a.Dry() || !a.local(cmd) {
			err = run(ctx, args)
		}
		if ctx.Err() != nil {
			restore() // somebody may have been asked for a password just then
		}
		if err == nil && a.Dry() && a.tracer.Printed() == 0 {
			a.Warnf("--curl has nothing to print, for this command sends no requests")
		}
		return err
	}
	return cmd
}

func (a *App) printer() output.Printer {
	if a.tracer != nil { // its lines take the place of the result
		return output.Printer{Out: io.Discard, Location: a.Location, Note: func(string) {}}
	}
	terminal := a.Terminal(a.Out)
	return output.Printer{
		Out: a.Out, Terminal: terminal, Color: terminal && a.color(), Location: a.Location,
		Note: func(words string) { a.Notef("%s", words) },
	}
}

// Tell shows a text to a person beside the data, such as what is about to change.
func (a *App) Tell(lines []output.Line) {
	if a.tracer == nil {
		_ = output.Printer{Out: a.Err, Terminal: true, Color: a.Terminal(a.Err) && a.color()}.Write(lines) // nobody is left to tell
	}
}

// mostText is how much of a text a person can want to read.
const mostText = 16 << 20

// Text prints a server's text to a terminal, JSON with indents.
func (a *App) Text(r io.Reader, isJSON bool) error {
	text, err := io.ReadAll(io.LimitReader(r, mostText))
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if isJSON && json.Indent(&indented, text, "", "  ") == nil {
		text = indented.Bytes()
	}
	return a.printer().Write(output.Lines(string(text), output.Plain))
}

func (a *App) color() bool {
	no, _ := a.Lookup("NO_COLOR")
	kind, _ := a.Lookup("TERM")
	return no == "" && !a.globals.noColor && kind != "dumb"
}

// Args is cobra.ExactArgs as an error of the command line.
func Args(n int) cobra.PositionalArgs { return usage(cobra.ExactArgs(n)) }

// ArgsBetween is cobra.RangeArgs as an error of the command line.
func ArgsBetween(least, most int) cobra.PositionalArgs { return usage(cobra.RangeArgs(least, most)) }

// ArgsFrom is cobra.MinimumNArgs as an error of the command line.
func ArgsFrom(least int) cobra.PositionalArgs { return usage(cobra.MinimumNArgs(least)) }

func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return failure.Usage("%w", err)
		}
		return nil
	}
}

// Group makes a command that only has subcommands: by itself it shows its help, and
// anything but a subcommand is an error of the command line.
func Group(cmd *cobra.Command, verbs ...*cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return failure.Usage("%q has no command %q", cmd.CommandPath(), args[0])
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.AddCommand(verbs...)
	return cmd
}

const localMark = "local"

// Local marks a command that needs no appliance, and so runs even if the settings of
// one are wrong.
func Local(cmd *cobra.Command) *cobra.Command {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[localMark] = "true"
	return cmd
}

func (*App) local(cmd *cobra.Command) bool { return cmd.Annotations[localMark] != "" }

// must is for what only a mistake in this program makes fail.
func must(err error) {
	if err != nil {
		panic(errors.Join(errors.New("the command line is built wrongly"), err))
	}
}
