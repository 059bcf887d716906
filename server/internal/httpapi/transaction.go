package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/spskit/spskit/gen/apiserver"
)

type transactionStatus struct {
	CommitMessage string `json:"commit_message,omitempty"`
	Status        string `json:"status"`
}

// transactionDocument has the status twice: older clients read it from the one
// place, newer ones from the other.
func (a *API) transactionDocument(ctx context.Context, status int, open bool) (answer, error) {
	message := "optional"
	switch required, err := a.config.CommitMessageRequired(ctx); {
	case err != nil:
		return answer{}, err
	case required:
		message = "required"
	}
	x := exchangeIn(ctx)
	state, changes := "closed", ""
	if open {
		state, changes = "open", transactionPath+"/changes"
	}
	meta := x.meta(transactionPath, "/api")
	meta.Changes = changes
	return answer{status, encode(struct {
		Body        transactionStatus `json:"body"`
		Key         string            `json:"key"`
		Meta        objectMeta        `json:"meta"`
		Transaction transactionStatus `json:"transaction"`
	}{
		Body: transactionStatus{CommitMessage: message, Status: state}, Key: "transaction",
		Meta: meta, Transaction: transactionStatus{Status: state},
	})}, nil
}

// GetTransaction shows the state of the login's own transaction.
func (h handlers) GetTransaction(ctx context.Context, _ apiserver.GetTransactionRequestObject) (apiserver.GetTransactionResponseObject, error) {
	x := exchangeIn(ctx)
	_, open, err := h.config.Transaction(ctx, x.login.ID)
	if err != nil {
		return nil, err
	}
	return h.transactionDocument(ctx, http.StatusOK, open)
}

// OpenTransaction opens a transaction, or answers with the one that is open.
func (h handlers) OpenTransaction(ctx context.Context, _ apiserver.OpenTransactionRequestObject) (apiserver.OpenTransactionResponseObject, error) {
	x := exchangeIn(ctx)
	opened, err := h.config.Open(ctx, x.login.ID)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if opened {
		status = http.StatusCreated
	}
	return h.transactionDocument(ctx, status, true)
}

// CommitTransaction commits the login's transaction.
func (h handlers) CommitTransaction(ctx context.Context, request apiserver.CommitTransactionRequestObject) (apiserver.CommitTransactionResponseObject, error) {
	x := exchangeIn(ctx)
	message := ""
	if m := request.Body.CommitMessage; m != nil {
		message = *m
	}
	revision, err := h.config.Commit(ctx, x.login.ID, x.login.User, message)
	if err != nil {
		return nil, err
	}
	h.log.InfoContext(ctx, "committed", "revision", revision)
	return h.transactionDocument(ctx, http.StatusOK, false)
}

// RollbackTransaction drops the login's transaction, if there is one.
func (h handlers) RollbackTransaction(ctx context.Context, _ apiserver.RollbackTransactionRequestObject) (apiserver.RollbackTransactionResponseObject, error) {
	x := exchangeIn(ctx)
	if err := h.config.Rollback(ctx, x.login.ID); err != nil {
		return nil, err
	}
	return ok(metaDocument{x.meta(transactionPath, "/api")}), nil
}

type change struct {
	NewValue json.RawMessage `json:"new_value,omitempty"`
	OldValue json.RawMessage `json:"old_value,omitempty"`
	Path     string          `json:"path"`
	Type     string          `json:"type"`
}

// ListTransactionChanges shows what a commit would change.
func (h handlers) ListTransactionChanges(ctx context.Context, _ apiserver.ListTransactionChangesRequestObject) (apiserver.ListTransactionChangesResponseObject, error) {
	x := exchangeIn(ctx)
	pending, err := h.config.Changes(ctx, x.login.ID)
	if err != nil {
		return nil, err
	}
	changes := make([]change, len(pending))
	for i, c := range pending {
		changes[i] = change{Type: string(c.Type), Path: c.Path, OldValue: c.Old, NewValue: c.New}
	}
	meta := x.meta(transactionPath+"/changes", transactionPath)
	meta.Transaction = transactionPath
	return ok(struct {
		Changes []change   `json:"changes"`
		Meta    objectMeta `json:"meta"`
	}{changes, meta}), nil
}
