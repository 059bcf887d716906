// Command spsctl works with Safeguard for Privileged Sessions over its REST API.
package main

import (
	"context"
	"os"

	"github.com/spskit/spskit/client/internal/cli"
	"github.com/spskit/spskit/client/internal/cli/app"
)

func main() {
	system := app.OS()
	ctx, stop := system.Interrupts.Context(context.Background())
	code := cli.Run(ctx, os.Args[1:], system)
	stop()
	os.Exit(code)
}
