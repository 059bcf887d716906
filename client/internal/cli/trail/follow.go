package trail

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

func newFollow(a *app.App) *cobra.Command {
	var path string
	var overwrite, quiet bool
	cmd := &cobra.Command{
		Use:   "follow KEY",
		Short: "Write the trail of a session as the session goes on",
		Long: `Write the trail of a session as the session goes on, in the format srs, to standard
output or with -O into a file. It ends when the session does, or with Ctrl-C. A trail
that grows has to be read from its beginning each time, so the command cannot go on
where another one broke off.`,
		Example: `  spsctl trail follow KEY -O session.srs
  spsctl trail follow KEY | player -`,
		Args:              app.Args(1),
		ValidArgsFunction: a.SessionKeys(),
	}
	cmd.Flags().StringVarP(&path, "output-file", "O", stdout, "`file` to write, or - for standard output")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace a file that exists")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "show no progress, and say nothing but errors")
	return a.Do(cmd, func(ctx context.Context, args []string) (err error) {
		if path == "" {
			return failure.Usage("-O needs the name of a file, or - for standard output")
		}
		if path == stdout {
			if err := checkStdout(a); err != nil {
				return err
			}
		}
		sps, err := a.Client()
		if err != nil {
			return err
		}
		trail, info, err := sps.FollowTrail(ctx, args[0])
		if err != nil {
			return err
		}
		defer trail.Close()
		if a.Dry() {
			return nil
		}
		out, err := create(a, path, overwrite)
		if err != nil {
			return explain(err)
		}
		defer func() {
			if closeErr := out.Close(); err == nil {
				err = closeErr
			}
		}()
		bar := newProgress(a, quiet)
		defer bar.end()
		n, err := io.Copy(io.MultiWriter(out, bar.of(args[0], info.Size)), trail)
		bar.end()
		if err != nil {
			return err
		}
		if !quiet {
			a.Notef("The session is over; its trail has %s.", size(n))
		}
		return nil
	})
}

// create opens what the trail is written to, which is the user's alone.
func create(a *app.App, path string, overwrite bool) (io.WriteCloser, error) {
	if path == stdout {
		return unclosed{a.Out}, nil
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if overwrite {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	return os.OpenFile(path, mode, 0o600)
}

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
