// Command spsd is a stand-in for the REST API of One Identity Safeguard for
// Privileged Sessions.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spskit/spskit/server/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
