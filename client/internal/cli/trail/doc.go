// Package trail has the commands about audit trails: download, for whole ones, and
// follow, for one that still grows. What is downloaded is the SDK's business; the
// package chooses sessions, shows how far it is, and tells what came of it.
//
// To add a verb, copy follow.go, which is the smaller, and list it in New.
package trail

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

// New makes the command with its verbs.
func New(a *app.App) []*cobra.Command {
	return []*cobra.Command{app.Group(&cobra.Command{
		Use:     "trail",
		Aliases: []string{"trails"},
		Short:   "Download audit trails, or follow them while they grow",
	}, newDownload(a), newFollow(a))}
}

// stdout is the name of a file that means standard output.
const stdout = "-"

// checkStdout refuses to write a trail where a person would see it.
func checkStdout(a *app.App) error {
	if a.Terminal(a.Out) && !a.Dry() {
		return failure.Usage("a trail is no text, and standard output is a terminal: pipe it into a program, or give a file with -O FILE")
	}
	return nil
}

// explain says what to try when a file is in the way.
func explain(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return failure.WithHint(err, failure.Failed, "replace the file with --overwrite, or choose another place")
	}
	return err
}

// errPrinted ends a download whose request has been printed, which is all that --curl wants.
var errPrinted = errors.New("the request is printed")

// printed takes no byte.
type printed struct{}

func (printed) Write([]byte) (int, error) { return 0, errPrinted }

// plural writes a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
