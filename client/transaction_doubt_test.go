package client_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// What was set before the login expired is gone, so going on under a new login would
// commit half of the changes.
func TestTransactionIsLostWithItsLogin(t *testing.T) {
	for name, call := range map[string]func(context.Context, *client.Client, *client.Tx) error{
		"write":              func(ctx context.Context, _ *client.Client, tx *client.Tx) error { return tx.Put(ctx, thing, "half") },
		"read":               func(ctx context.Context, _ *client.Client, tx *client.Tx) error { return tx.Get(ctx, thing, new(any)) },
		"through the client": func(ctx context.Context, c *client.Client, _ *client.Tx) error { return c.Get(ctx, thing, new(any)) },
		"with the other context": func(_ context.Context, _ *client.Client, tx *client.Tx) error {
			return tx.Put(t.Context(), thing, "half")
		},
		"commit": func(context.Context, *client.Client, *client.Tx) error { return nil },
		"after another's login": func(ctx context.Context, c *client.Client, tx *client.Tx) error {
			if err := c.Get(t.Context(), thing, new(any)); err != nil {
				return err
			}
			return tx.Put(ctx, thing, "half")
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTransactional(t)
			c := x.client(t)
			err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
				x.expire()
				return call(ctx, c, tx)
			})
			if !errors.Is(err, client.ErrTransactionLost) || !errors.Is(err, client.ErrUnauthenticated) {
				t.Errorf("the error is %v", err)
			}
			if x.stored != "" {
				t.Errorf("stored %q", x.stored)
			}
			x.open, x.pending = false, "" // as an appliance does when a login ends
			if err := c.Transaction(t.Context(), set("new")); err != nil {
				t.Errorf("the next transaction: %v", err)
			}
			x.state(t, "new")
		})
	}
}

// That 201 tells a new transaction from one that was open is the contract's guess.
func TestTransactionOfAnApplianceThatAnswers200(t *testing.T) {
	x := newTransactional(t)
	x.asked200 = true
	if err := x.client(t).Transaction(t.Context(), set("new")); err != nil {
		t.Fatal(err)
	}
	x.state(t, "new")
}

func TestTransactionWithALostAnswer(t *testing.T) {
	for name, commit := range map[string]http.HandlerFunc{
		"connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"proxy": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusGatewayTimeout)
		},
		"failure of the server": func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalError", "{}") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.HandleFunc(openTx, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
			f.HandleFunc(commitTx, commit)
			f.on(rollbackTx, `{"meta":{}}`)
			err := f.client(t).Transaction(t.Context(), func(context.Context, *client.Tx) error { return nil })
			if !errors.Is(err, client.ErrOutcomeUnknown) {
				t.Errorf("the error is %v", err)
			}
			if r := f.requests(); r[len(r)-1] != rollbackTx {
				t.Errorf("requests: %v", r)
			}
		})
	}
}

// The configuration must not stay locked because the answer to the opening was lost,
// and what somebody else has pending must not go.
func TestTransactionThatMayHaveBeenOpened(t *testing.T) {
	for pending, wantRollback := range map[string]bool{`[]`: true, `[{"type":"replace","path":"/x"}]`: false} {
		for name, open := range map[string]http.HandlerFunc{
			"connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"proxy":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGatewayTimeout) },
			"failure":    func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalError", "{}") },
		} {
			f := newFake(t)
			f.HandleFunc(openTx, open)
			f.on(changesTx, `{"changes":`+pending+`}`)
			f.on(rollbackTx, `{"meta":{}}`)
			err := f.client(t).Transaction(t.Context(), func(context.Context, *client.Tx) error { return nil })
			if err == nil {
				t.Error("no error")
			}
			r := f.requests()
			if got := r[len(r)-1] == rollbackTx; got != wantRollback {
				t.Errorf("%s, with %s pending: %v", name, pending, r)
			}
		}
	}
}

func TestTransactionWithoutALogin(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.URL, client.WithPassword(user, "wrong"))
	err := c.Transaction(t.Context(), func(context.Context, *client.Tx) error { return nil })
	if !errors.Is(err, client.ErrAuthenticationFailed) {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff([]string{logIn}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTransactionThatCannotBeRolledBack(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(openTx, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	f.HandleFunc(rollbackTx, func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalError", "{}") })
	wrong := errors.New("wrong")
	err := f.client(t).Transaction(t.Context(), func(context.Context, *client.Tx) error { return wrong })
	if !errors.Is(err, wrong) || !errors.Is(err, client.ErrInternal) {
		t.Errorf("the error is %v", err)
	}
}

// The token of one appliance must not go to another.
func TestTransactionContextAndAnotherClient(t *testing.T) {
	x := newTransactional(t)
	other := newFake(t)
	other.newToken() // so that the tokens differ
	other.on("GET /api/info", `{"body":{}}`)
	oc := other.client(t)
	err := x.client(t).Transaction(t.Context(), func(ctx context.Context, _ *client.Tx) error {
		_, err := oc.Info(ctx)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{logIn, "GET /api/info"}, other.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// A commit of doubtful outcome may have ended the transaction.
func TestTransactionThatIsOverAtTheRollback(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(openTx, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	f.HandleFunc(rollbackTx, func(w http.ResponseWriter, _ *http.Request) { fail(w, 409, "NoTransaction", "{}") })
	wrong := errors.New("wrong")
	err := f.client(t).Transaction(t.Context(), func(context.Context, *client.Tx) error { return wrong })
	if !errors.Is(err, wrong) || errors.Is(err, client.ErrNoTransaction) {
		t.Errorf("the error is %v", err)
	}
}

// The caller's transport may log in, so that the client has no token.
func TestTransactionWithALoginOfTheTransport(t *testing.T) {
	x := newTransactional(t)
	token := x.newToken()
	c := newClient(t, x.URL, client.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Cookie", "session_id="+token)
		return http.DefaultTransport.RoundTrip(r)
	})}))
	wrong := errors.New("wrong")
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := tx.Put(ctx, thing, "new"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return wrong
	})
	if !errors.Is(err, wrong) {
		t.Errorf("the error is %v", err)
	}
	x.state(t, "")
	if r := x.requests(); r[0] != openTx || r[len(r)-1] != rollbackTx {
		t.Errorf("requests: %v", r)
	}

	err = c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		x.expire()
		return tx.Put(ctx, thing, "half")
	})
	if !errors.Is(err, client.ErrTransactionLost) {
		t.Errorf("after its end: %v", err)
	}
	if err := c.Transaction(t.Context(), set("new")); errors.Is(err, client.ErrTransactionLost) || !errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("without a login: %v", err)
	}
}

func TestTransactionIsNotEndedFromOutside(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		if err := c.RollBack(t.Context()); !errors.Is(err, client.ErrTransactionOpen) {
			t.Errorf("RollBack: %v", err)
		}
		if err := c.Logout(t.Context()); !errors.Is(err, client.ErrTransactionOpen) {
			t.Errorf("Logout: %v", err)
		}
		if err := errors.Join(set("dropped")(ctx, tx), c.RollBack(ctx)); err != nil {
			t.Error(err)
		}
		x.state(t, "")
		x.tx.Lock()
		x.open = true // the fake takes writes at any time, but commits only then
		x.tx.Unlock()
		return set("new")(ctx, tx)
	})
	if err != nil {
		t.Error(err)
	}
	x.state(t, "new")
}
