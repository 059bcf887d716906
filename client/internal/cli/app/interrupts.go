package app

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// Interrupts end a run from outside: Ctrl-C, a terminal that is closed, or SIGTERM.
type Interrupts struct{ held atomic.Bool }

// Context ends with the first of them, so that a command can still clean up. The second
// ends the program at once.
func (i *Interrupts) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup wants
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-signals:
				if s != os.Interrupt || !i.held.Load() {
					cancel()
				}
			}
		}
	}()
	return ctx, cancel
}

// Hold leaves Ctrl-C to a program that has the terminal, such as an editor, until release
// is called.
func (i *Interrupts) Hold() (release func()) {
	i.held.Store(true)
	return func() { i.held.Store(false) }
}
