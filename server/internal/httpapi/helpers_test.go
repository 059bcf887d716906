package httpapi

import (
	"os"
	"testing"

	"github.com/spskit/spskit/server/store"
)

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func rights(search bool) store.Rights { return store.Rights{Search: search} }
