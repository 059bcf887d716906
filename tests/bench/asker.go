//go:build linux

package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/spskit/spskit/tests/bench/floors/ask"
)

// asker is the floor of session search: a process that runs SQL on the database
// file of spsd.
type asker struct {
	questions *gob.Encoder
	answers   *gob.Decoder
	stop      func() // ends it, and waits until it has
}

func (b *bench) startAsker(ctx context.Context) (*asker, error) {
	ctx, end := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, b.floor("search"), "-db", b.database()) //nolint:gosec // the floor is ours
	var log lockedBuffer
	cmd.Stderr = &log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		end()
		return nil, err
	}
	// A pipe of its own: that of the command would be closed while it is read.
	out, answers := io.Pipe()
	cmd.Stdout = answers
	if err := cmd.Start(); err != nil {
		end()
		return nil, fmt.Errorf("start the floor of search: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := cmd.Wait()
		answers.CloseWithError(fmt.Errorf("the floor of search ended: %w\n%s", errors.Join(err, io.ErrUnexpectedEOF), log.String()))
	}()
	return &asker{
		questions: gob.NewEncoder(in), answers: gob.NewDecoder(out),
		stop: func() {
			_ = out.Close() // it may wait to be read
			end()
			<-ended
		},
	}, nil
}

func (a *asker) ask(q ask.Question) (ask.Answer, error) {
	var answer ask.Answer
	if err := a.questions.Encode(q); err != nil {
		return answer, err
	}
	if err := a.answers.Decode(&answer); err != nil {
		return answer, err
	}
	if answer.Err != "" {
		return answer, fmt.Errorf("%s: %s", q.SQL, answer.Err)
	}
	return answer, nil
}

// rows asks for values.
func (a *asker) rows(sql string, args ...any) ([][]string, error) {
	answer, err := a.ask(ask.Question{SQL: sql, Args: args, Keep: true})
	return answer.Values, err
}

// numbers asks for one row of numbers.
func (a *asker) numbers(sql string, args ...any) ([]int64, error) {
	rows, err := a.rows(sql, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("%s: %d rows", sql, len(rows))
	}
	numbers := make([]int64, len(rows[0]))
	for i, text := range rows[0] {
		if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	return numbers, nil
}
