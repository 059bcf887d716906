package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/spskit/spskit/server"
	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/seed"
)

func newImport(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "import DIR|FILE",
		Short: "Import recorded sessions",
		Long: "Import the sessions of a file, or of all *.ndjson files of a directory: one JSON\nobject a line. Works beside a running server.\n\n" +
			"Sessions whose revision is not newer than the stored one are skipped. The first\nbad line ends the import; the batches before it stay stored.",
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withData(cmd, func(data *server.Data) error {
				bar := newProgress(streams.Err)
				started := time.Now()
				done, err := data.Import(cmd.Context(), args[0], func(p audit.Progress) { bar.bytes(p.Read, p.Size) })
				bar.clear()
				return report(cmd.Context(), streams.Err, tally{done.Stored, done.Skipped, done.Trails}, time.Since(started), err)
			})
		},
	}
}

func newSeed(streams Streams) *cobra.Command {
	var sessions int
	var number uint64
	var trails float64
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Make up sessions",
		Long: "Make up sessions that look real and lie in the three years before October 2026.\nWorks beside a running server.\n\n" +
			"The same --sessions, --seed and --trails make the same sessions, and those that\nare stored already are skipped. A different number or seed makes different ones.",
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("trails") {
				trails = seed.DefaultTrailShare(sessions)
			}
			g, err := seed.New(number, sessions, trails)
			if err != nil {
				return &usageError{err}
			}
			return withData(cmd, func(data *server.Data) error {
				bar := newProgress(streams.Err)
				started := time.Now()
				done, err := data.Seed(cmd.Context(), g, func(f seed.Filled) { bar.count(f.Stored+f.Skipped, sessions) })
				bar.clear()
				return report(cmd.Context(), streams.Err, tally{done.Stored, done.Skipped, done.Trails}, time.Since(started), err)
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&sessions, "sessions", 1000, "how many sessions")
	flags.Uint64Var(&number, "seed", 1, "number that the sessions are made from")
	flags.Float64Var(&trails, "trails", 0, "share of the sessions with a trail file, 0 to 1\n(default 0.01, or less such that it makes about 2,000)")
	return cmd
}

type tally struct{ stored, skipped, trails int }

// report says what was done, even if err ended it early, and returns what the
// command should return.
func report(ctx context.Context, w io.Writer, t tally, took time.Duration, err error) error {
	if err == nil || t != (tally{}) {
		rate := float64(t.stored+t.skipped) / max(took.Seconds(), 1e-9)
		fmt.Fprintf(w, "stored %d sessions (skipped %d) and %d trail files in %s, %.0f sessions/s\n",
			t.stored, t.skipped, t.trails, took.Round(time.Millisecond), rate)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		// Not the context's error itself, which would pass for success.
		return errors.New("interrupted; the same command goes on from here")
	}
	return err
}

// progress is a bar on a terminal, and nothing anywhere else.
type progress struct {
	w   io.Writer // nil for no bar
	bar *progressbar.ProgressBar
}

func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{w: w}
	}
	return &progress{}
}

func (p *progress) bytes(done, of int64) { p.show(done, of, progressbar.OptionShowBytes(true)) }

func (p *progress) count(done, of int) {
	p.show(int64(done), int64(of), progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("sessions"))
}

func (p *progress) show(done, of int64, options ...progressbar.Option) {
	if p.w == nil {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(of, append(options,
			progressbar.OptionSetWriter(p.w), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())...)
	}
	_ = p.bar.Set64(min(done, of)) // it only shows something
}

// clear makes room for what is printed next.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
