package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// TransactionState says whether a transaction is open. Values that this package doesn't
// know are kept as they came.
type TransactionState string

// The states that the contract lists.
const (
	TransactionClosed TransactionState = "closed"
	TransactionOpen   TransactionState = "open"
)

// CommitMessagePolicy says whether a commit needs a message. Values that this package
// doesn't know are kept as they came.
type CommitMessagePolicy string

// The policies that the contract lists.
const (
	CommitMessageRequired CommitMessagePolicy = "required"
	CommitMessageOptional CommitMessagePolicy = "optional"
)

// TransactionStatus is the state of a login's transaction.
type TransactionStatus struct {
	State         TransactionState
	CommitMessage CommitMessagePolicy // empty if the server doesn't say, as up to 6.x
	// Remaining is how long the login lives without another request, and with it the
	// transaction. 0 if the server doesn't say.
	Remaining time.Duration
}

// TransactionStatus tells whether this login has a transaction open. Those of others
// don't show.
func (c *Client) TransactionStatus(ctx context.Context) (*TransactionStatus, error) {
	type status struct {
		Status        TransactionState
		CommitMessage CommitMessagePolicy `json:"commit_message"`
	}
	var document struct {
		Body        status
		Transaction status // up to 7.5
		Meta        struct {
			Remaining seconds `json:"remaining_seconds"`
		}
	}
	err := c.call(ctx, "getTransaction", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetTransaction(ctx)
	})
	if err != nil {
		return nil, err
	}
	s := document.Body
	if s.Status == "" {
		s = document.Transaction
	}
	if s.Status == "" {
		return nil, fmt.Errorf("getTransaction: %w: it tells no state", ErrUnexpectedAnswer)
	}
	return &TransactionStatus{s.Status, s.CommitMessage, document.Meta.Remaining.duration()}, nil
}

// OpenTransaction opens a transaction that stays open until CommitTransaction or
// RollBack, or until the login ends. It is for programs whose steps are runs of their
// own and share a login; others are better off with Transaction, which never leaves the
// configuration locked. Of its options those that are about opening count:
// WithLockWait, and WithAdoption, without which a transaction of this login that has
// pending changes is ErrTransactionOpen; with WithLoginStore, one without changes too.
//
// Changes are written with Raw then, and outside of Transaction nothing keeps them
// together: once the login has expired, a newer appliance begins another transaction
// with the next write. See TransactionStatus before committing.
//
// While a Transaction runs, this is ErrTransactionOpen, and so are CommitTransaction
// and, from outside of its function, RollBack.
func (c *Client) OpenTransaction(ctx context.Context, opts ...TransactionOption) error {
	if c.inTransaction.Load() {
		return fmt.Errorf("open a transaction: %w", ErrTransactionOpen)
	}
	tx := &Tx{client: c, pin: &pin{}} // ties only the opening to one login
	defer tx.pin.over.Store(true)
	return tx.open(c.login.withPin(ctx, tx.pin), settingsOf(opts))
}

// CommitTransaction commits the transaction that this login has open. Without a
// message, give "". ErrNoTransaction says that none is open, maybe because the login
// that opened it has expired. After ErrConflict, as after every refusal, the
// transaction stays open. ErrOutcomeUnknown says that the answer was lost.
func (c *Client) CommitTransaction(ctx context.Context, message string) error {
	if c.inTransaction.Load() {
		return fmt.Errorf("commit: %w", ErrTransactionOpen)
	}
	return c.commit(ctx, message)
}

// RollBack drops the pending changes of the client's login, for instance those of a
// Transaction that failed to roll back. Without an open transaction nothing happens.
//
// While a Transaction runs, only the function within may call it, with the ctx that
// it got; others get ErrTransactionOpen.
func (c *Client) RollBack(ctx context.Context) error {
	if err := c.outside(ctx, "roll back"); err != nil {
		return err
	}
	return c.rollBack(ctx)
}

// outside refuses what would end a running Transaction from outside.
func (c *Client) outside(ctx context.Context, what string) error {
	if c.inTransaction.Load() && c.login.pinOf(ctx) == nil {
		return fmt.Errorf("%s: %w", what, ErrTransactionOpen)
	}
	return nil
}

func (c *Client) rollBack(ctx context.Context) error {
	err := c.call(withRepeat(ctx), "rollbackTransaction", nil, func(ctx context.Context) (*http.Response, error) {
		return c.api.RollbackTransaction(ctx)
	})
	if errors.Is(err, ErrNoTransaction) {
		return nil // it is over already
	}
	return err
}
