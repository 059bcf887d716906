// Command spsctl works with Safeguard for Privileged Sessions over its REST API.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spskit/spskit/client/internal/cli"
	"github.com/spskit/spskit/client/internal/cli/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	code := cli.Run(ctx, os.Args[1:], app.OS())
	stop()
	os.Exit(code)
}
