package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// rollbackTimeout bounds the roll-back that follows a failure, which goes on even
// when the caller's context has ended.
const rollbackTimeout = 15 * time.Second

// TransactionOption is a setting of Transaction.
type TransactionOption func(*transactionSettings)

type transactionSettings struct {
	message  string
	adopt    bool
	lockWait time.Duration
}

func settingsOf(opts []TransactionOption) (s transactionSettings) {
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// WithCommitMessage says why the configuration is changed. An appliance can be set
// up to demand that, from version 7.0 on.
func WithCommitMessage(message string) TransactionOption {
	return func(s *transactionSettings) { s.message = message }
}

// WithAdoption goes on with the transaction that the login has open already, if it
// has one, and commits or rolls back what is pending in it too.
func WithAdoption() TransactionOption {
	return func(s *transactionSettings) { s.adopt = true }
}

// Transaction opens a transaction, calls fn, and commits when fn returns nil. When
// fn returns an error, when it panics, when ctx ends, or when the commit fails, it
// rolls back, so that nothing stays open or locked; the error says if even that
// failed. The answer to a write that is on its way when ctx ends is awaited for up to
// five seconds, so that the roll-back cannot overtake it.
//
// What fn does must go through tx, or at least through the ctx that it gets. Both
// are tied to the login that opened the transaction: when that expires, the
// transaction ends with it, and every further call fails with ErrTransactionLost
// instead of going on under a new login, where the earlier changes are missing.
//
// If somebody else holds the configuration the error is ErrLocked, and Error.Lock
// tells who and since when; WithLockWait waits for it. ErrConflict says that somebody
// else committed a change of the same object in the meantime, and Error.Conflict tells
// which. If this login has pending changes already, that
// is ErrTransactionOpen, unless WithAdoption is given; nested calls and concurrent
// ones on the same Client are ErrTransactionOpen too. ErrOutcomeUnknown says that
// the answer to the commit was lost, or that the server failed.
//
// Clients with one login store share a login, and a login has one transaction: they
// would commit each other's changes. So with WithLoginStore every transaction that is
// open already is ErrTransactionOpen, even without pending changes, and WithLockWait
// waits for its end. Clients that open one in the very same moment may still share it;
// those that have to be safe from that need logins of their own.
func (c *Client) Transaction(ctx context.Context, fn func(ctx context.Context, tx *Tx) error, opts ...TransactionOption) error {
	s := settingsOf(opts)
	// The transaction belongs to the login, and the login to the client.
	if !c.inTransaction.CompareAndSwap(false, true) {
		return fmt.Errorf("open a transaction: %w", ErrTransactionOpen)
	}
	defer c.inTransaction.Store(false)

	tx := &Tx{client: c, pin: &pin{}}
	defer tx.pin.over.Store(true)
	ctx = c.login.withPin(ctx, tx.pin)
	if err := tx.open(ctx, s); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // fn panics, or ends its goroutine
			_ = tx.rollback(ctx) // the panic is what the caller needs to see
		}
	}()
	err := fn(ctx, tx)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = c.commit(ctx, s.message)
	}
	done = true
	if err == nil {
		return nil
	}
	if rollbackErr := tx.rollback(ctx); rollbackErr != nil {
		return fmt.Errorf("%w; and the transaction may still be open: %w", err, rollbackErr)
	}
	return err
}

// open opens the transaction, and waits for a lock as long as it may.
func (tx *Tx) open(ctx context.Context, s transactionSettings) error {
	wait := lockWait{most: s.lockWait}
	for {
		err := tx.tryOpen(ctx, s.adopt)
		if !errors.Is(err, ErrLocked) && !errors.Is(err, errOthersOpen) {
			return err
		}
		if err := wait.pause(ctx, err); err != nil {
			return err
		}
		tx.pin.clear() // the login may end during the wait, and nothing is lost with it
	}
}

// errOthersOpen says that whoever shares the login may have opened its transaction.
var errOthersOpen = fmt.Errorf("open a transaction: %w, maybe by another program with the same login store", ErrTransactionOpen)

func (tx *Tx) tryOpen(ctx context.Context, adopt bool) error {
	if tx.client.login.store != nil && !adopt {
		now, err := tx.client.TransactionStatus(ctx)
		if err != nil {
			return err
		}
		if now.State == TransactionOpen {
			return errOthersOpen
		}
	}
	var status int
	err := tx.client.call(withRepeat(ctx), "openTransaction", nil, func(ctx context.Context) (*http.Response, error) {
		resp, err := tx.client.api.OpenTransaction(ctx)
		if err == nil {
			status = resp.StatusCode
		}
		return resp, err
	})
	var answer *Error
	switch {
	case errors.As(err, &answer) && answer.declines():
		return err
	case err != nil: // it may have been opened all the same
		tx.leave(ctx)
		return err
	case status == http.StatusCreated, adopt:
		return nil
	}
	// 200 says that it was open before, if the appliance answers as the contract assumes.
	// Whether it does is not certain, but only pending changes would do harm.
	changes, err := tx.Changes(ctx)
	switch {
	case err != nil:
		tx.leave(ctx)
		return err
	case len(changes) > 0:
		return fmt.Errorf("open a transaction: %w, with pending changes", ErrTransactionOpen)
	}
	return nil
}

// leave rolls back a transaction that may or may not have been opened just now, but
// no changes that somebody else has pending in it.
func (tx *Tx) leave(ctx context.Context) {
	if !tx.pin.set {
		return // it never came to a login
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if changes, err := tx.Changes(ctx); err == nil && len(changes) == 0 {
		_ = tx.rollback(ctx) // the caller gets the error that led here
	}
}

func (c *Client) commit(ctx context.Context, message string) error {
	body := api.TransactionCommit{Status: api.CommitStatusCommit, CommitMessage: optional(message)}
	err := c.call(ctx, "commitTransaction", nil, func(ctx context.Context) (*http.Response, error) {
		return c.api.CommitTransaction(ctx, body)
	})
	if err == nil {
		return nil
	}
	var answer *Error
	if errors.As(err, &answer) && answer.declines() {
		return err
	}
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
}

// rollback goes on when ctx has ended, but not for long. A transaction that went with
// its login needs none.
func (tx *Tx) rollback(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if err := tx.client.rollBack(ctx); !errors.Is(err, ErrUnauthenticated) {
		return err
	}
	return nil
}

// explain says of a failure within a transaction that the transaction is lost, if it
// is.
func (l *loginLayer) explain(ctx context.Context, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Type == TypeUnauthenticated {
		if p := l.pinOf(ctx); p != nil && p.set {
			lost := *e
			lost.cause = ErrTransactionLost
			return &lost
		}
	}
	return err
}
