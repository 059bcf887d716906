package sessions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/export"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/private"
	"github.com/spskit/spskit/client/internal/cli/sessionflags"
	"github.com/spskit/spskit/client/internal/cli/timeflag"
)

const exportHelp = `Export sessions that have ended, in the order in which they ended, as NDJSON or CSV.
Any number is read, in constant memory and through a snapshot, so that none is missed
or repeated while others come and go.

With --checkpoint the next run goes on where this one ended, which is for cron:

  */5 * * * *  spsctl sessions export --file /var/log/sps.ndjson --checkpoint /var/lib/sps.json

Each session is exported once, when it has ended. What changes in it later, such as its
index status, is not exported again. Sessions that go on are left to the run after their
end, and sessions that end in the future to the run after that moment.

The checkpoint is the end of the latest session that was exported. As an appliance may
store a session some time after its end, each run also looks for those that ended up to
--overlap before it, and knows which of them it has exported. A session that appears even
later is missed, so choose an --overlap longer than that takes. That goes for filters
that begin to match late, too: whether a session is INDEXED may be known hours after its
end.

With --file each session is in the file exactly once, however a run ended: what is
written reaches the disk before the checkpoint, which is replaced as a whole, every
1,000 sessions. If a run was killed, the next one first cuts off what the file has behind
the checkpoint, so let readers take only what is there after a run. To rotate the file
move it away between two runs; the next run begins a new one.

On standard output, sessions since the last checkpoint are repeated after a run that was
killed: each comes at least once.

A checkpoint is of one appliance, query, format, list of fields and file, and with others
the command refuses to go on; --reset begins again. --since counts in the first run, and
the checkpoint keeps it. Two runs with one checkpoint do not go at the same time.`

func newExport(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Export sessions that have ended, a bit in each run",
		Long:  exportHelp,
		Example: `  spsctl sessions export --since 2026-01-01 --file sessions.ndjson
  spsctl sessions export --protocol ssh --format csv --fields key,start_time,user.name > ssh.csv
  spsctl sessions export --since 7d --file /var/log/sps.ndjson --checkpoint /var/lib/sps.json
  spsctl sessions export -q recording.index_status:INDEXED --overlap 1d --checkpoint indexed.json | siem-forward`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	x := &exporting{app: a}
	flags := cmd.Flags()
	flags.StringVar(&x.format, "format", "ndjson", "`format`: ndjson, which has the documents of the appliance, or csv")
	flags.StringVar(&x.file, "file", "", "write into this `file`, and behind what earlier runs have written")
	flags.StringVar(&x.checkpoint, "checkpoint", "", "keep in this `file` how far the export has come")
	flags.StringVar(&x.overlap, "overlap", "10m", "how late sessions may appear after their end, as a `period`")
	flags.BoolVar(&x.reset, "reset", false, "forget the checkpoint and empty the file, and begin again")
	flags.StringSliceVar(&x.fields, "fields", nil, "`names` of the properties to export, with commas between them")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"ndjson", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("overlap", cobra.NoFileCompletions)
	_ = cmd.RegisterFlagCompletionFunc("fields", app.Fields(keyField))
	return sessionflags.Do(a, cmd, func(ctx context.Context, c sessionflags.Conditions, _ []string) error {
		return x.run(ctx, c)
	})
}

// exporting is one run of the command.
type exporting struct {
	app                      *app.App
	format, file, checkpoint string
	overlap                  string
	reset                    bool
	fields                   []string
	columns                  []column
	conditions               sessionflags.Conditions
	definition               export.Definition
	late                     time.Duration
}

func (x *exporting) run(ctx context.Context, c sessionflags.Conditions) error {
	x.conditions = c
	if err := x.check(); err != nil {
		return err
	}
	if x.checkpoint == "" || c.Explain || x.app.Dry() {
		return explained(x.begin(ctx))
	}
	err := private.TryLocked(x.checkpoint, func() error { return x.begin(ctx) })
	return explained(err)
}

// check completes what the flags say.
func (x *exporting) check() (err error) {
	late, ok := timeflag.ParseAge(x.overlap)
	switch {
	case !ok && x.overlap != "0":
		return failure.Usage("--overlap: %q is no period: write 90s, 10m, 2h or 1d", x.overlap)
	case x.format != "ndjson" && x.format != "csv":
		return failure.Usage("--format: %q is neither ndjson nor csv", x.format)
	case x.conditions.Moves && x.checkpoint != "":
		return failure.Usage("--until has to be a moment, such as 2026-01-02, when there is a checkpoint: so long ago is another moment in each run")
	case x.reset && x.checkpoint == "":
		return failure.Usage("--reset is about the checkpoint, and there is none")
	}
	x.late = late
	s, err := x.app.Settings()
	if err != nil {
		return err
	}
	if x.file != "" {
		if x.file, err = filepath.Abs(x.file); err != nil {
			return err
		}
	}
	x.definition = export.Definition{
		URL: s.URL, Query: x.conditions.Query.String(), Format: x.format, Fields: x.fields, File: x.file,
	}
	return nil
}

