package trail

import (
	"context"
	"errors"
	"iter"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
)

// flags say where trails go, and how.
type flags struct {
	path, dir, format string
	parallel          int
	overwrite, quiet  bool
	changed           func(name string) bool
}

func newDownload(a *app.App) *cobra.Command {
	f := &flags{}
	cmd := &cobra.Command{
		Use:   "download [KEY...]",
		Short: "Download the trails of sessions into files",
		Long: `Download the trails of the sessions with these keys, and of all sessions that the
filters find, into files that are named after the keys. A file appears under its name
when all of it is there, and is yours alone.

What was begun by an earlier run is continued, and a file that is there already with the
same length is left alone; so the same command, given again, fetches what is missing. A
trail that fails doesn't stop the others. Sessions that a filter finds and that have no
trail are counted and passed over; a key without a trail is an error.

If all that failed did so for one reason the exit code is that of the reason, else 1.`,
		Example: `  spsctl trail download KEY
  spsctl trail download KEY -O session.zat
  spsctl trail download KEY -O - | sha256sum
  spsctl trail download --since 7d --user joe --dir trails --parallel 8
  spsctl trail download --query 'recording.index_status:INDEXED' --dir trails -o json`,
		Args:              app.ArgsFrom(0),
		ValidArgsFunction: everyArg(a.SessionKeys()),
	}
	set := cmd.Flags()
	set.StringVarP(&f.path, "output-file", "O", "", "`file` to write one trail into, or - for standard output")
	set.StringVar(&f.dir, "dir", ".", "`directory` to write trails into, which is made if need be")
	set.StringVar(&f.format, "format", string(client.TrailZAT), "`format` of the trails: zat, or srs for players that follow sessions")
	set.IntVar(&f.parallel, "parallel", 4, "download so `many` at a time")
	set.BoolVar(&f.overwrite, "overwrite", false, "replace files that exist with another length")
	set.BoolVar(&f.quiet, "quiet", false, "show no progress, and say nothing but warnings and errors")
	cmd.MarkFlagsMutuallyExclusive("output-file", "dir")
	_ = cmd.MarkFlagDirname("dir")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"zat", "srs"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("parallel", cobra.NoFileCompletions)
	f.changed = set.Changed
	return sessionflags.Show(a, cmd, func(ctx context.Context, q client.Query, keys []string) (output.Result, error) {
		if err := f.check(a, keys, q.String() != ""); err != nil {
			return nil, err
		}
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		d := &downloads{app: a, sps: sps, flags: f, bar: newProgress(a, f.quiet), named: map[string]bool{}}
		if f.path == stdout {
			return nil, d.toStdout(ctx, keys[0])
		}
		if err := d.choose(ctx, keys, q); err != nil {
			return nil, err
		}
		if a.Dry() {
			return nil, d.print(ctx)
		}
		return output.Before(output.List("trails", columns, d.all(ctx)), d.summary), nil
	})
}

// everyArg completes arguments after the first one, too.
func everyArg(complete app.Completion) app.Completion {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return complete(cmd, nil, word)
	}
}

// check finds what the flags cannot mean.
func (f *flags) check(a *app.App, keys []string, filtered bool) error {
	switch {
	case len(keys) == 0 && !filtered:
		return failure.WithHint(failure.Usage("no session is chosen"), failure.UsageError,
			"give keys of sessions, or filters such as --since 7d; 'spsctl sessions list' shows what they find")
	case f.path != "" && (len(keys) != 1 || filtered):
		return failure.Usage("-O takes the trail of one session, which is given by its key; use --dir for more")
	case f.changed("output-file") && f.path == "", f.dir == "":
		return failure.Usage("the name of a file or directory is empty")
	case f.format != string(client.TrailZAT) && f.format != string(client.TrailSRS):
		return failure.Usage("--format: %q is neither zat nor srs", f.format)
	case f.parallel < 1 || f.parallel > 64:
		return failure.Usage("--parallel has to be from 1 to 64")
	case f.path != stdout:
		return nil
	case f.changed("output"):
		return failure.Usage("-O - writes the trail where -o would write the result")
	}
	return checkStdout(a)
}

func (d *downloads) options() client.TrailOptions {
	return client.TrailOptions{
		Format: client.TrailFormat(d.flags.format), Overwrite: d.flags.overwrite, Parallel: d.flags.parallel, Progress: d.bar.tell,
	}
}

// choose collects the keys that are given, and those that the query finds, before
// anything is downloaded: a list of the appliance doesn't last as long as that may take.
func (d *downloads) choose(ctx context.Context, keys []string, q client.Query) error {
	for _, key := range keys {
		if !d.named[key] {
			d.named[key] = true
			d.keys = append(d.keys, key)
		}
	}
	if q.String() != "" {
		for s, err := range d.sps.Sessions(ctx, client.SessionQuery{Q: q, KeysOnly: true}) {
			if err != nil {
				return err
			}
			if !d.named[s.Key] {
				d.keys = append(d.keys, s.Key)
			}
		}
	}
	if len(d.keys) > 1 {
		d.bar.many = len(d.keys)
	}
	return nil
}

func (d *downloads) sessions() iter.Seq2[client.Session, error] {
	return func(yield func(client.Session, error) bool) {
		for _, key := range d.keys {
			if !yield(client.Session{Key: key}, nil) {
				return
			}
		}
	}
}

// toStdout has no result but the bytes.
func (d *downloads) toStdout(ctx context.Context, key string) error {
	if d.app.Dry() {
		d.keys = []string{key}
		return d.print(ctx)
	}
	defer d.bar.end()
	_, _, err := d.sps.DownloadTrail(ctx, key, d.app.Out, d.options())
	return err
}

// print makes the requests of the downloads for --curl, and ends each when it is answered.
func (d *downloads) print(ctx context.Context) error {
	opts := client.TrailOptions{Format: client.TrailFormat(d.flags.format)}
	for _, key := range d.keys {
		_, _, err := d.sps.DownloadTrail(ctx, key, printed{}, opts)
		if err != nil && !errors.Is(err, errPrinted) && (d.named[key] || !errors.Is(err, client.ErrNotFound)) {
			return err
		}
	}
	return nil
}
