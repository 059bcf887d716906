package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
	"github.com/spskit/spskit/server/store/storetest"
)

func openAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return openAt(t, filepath.Join(t.TempDir(), "test.db"))
	})
}

// TestStoreDense tests what a store does when there is much.
func TestStoreDense(t *testing.T) {
	storetest.RunSearch(t, func(t *testing.T) store.Store {
		s := openAt(t, filepath.Join(t.TempDir(), "test.db"))
		sqlite.TreatAsDense(s)
		return s
	})
}

func TestDurability(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	storetest.RunDurability(t, func(t *testing.T) store.Store { return openAt(t, path) })
}