// load reads the checkpoint, or makes the first one.
func (x *exporting) load() (*export.Checkpoint, error) {
	first := export.New(x.definition, x.conditions.Since)
	if x.checkpoint != "" && !x.reset {
		if c, err := export.Load(x.checkpoint, x.definition); c != nil || err != nil {
			return c, err
		}
	}
	if x.file != "" && !x.reset {
		return first, export.Vacant(x.file)
	}
	return first, nil
}

// begin does everything that needs the lock.
func (x *exporting) begin(ctx context.Context) (err error) {
	a := x.app
	checkpoint, err := x.load()
	if err != nil {
		return err
	}
	run := &export.Export{Query: x.conditions.Query, Overlap: x.late, Checkpoint: checkpoint, Path: x.checkpoint}
	pending := run.Pending()
	if err := pending.Err(); err != nil {
		return err
	}
	a.Query = pending.String()
	if x.conditions.Explain {
		fmt.Fprintln(a.Out, output.Clean(a.Query))
		return nil
	}
	if run.Fields, err = x.project(); err != nil {
		return err
	}
	if run.Client, err = a.Client(); err != nil {
		return err
	}
	if a.Dry() {
		run.Path, run.Target = "", export.ToStream(io.Discard, 0)
	} else {
		if x.checkpoint != "" { // so that the file is never without one
			if err := checkpoint.Save(x.checkpoint); err != nil {
				return err
			}
		}
		if run.Target, err = x.open(checkpoint); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, run.Target.Close()) }()
	}
	if run.Write, err = x.writer(run.Target); err != nil {
		return err
	}
	bar := newProgress(a)
	run.Progress = bar.show
	err = run.Run(ctx)
	bar.clear()
	if err == nil && a.Terminal(a.Err) {
		a.Notef("Exported %d sessions.", run.Done())
	}
	return err
}

// project chooses the properties to read; the end is always one of them.
func (x *exporting) project() ([]string, error) {
	x.columns = columns
	if len(x.fields) == 0 {
		var reads []string // all properties
		if x.format == "csv" {
			for _, c := range columns {
				reads = append(reads, c.Reads...)
			}
		}
		return reads, nil
	}
	q := client.SessionQuery{}
	var err error
	x.columns, err = project(&q, x.fields)
	if !slices.Contains(q.Fields, "end_time") {
		q.Fields = append(q.Fields, "end_time")
	}
	return q.Fields, err
}

func (x *exporting) open(c *export.Checkpoint) (*export.Target, error) {
	if x.file != "" {
		return export.ToFile(x.file, c.Offset)
	}
	out := x.app.Out
	if x.app.Terminal(out) {
		out = output.Safe(out)
	}
	return export.ToStream(out, c.Offset), nil
}

// writer writes sessions in the format, with a header where nothing is written yet.
func (x *exporting) writer(t *export.Target) (func(client.Session) error, error) {
	if x.format == "ndjson" {
		return output.NewNDJSON[client.Session](t).Add, nil
	}
	lines, err := output.NewCSV(t, x.columns, t.Offset == 0)
	return lines.Add, err
}

// explained says what to try about errors of checkpoints and files.
func explained(err error) error {
	for _, k := range []struct {
		is   error
		code failure.Code
		try  string
	}{
		{export.ErrOther, failure.UsageError, "give each export a checkpoint of its own, or begin again with --reset"},
		{export.ErrUnreadable, failure.Failed, "begin again with --reset"},
		{export.ErrShort, failure.Failed, "move the file away to begin a new one from the checkpoint on, or begin again with --reset"},
		{export.ErrExists, failure.UsageError, "name another file, or give the checkpoint that goes with it"},
		{private.ErrLocked, failure.Conflict, "wait until the other run with this checkpoint is over"},
	} {
		if errors.Is(err, k.is) {
			return failure.WithHint(err, k.code, k.try)
		}
	}
	return err
}

// progress is a bar on a terminal, and nothing anywhere else.
type progress struct {
	app *app.App
	bar *progressbar.ProgressBar
}

func newProgress(a *app.App) *progress { return &progress{app: a} }

func (p *progress) show(done, of int64) {
	if p.bar == nil {
		if of == 0 || p.app.Dry() || !p.app.Terminal(p.app.Err) {
			return
		}
		p.bar = progressbar.NewOptions64(of, progressbar.OptionSetWriter(p.app.Err), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionFullWidth(), progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("sessions"))
	}
	p.bar.ChangeMax64(of)
	_ = p.bar.Set64(done) // it only shows something
}

// clear makes room for what is printed next.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
