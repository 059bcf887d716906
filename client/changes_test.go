package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

func TestChangeInOneLine(t *testing.T) {
	for want, ch := range map[string]client.Change{
		`create /x#a: 1`:             {Type: client.ChangeCreate, Path: "/x#a", NewValue: json.RawMessage("1")},
		`delete /x#a: {"b":2}`:       {Type: client.ChangeDelete, Path: "/x#a", OldValue: json.RawMessage(`{"b":2}`)},
		`replace /x#a: 1 -> null`:    {Type: client.ChangeReplace, Path: "/x#a", OldValue: json.RawMessage("1"), NewValue: json.RawMessage("null")},
		`reorder /x: ["1"] -> ["2"]`: {Type: client.ChangeReorder, Path: "/x", OldOrder: []string{"1"}, NewOrder: []string{"2"}},
		`rename /x`:                  {Type: "rename", Path: "/x"},
	} {
		if ch.String() != want {
			t.Errorf("got %s, want %s", ch, want)
		}
	}
}

func TestFormatDiff(t *testing.T) {
	changes := []client.Change{
		{Type: client.ChangeCreate, Path: "/a#b/c", NewValue: json.RawMessage("12345678901234567890")},
		{Type: client.ChangeReplace, Path: "/a#b/d", OldValue: json.RawMessage(`"x"`), NewValue: json.RawMessage(`["y",{"z":null}]`)},
		{Type: client.ChangeDelete, Path: "/a#e", OldValue: json.RawMessage("false")},
		{Type: client.ChangeCreate, Path: "/g/1", NewValue: json.RawMessage(`{"name":"joe"}`)},
		{Type: client.ChangeDelete, Path: "/g/2", OldValue: json.RawMessage(`{}`)},
		{Type: client.ChangeReplace, Path: "/g/3", OldValue: json.RawMessage(`1`), NewValue: json.RawMessage(`not JSON`)},
		{Type: client.ChangeReorder, Path: "/g", OldOrder: []string{"1", "2"}, NewOrder: []string{"2", "1"}},
		{Type: "rename", Path: "/g#\x1b[2J"},
		{Type: client.ChangeCreate, Path: "/\u009b31m", NewValue: json.RawMessage("\"\u009b31m\"")},
	}
	want := strings.TrimPrefix(`
--- /a
+++ /a
+b/c: 12345678901234567890
-b/d: "x"
+b/d: [
+  "y",
+  {
+    "z": null
+  }
+]
-e: false
--- /dev/null
+++ /g/1
+{
+  "name": "joe"
+}
--- /g/2
+++ /dev/null
-{}
--- /g/3
+++ /g/3
-1
+not JSON
--- /g
+++ /g
-order: 1, 2
+order: 2, 1
 rename /g# [2J
--- /dev/null
+++ / 31m
+" 31m"
`, "\n")
	if diff := cmp.Diff(want, client.FormatDiff(changes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := client.FormatDiff(nil); got != "" {
		t.Errorf("of no changes it is %q", got)
	}
	long := strings.Repeat("x", 5000)
	if got := client.FormatDiff([]client.Change{{Type: client.ChangeCreate, Path: "/a#b", NewValue: json.RawMessage(long)}}); !strings.Contains(got, long) {
		t.Error("a long value is cut")
	}
}

func TestDiffThatCannotBeRead(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(changesTx, func(w http.ResponseWriter, _ *http.Request) { fail(w, 403, "Unauthorized", "{}") })
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		if diff, err := tx.Diff(ctx); !errors.Is(err, client.ErrUnauthorized) || diff != "" {
			t.Errorf("got %q, %v", diff, err)
		}
		return nil
	})
}
