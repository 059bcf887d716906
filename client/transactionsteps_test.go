package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

// Several programs that share a login make one transaction, step by step.
func TestIntegrationTransactionInSteps(t *testing.T) {
	bothGenerations(t, func(t *testing.T, _ *servertest.Server, connect func(...client.Option) *client.Client) {
		c, other := connect(), connect()
		status := func(want client.TransactionState) {
			t.Helper()
			got, err := c.TransactionStatus(t.Context())
			if err != nil || got.State != want || got.CommitMessage != client.CommitMessageOptional ||
				got.Remaining < 9*time.Minute || got.Remaining > 10*time.Minute {
				t.Errorf("the status is %+v, %v", got, err)
			}
		}
		status(client.TransactionClosed)
		if err := c.CommitTransaction(t.Context(), ""); !errors.Is(err, client.ErrNoTransaction) {
			t.Errorf("a commit of nothing: %v", err)
		}
		if err := c.OpenTransaction(t.Context()); err != nil {
			t.Fatal(err)
		}
		status(client.TransactionOpen)
		put := func(level string) {
			t.Helper()
			body := `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":` + level + `}}`
			if v, err := c.Info(t.Context()); err != nil || strings.HasPrefix(v.Version, "8") {
				body = `{"channel_database_cleanup":{"enabled":false},"service":{"enabled":true,"log_level":` + level + `}}`
			}
			resp, err := c.Raw(t.Context(), http.MethodPut, "/api/configuration/vnc/options", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if err := client.CheckResponse(resp); err != nil {
				t.Fatal(err)
			}
		}
		put("9")
		if err := c.OpenTransaction(t.Context()); !errors.Is(err, client.ErrTransactionOpen) {
			t.Errorf("opened once more: %v", err)
		}
		if err := c.OpenTransaction(t.Context(), client.WithAdoption()); err != nil {
			t.Errorf("adopted: %v", err)
		}
		changes, err := c.Changes(t.Context())
		const want = "--- /api/configuration/vnc/options\n+++ /api/configuration/vnc/options\n-service/log_level: 4\n+service/log_level: 9\n"
		if diff := cmp.Diff(want, client.FormatDiff(changes)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if err := c.CommitTransaction(t.Context(), "step by step"); err != nil {
			t.Fatal(err)
		}
		status(client.TransactionClosed)
		if got := logLevel(t, other); got != 9 {
			t.Errorf("the level is %d", got)
		}

		if err := c.OpenTransaction(t.Context()); err != nil {
			t.Fatal(err)
		}
		put("3")
		if err := c.RollBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		status(client.TransactionClosed)
		if err := other.Transaction(t.Context(), setLogLevel(2)); err != nil {
			t.Errorf("the configuration is still locked: %v", err)
		}
	})
}

func TestTransactionInStepsWithinAnother(t *testing.T) {
	x := newTransactional(t)
	c := x.client(t)
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		for name, err := range map[string]error{
			"OpenTransaction": c.OpenTransaction(ctx), "CommitTransaction": c.CommitTransaction(ctx, ""),
		} {
			if !errors.Is(err, client.ErrTransactionOpen) {
				t.Errorf("%s: %v", name, err)
			}
		}
		return set("new")(ctx, tx)
	})
	if err != nil {
		t.Error(err)
	}
	x.state(t, "new")
}

func TestTransactionStatusForms(t *testing.T) {
	for document, want := range map[string]*client.TransactionStatus{
		`{"key":"transaction","transaction":{"status":"closed"},"meta":{}}`:                                                                          {State: client.TransactionClosed},
		`{"key":"transaction","body":{"status":"open","commit_message":"required"},"meta":{"remaining_seconds":60}}`:                                 {State: client.TransactionOpen, CommitMessage: client.CommitMessageRequired, Remaining: time.Minute},
		`{"key":"transaction","body":{"status":"frozen","commit_message":"sung"},"transaction":{"status":"open"},"meta":{"remaining_seconds":null}}`: {State: "frozen", CommitMessage: "sung"},
		`{"key":"transaction","meta":{}}`: nil,
	} {
		f := newFake(t)
		f.on("GET /api/transaction", document)
		got, err := f.client(t).TransactionStatus(t.Context())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
		if want == nil && !errors.Is(err, client.ErrUnexpectedAnswer) || want != nil && err != nil {
			t.Errorf("%s: %v", document, err)
		}
	}
	f := newFake(t)
	f.HandleFunc("GET /api/transaction", func(w http.ResponseWriter, _ *http.Request) { fail(w, 403, "Unauthorized", "{}") })
	if _, err := f.client(t).TransactionStatus(t.Context()); !errors.Is(err, client.ErrUnauthorized) {
		t.Errorf("the error is %v", err)
	}
}
