package app

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Interrupts end a run from outside: Ctrl-C, a terminal that is closed, or SIGTERM.
type Interrupts struct {
	signals chan os.Signal  // nil without Context
	ended   <-chan struct{} // closed after the first
}

// Context ends with the first of them, so that a command can still clean up. The second
// ends the program at once.
func (i *Interrupts) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	i.signals, i.ended = make(chan os.Signal, 1), ctx.Done()
	signal.Notify(i.signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup wants
		signal.Notify(i.signals, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-i.signals:
			cancel()
		case <-ctx.Done():
		}
		signal.Stop(i.signals)
	}()
	return ctx, cancel
}

// Hold leaves Ctrl-C to a program that has the terminal, such as an editor, until release
// is called. Call it once the program has started, which else would ignore it too.
func (i *Interrupts) Hold() (release func()) {
	if i.signals == nil {
		return func() {}
	}
	signal.Ignore(os.Interrupt)
	return func() {
		select {
		case <-i.ended:
			signal.Reset(os.Interrupt)
		default:
			signal.Notify(i.signals, os.Interrupt)
		}
	}
}
