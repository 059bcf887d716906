//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/spskit/spskit/tests/bench/floors/ask"
)

// warmups is how many variants are asked for before any is timed. Their answers
// are compared with what the SQL finds.
const warmups = 2

// enough is after what time no more than three requests are timed.
const enough = 30 * time.Second

// figure is what one query took. Times are medians, in seconds.
type figure struct {
	path            string // of one of the requests
	fewest, most    int64  // sessions that the requests select
	sql, http       float64
	answers, repeat int // that were timed, and those of them that had been given before
	failed          error
}

// measureSearch times the variants of a query over HTTP, each next to its SQL.
// That spsd fails, or answers something else than the SQL, goes into the figure:
// the other queries are measured all the same.
func (b *bench) measureSearch(ctx context.Context, q search, f *finder, d *daemon, rounds int) (figure, error) {
	variants, err := q.find(f)
	if err != nil {
		return figure{}, err
	}
	if len(variants) == 0 {
		return figure{}, errors.New("nothing suitable was found")
	}
	fig := figure{path: variants[0].path, fewest: variants[0].selects, most: variants[0].selects}
	for _, v := range variants {
		fig.fewest, fig.most = min(fig.fewest, v.selects), max(fig.most, v.selects)
	}
	pick := func(i int) variant { return variants[i%len(variants)] }
	var chosen []string
	for _, alternatives := range [][]string{q.rows, q.totals} {
		if len(alternatives) == 0 {
			continue
		}
		best, err := f.fastest(alternatives, pick)
		if err != nil {
			return fig, err
		}
		chosen = append(chosen, best)
	}
	for i := range warmups {
		if fig.failed = check(ctx, q, pick(i), chosen, f.asker, d); fig.failed != nil {
			return fig, ctx.Err()
		}
	}
	c, err := dial(ctx, d.url.Host, nil)
	if err != nil {
		return fig, err
	}
	defer c.close()
	var bySQL, byHTTP []float64
	started := time.Now()
	for i := warmups; i < warmups+rounds && (i < warmups+3 || time.Since(started) < enough); i++ {
		v := pick(i)
		took, err := f.time(chosen, v)
		if err != nil {
			return fig, err
		}
		bySQL = append(bySQL, took.Seconds())
		if took, fig.failed = c.time(d.request(v.path)); fig.failed != nil {
			return fig, ctx.Err()
		}
		byHTTP = append(byHTTP, took.Seconds())
	}
	fig.sql, fig.http = median(bySQL), median(byHTTP)
	fig.answers = len(byHTTP)
	fig.repeat = max(0, warmups+fig.answers-max(warmups, len(variants)))
	return fig, ctx.Err()
}

// fastest is the statement that takes least on the first variants. Before it is
// timed, each has run once on all variants, so that the file is in memory.
func (f *finder) fastest(statements []string, pick func(int) variant) (best string, err error) {
	least := time.Duration(-1)
	for i, statement := range statements {
		if i == 0 {
			for v := range f.wanted {
				if _, err := f.time([]string{statement}, pick(v)); err != nil {
					return "", err
				}
			}
		}
		var sum time.Duration
		for range 2 {
			sum = 0
			for v := range warmups {
				took, err := f.time([]string{statement}, pick(v))
				if err != nil {
					return "", err
				}
				sum += took
			}
		}
		if least < 0 || sum < least {
			least, best = sum, statement
		}
	}
	return best, nil
}

// time is what the statements take together.
func (a *asker) time(statements []string, v variant) (sum time.Duration, err error) {
	for _, statement := range statements {
		answer, err := a.ask(ask.Question{SQL: statement, Args: v.args})
		if err != nil {
			return 0, err
		}
		sum += answer.Took
	}
	return sum, nil
}

// time is what a request takes until the last byte of its answer.
func (c *client) time(request []byte) (time.Duration, error) {
	if err := c.expect(stall); err != nil {
		return 0, err
	}
	started := time.Now()
	err := c.do(request)
	return time.Since(started), err
}

// check compares the answer to a variant with what the SQL finds.
func check(ctx context.Context, q search, v variant, statements []string, a *asker, d *daemon) error {
	body, err := d.get(ctx, v.path, http.StatusOK, nil)
	if err != nil {
		return err
	}
	got, total, err := q.read(body)
	if err != nil {
		return fmt.Errorf("GET %s: %w", v.path, err)
	}
	want, err := a.rows(statements[0], v.args...)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(got, want, func(got, want []string) bool { return slices.Equal(got, want[:len(got)]) }) {
		return fmt.Errorf("GET %s: the answer has %d rows and the SQL %d, and they are not the same", v.path, len(got), len(want))
	}
	if len(statements) == 1 {
		return nil
	}
	n, err := a.numbers(statements[1], v.args...)
	if err == nil && (n[0] != total || n[0] != min(v.selects, 10_000)) {
		err = fmt.Errorf("GET %s: match_count is %d; the SQL counts %d, and its values should select %d", v.path, total, n[0], v.selects)
	}
	return err
}
