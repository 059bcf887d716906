package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/spskit/spskit/client"
)

const (
	openTx     = "POST /api/transaction"
	commitTx   = "PUT /api/transaction"
	rollbackTx = "DELETE /api/transaction"
	statusTx   = "GET /api/transaction"
	changesTx  = "GET /api/transaction/changes"
	setThing   = "PUT /api/configuration/thing"
	thing      = "/api/configuration/thing"
	logIn      = "GET /api/authentication"
)

// transactional is a fake with one thing that can be configured, to any string.
type transactional struct {
	*fake
	tx sync.Mutex // guards what follows

	open, asked200  bool
	pending, stored string
	message         string
	commitStatus    int // of a failing commit, with commitType
	commitType      string
}

func newTransactional(t *testing.T) *transactional {
	t.Helper()
	x := &transactional{fake: newFake(t)}
	handle := func(pattern string, h func(w http.ResponseWriter, r *http.Request)) {
		x.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			x.tx.Lock()
			defer x.tx.Unlock()
			h(w, r)
		})
	}
	handle(openTx, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 || r.Header.Get("Expect") != "" {
			t.Errorf("opened with length %d and %v", r.ContentLength, r.Header)
		}
		w.Header().Set("Content-Type", "application/json")
		if !x.open && !x.asked200 {
			w.WriteHeader(http.StatusCreated)
		}
		x.open = true
		_, _ = io.WriteString(w, `{"key":"transaction","meta":{},"body":{"status":"open"}}`)
	})
	handle(commitTx, func(w http.ResponseWriter, r *http.Request) {
		var commit struct {
			Status  string
			Message *string `json:"commit_message"`
		}
		if err := json.NewDecoder(r.Body).Decode(&commit); err != nil || commit.Status != "commit" {
			t.Errorf("committed with %+v, %v", commit, err)
		}
		if commit.Message != nil {
			x.message = *commit.Message
		}
		switch {
		case x.commitStatus != 0:
			fail(w, x.commitStatus, x.commitType, `{"path":"/api/configuration/thing"}`)
		case !x.open:
			fail(w, http.StatusConflict, "NoTransaction", "{}")
		default:
			x.open, x.stored, x.pending = false, x.pending, ""
			answer(w, `{"key":"transaction","meta":{}}`)
		}
	})
	handle(rollbackTx, func(w http.ResponseWriter, _ *http.Request) {
		x.open, x.pending = false, ""
		answer(w, `{"meta":{}}`)
	})
	handle(statusTx, func(w http.ResponseWriter, _ *http.Request) {
		status := "closed"
		if x.open {
			status = "open"
		}
		answer(w, fmt.Sprintf(`{"key":"transaction","meta":{},"body":{"status":%q}}`, status))
	})
	handle(changesTx, func(w http.ResponseWriter, _ *http.Request) {
		if x.pending == "" {
			answer(w, `{"changes":[],"meta":{}}`)
			return
		}
		answer(w, fmt.Sprintf(`{"changes":[{"type":"replace","path":"%s#","old_value":%q,"new_value":%q}],"meta":{}}`, thing, x.stored, x.pending))
	})
	handle(setThing, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&x.pending); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("set with %v, %v", r.Header, err)
		}
		w.WriteHeader(http.StatusCreated)
	})
	handle("GET "+thing, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, fmt.Sprintf(`{"key":"thing","body":%q,"meta":{}}`, x.pending))
	})
	return x
}

// state fails unless the fake holds this value and no transaction is open.
func (x *transactional) state(t *testing.T, stored string) {
	t.Helper()
	x.tx.Lock()
	defer x.tx.Unlock()
	if x.stored != stored || x.open {
		t.Errorf("the stored value is %q, want %q; open is %t", x.stored, stored, x.open)
	}
}

func set(value string) func(context.Context, *client.Tx) error {
	return func(ctx context.Context, tx *client.Tx) error { return tx.Put(ctx, thing, value) }
}
