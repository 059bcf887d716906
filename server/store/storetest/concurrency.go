package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

// parallel runs fn n times at once and fails with the first error.
func parallel(t *testing.T, n int, fn func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	noErr(t, errors.Join(errs...))
}

var concurrencyTests = []test{
	{"of many that lock the configuration one succeeds", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		const n = 8
		for i := range n {
			addLogin(t, s, "ann", byte(i+1))
		}
		var opened, locked atomic.Int32
		parallel(t, n, func(i int) error {
			_, ok, err := s.OpenTransaction(t.Context(), loginID(byte(i+1)), epoch, true)
			if ok {
				opened.Add(1)
			}
			if errors.Is(err, store.ErrLocked) {
				locked.Add(1)
				return nil
			}
			return err
		})
		diff(t, []int32{1, n - 1}, []int32{opened.Load(), locked.Load()})
	}},
	{"of many that commit the same document one succeeds", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		const n = 8
		for i := range n {
			id := addLogin(t, s, "ann", byte(i+1))
			begin(t, s, id)
			noErr(t, s.PutDocument(t.Context(), id, "/a", []byte(fmt.Sprint(i))))
		}
		var won, lost atomic.Int32
		parallel(t, n, func(i int) error {
			_, err := s.CommitTransaction(t.Context(), loginID(byte(i+1)), store.Commit{Time: epoch})
			if errors.Is(err, store.ErrConflict) {
				lost.Add(1)
				return nil
			}
			if err == nil {
				won.Add(1)
			}
			return err
		})
		diff(t, []int32{1, n - 1}, []int32{won.Load(), lost.Load()})
		revision, err := s.Revision(t.Context())
		noErr(t, err)
		diff(t, int64(1), revision)
	}},
	{"of many that take a name one gets it", func(t *testing.T, s store.Store) {
		var created atomic.Int32
		parallel(t, 8, func(int) error {
			err := s.CreateUser(t.Context(), store.User{Name: "ann", CreatedAt: epoch})
			if errors.Is(err, store.ErrExists) {
				return nil
			}
			created.Add(1)
			return err
		})
		diff(t, int32(1), created.Load())
	}},
	{"readers and writers do not fail each other", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		id := addLogin(t, s, "ann", 1)
		const rounds, batch = 20, 10
		parallel(t, 5, func(i int) error {
			for round := range rounds {
				var err error
				switch i {
				case 0, 1:
					sessions := make([]store.Session, batch)
					for j := range sessions {
						sessions[j] = newSession(fmt.Sprintf("s%d-%d-%d", i, round, j), epoch.Add(time.Duration(round)*time.Second), nil)
					}
					_, err = s.PutSessions(t.Context(), sessions)
				case 2:
					err = s.ExtendLogin(t.Context(), id, epoch, epoch.Add(time.Hour+time.Duration(round)*time.Second))
					if errors.Is(err, store.ErrBusy) { // it need not wait for the batches
						err = nil
					}
				case 3:
					_, err = s.Login(t.Context(), id, epoch)
				case 4:
					err = wholeBatches(t.Context(), s, batch)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		wantCount(t, s, 2*rounds*batch)
		l, err := s.Login(t.Context(), id, epoch)
		noErr(t, err)
		diff(t, epoch.Add(time.Hour+(rounds-1)*time.Second).UTC(), l.ExpiresAt)
	}},
	{"Close waits for running calls", func(t *testing.T, s store.Store) {
		put(t, s, manySessions(200)...)
		var done atomic.Bool
		closed := make(chan error, 1)
		rows := 0
		noErr(t, s.WalkSessions(t.Context(), store.Page{Limit: 200, Bodies: true}, func(string, []byte) error {
			rows++
			if rows == 1 {
				go func() {
					err := s.Close()
					if err == nil && !done.Load() {
						err = errors.New("closed in the middle of a call")
					}
					closed <- err
				}()
			}
			done.Store(rows == 200)
			return nil
		}))
		diff(t, 200, rows)
		noErr(t, <-closed)
	}},
}

// wholeBatches fails if a walk or a count sees part of a batch.
func wholeBatches(ctx context.Context, s store.Store, batch int) error {
	n := 0
	err := s.WalkSessions(ctx, store.Page{Limit: 10000, Bodies: true}, func(string, []byte) error {
		n++
		return nil
	})
	if err != nil {
		return err
	}
	counted, err := s.CountSessions(ctx, store.Filter{}, 10000)
	if err != nil {
		return err
	}
	if n%batch != 0 || counted%batch != 0 || counted < n {
		return fmt.Errorf("saw %d sessions, then %d, of batches of %d", n, counted, batch)
	}
	return nil
}
