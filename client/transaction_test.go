package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

func TestTransactionCommits(t *testing.T) {
	x := newTransactional(t)
	err := x.client(t).Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		if err := tx.Put(ctx, thing, "new"); err != nil {
			return err
		}
		var document client.Document[string]
		if err := tx.Get(ctx, thing, &document); err != nil || document.Body != "new" || document.Key != "thing" {
			t.Errorf("read %+v, %v", document, err)
		}
		changes, err := tx.Changes(ctx)
		want := []client.Change{{
			Type: client.ChangeReplace, Path: thing + "#", OldValue: json.RawMessage(`""`), NewValue: json.RawMessage(`"new"`),
		}}
		if diff := cmp.Diff(want, changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		return err
	}, client.WithCommitMessage("because"))
	if err != nil {
		t.Fatal(err)
	}
	x.state(t, "new")
	if x.message != "because" {
		t.Errorf("the message is %q", x.message)
	}
	want := []string{logIn, openTx, setThing, "GET " + thing, changesTx, commitTx}
	if diff := cmp.Diff(want, x.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTransactionRollsBackAfterAnError(t *testing.T) {
	x := newTransactional(t)
	wrong := errors.New("wrong")
	err := x.client(t).Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		return errors.Join(set("new")(ctx, tx), wrong)
	})
	if !errors.Is(err, wrong) {
		t.Errorf("the error is %v", err)
	}
	x.state(t, "")
	want := []string{logIn, openTx, setThing, rollbackTx}
	if diff := cmp.Diff(want, x.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTransactionRollsBackAfterAPanic(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	defer func() {
		if p := recover(); p != "at the disco" {
			t.Errorf("the panic is %v", p)
		}
		x.state(t, "")
		if err := c.Transaction(t.Context(), set("later")); err != nil {
			t.Errorf("the next transaction: %v", err)
		}
	}()
	_ = c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		_ = set("new")(ctx, tx)
		panic("at the disco")
	})
}

// As t.FailNow does.
func TestTransactionRollsBackAfterGoexit(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
			_ = set("new")(ctx, tx)
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	x.state(t, "")
}

func TestTransactionRollsBackAfterCancel(t *testing.T) {
	x := newTransactional(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := x.client(t).Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
		defer cancel()
		return set("new")(ctx, tx)
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("the error is %v", err)
	}
	x.state(t, "")
	want := []string{logIn, openTx, setThing, rollbackTx}
	if diff := cmp.Diff(want, x.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTransactionRollsBackAfterAFailedCommit(t *testing.T) {
	x := newTransactional(t)
	x.commitStatus, x.commitType = 409, "TransactionConflict"
	err := x.client(t).Transaction(t.Context(), set("new"))
	var answered *client.Error
	if !errors.Is(err, client.ErrConflict) || !errors.As(err, &answered) || answered.Detail("path") != thing {
		t.Errorf("the error is %v", err)
	}
	if errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("the outcome of %v is known", err)
	}
	x.state(t, "")
}

func TestTransactionIsLocked(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(openTx, func(w http.ResponseWriter, _ *http.Request) {
		fail(w, 409, "ConfigurationLocked", `{"holder":"joe","opened_at":"2018-11-14T12:26:59Z"}`)
	})
	err := f.client(t).Transaction(t.Context(), func(context.Context, *client.Tx) error {
		t.Error("the function was called")
		return nil
	})
	var answered *client.Error
	if !errors.Is(err, client.ErrLocked) || !errors.As(err, &answered) || answered.Detail("holder") != "joe" {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff([]string{logIn, openTx}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTransactionOpensAfterExpiry(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.expire()
	if err := c.Transaction(t.Context(), set("new")); err != nil {
		t.Fatal(err)
	}
	x.state(t, "new")
	want := []string{logIn, openTx, logIn, openTx, setThing, commitTx}
	if diff := cmp.Diff(want, x.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTransactionDoesNotNest(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		for _, ctx := range []context.Context{ctx, t.Context()} {
			if err := c.Transaction(ctx, set("inner")); !errors.Is(err, client.ErrTransactionOpen) {
				t.Errorf("the inner one: %v", err)
			}
		}
		return tx.Put(ctx, thing, "outer")
	})
	if err != nil {
		t.Error(err)
	}
	x.state(t, "outer")
}

func TestTransactionWithPendingChanges(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	begin := func() {
		x.open = true
		if err := c.StrayPut(t.Context(), thing, "stray"); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	if err := c.Transaction(t.Context(), set("new")); !errors.Is(err, client.ErrTransactionOpen) {
		t.Errorf("the error is %v", err)
	}
	if !x.open || x.pending != "stray" {
		t.Error("what was pending is gone")
	}
	if err := c.RollBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.state(t, "")
	begin()
	if err := c.Transaction(t.Context(), func(context.Context, *client.Tx) error { return nil }, client.WithAdoption()); err != nil {
		t.Fatal(err)
	}
	x.state(t, "stray")
}

func TestTxAfterItsEnd(t *testing.T) {
	x := newTransactional(t)
	var kept *client.Tx
	var keptCtx context.Context
	c := x.client(t)
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		kept, keptCtx = tx, ctx
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x.requests()
	ctx := t.Context()
	for name, err := range map[string]error{
		"Put": kept.Put(ctx, thing, "late"), "Get": kept.Get(ctx, thing, new(any)), "Delete": kept.Delete(ctx, thing),
		"Post": only(kept.Post(ctx, thing, 1)), "Raw": only(kept.Raw(ctx, "GET", thing, nil)), //nolint:bodyclose // there is none
		"Changes": only(kept.Changes(ctx)), "Diff": only(kept.Diff(ctx)), "Children": collect(kept.Children(ctx, "/api")),
		"Options": only(kept.Options(ctx, client.ProtocolVNC)), "SetOptions": kept.SetOptions(ctx, client.ProtocolVNC, &client.ProtocolOptions{}),
		"List": collect(kept.LocalUsers().List(ctx)), "Create": only(kept.LocalUsers().Create(ctx, &client.LocalUser{})),
		"CreatePassword": only(kept.CreatePassword(ctx, "x")),
	} {
		if !errors.Is(err, client.ErrTransactionDone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r := x.requests(); r != nil {
		t.Errorf("asked for %v", r)
	}
	x.expire()
	if err := c.Get(keptCtx, thing, new(any)); err != nil {
		t.Errorf("its context is of no use any more: %v", err)
	}
}
