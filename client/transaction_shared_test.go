package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
)

// Clients with one store have one login, and so one transaction: nobody may commit what
// another rolls back.
func TestTransactionOfASharedLogin(t *testing.T) {
	for name, asked200 := range map[string]bool{"as the contract has it": false, "of an appliance that answers 200": true} {
		t.Run(name, func(t *testing.T) {
			x, store := newTransactional(t), &memory{}
			x.asked200 = asked200
			a, b := x.client(t, client.WithLoginStore(store)), x.client(t, client.WithLoginStore(store))
			wrong := errors.New("wrong")
			err := a.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
				err := b.Transaction(t.Context(), func(context.Context, *client.Tx) error {
					return tx.Put(ctx, thing, "half")
				})
				if !errors.Is(err, client.ErrTransactionOpen) {
					t.Errorf("the other one: %v", err)
				}
				if err := b.OpenTransaction(t.Context()); !errors.Is(err, client.ErrTransactionOpen) {
					t.Errorf("in steps: %v", err)
				}
				return wrong
			})
			if !errors.Is(err, wrong) {
				t.Errorf("the error is %v", err)
			}
			x.state(t, "")
			if err := b.Transaction(t.Context(), set("new")); err != nil {
				t.Error(err)
			}
			x.state(t, "new")
		})
	}
}

func TestTransactionWaitsForASharedLogin(t *testing.T) {
	x, store := newTransactional(t), &memory{}
	a, b := x.client(t, client.WithLoginStore(store)), x.client(t, client.WithLoginStore(store))
	if err := a.OpenTransaction(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := b.Transaction(t.Context(), set("new"), client.WithLockWait(time.Millisecond))
	if !errors.Is(err, client.ErrTransactionOpen) {
		t.Errorf("the error is %v", err)
	}
	asked := 0
	b = x.client(t, client.WithLoginStore(store), client.WithRoundTripper(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if asked++; asked == 2 {
				if err := a.RollBack(t.Context()); err != nil {
					t.Error(err)
				}
			}
			return next.RoundTrip(r)
		})
	}))
	if err := b.Transaction(t.Context(), set("new"), client.WithLockWait(time.Hour)); err != nil {
		t.Error(err)
	}
	x.state(t, "new")
	if err := a.OpenTransaction(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Transaction(t.Context(), set("adopted"), client.WithAdoption()); err != nil {
		t.Error(err)
	}
	x.state(t, "adopted")
}
