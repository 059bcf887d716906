// Package auth has the commands about the login: login, logout and whoami.
//
// To add a verb, copy logout.go, which is the smallest, or whoami.go for one with a
// result, and list it in New.
package auth

import (
	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

// New makes the commands.
func New(a *app.App) []*cobra.Command {
	return []*cobra.Command{newLogin(a), newLogout(a), newWhoami(a)}
}
