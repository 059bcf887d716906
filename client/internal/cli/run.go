package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

// Run runs one command line and returns the exit code, which is one of package
// failure's.
func Run(ctx context.Context, args []string, system app.System) int {
	a := app.New(system)
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return int(failure.OK)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		err = context.Canceled // whatever it interrupted
	case fromCobra(err):
		err = failure.Usage("%w", err)
	}
	return int(failure.Report(system.Err, cmd.CommandPath(), err, a.Query))
}

// fromCobra tells whether cobra refused the command line in its own words, for which
// it has no type.
func fromCobra(err error) bool {
	for _, words := range []string{"if any flags in the group", "required flag(s)", "unknown command "} {
		if strings.HasPrefix(err.Error(), words) {
			return true
		}
	}
	return false
}
