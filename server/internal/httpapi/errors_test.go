package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/spskit/spskit/gen/apispec"
	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

// documented is what the contract says of each type of error.
func documented(t *testing.T) map[errorType]struct {
	Status  int
	Details []string
} {
	t.Helper()
	raw, err := apispec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas struct {
				ErrorType struct {
					Values map[errorType]struct {
						Status  int
						Details []string
					} `json:"x-values"`
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas.ErrorType.Values
}

func TestErrorTableIsTheContracts(t *testing.T) {
	want := documented(t)
	for name, entry := range errorTable {
		if want[name].Status != entry.status {
			t.Errorf("%s has status %d, the contract says %d", name, entry.status, want[name].Status)
		}
		if entry.message == "" {
			t.Errorf("%s has no message", name)
		}
	}
	for name := range want {
		if _, ok := errorTable[name]; !ok {
			t.Errorf("the contract has %s, the table has not", name)
		}
	}
}

func TestProblemOf(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	contract := documented(t)
	for _, tt := range []struct {
		err  error
		want errorType
	}{
		{store.ErrNotFound, notFound},
		{store.ErrNoTransaction, noTransaction},
		{&store.LockedError{Holder: "joe", OpenedAt: now, ExpiresAt: now}, configurationLocked},
		{&store.ConflictError{Path: "/api/configuration/vnc/options"}, transactionConflict},
		{&audit.QueryError{Parameter: "start", Value: "x", Expected: "a date", Position: 0}, invalidQuery},
		{&audit.QueryError{Parameter: "limit", Value: "0", Expected: "more", Position: -1}, invalidQuery},
		{login.ErrBadCredentials, authenticationFailure},
		{&login.ThrottledError{RetryAfter: 1500 * time.Millisecond}, tooManyRequests},
		{&audit.QuotaError{RetryAfter: time.Minute}, tooManyRequests},
		{audit.ErrTooSlow, serviceUnavailable},
		{store.ErrBusy, serviceUnavailable},
		{problemf(unauthorized, "path", "/api"), unauthorized},
		{errors.New("disk died"), internalError},
	} {
		p := problemOf(fmt.Errorf("wrapped: %w", tt.err), "/api/x")
		if p.Type != tt.want {
			t.Errorf("%v became %s, want %s", tt.err, p.Type, tt.want)
		}
		for name := range p.Details {
			if !slices.Contains(contract[p.Type].Details, name) {
				t.Errorf("%s has the detail %q, which the contract does not list", p.Type, name)
			}
		}
	}
	if p := problemOf(&login.ThrottledError{RetryAfter: 1500 * time.Millisecond}, ""); p.Details["retry_after"] != 2 {
		t.Errorf("retry_after is %v, want the next full second", p.Details["retry_after"])
	}
	if p := problemOf(&audit.QueryError{Position: -1}, ""); p.Details["position"] != nil {
		t.Errorf("an error without a position shows %v", p.Details["position"])
	}
}
