package config_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/store"
)

const (
	options  = "/api/configuration/vnc/options"
	policies = "/api/configuration/vnc/channel_policies"
)

func TestGet(t *testing.T) {
	svc := config.New(newStore(t), config.TreeFor(60), profile(t, "8.0"), clock)
	for path, want := range map[string]string{
		policies + "/-100":           `{"name":"all","rules":[{"actions":{"audit":true}}]}`,
		policies + "/1":              "",
		policies:                     "",
		options + "/audit":           "",
		"/api/configuration":         "",
		"/api/configuration/nothing": "",
	} {
		doc, err := svc.Get(t.Context(), ann, path)
		if string(doc.Body) != want || (want == "") != errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %s, %v, want %s", path, doc, err, want)
		}
	}
}

// The four variants of the guide are stored as they were sent, but for order
// and space, and come back as what can be sent again.
func TestPutOptions(t *testing.T) {
	svc := config.New(newStore(t), config.TreeFor(60), profile(t, "6.0"), clock)
	if _, err := svc.Open(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	const service = `"service":{"enabled":true,"log_level":4}`
	for _, tt := range []struct{ body, want string }{
		{
			`{ "service": { "log_level": 4.0, "enabled": true },
			   "audit": { "timestamping": { "signing_interval": 3e1, "selection": "local" }, "cleanup": { "enabled": false } } }`,
			`{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},` + service + `}`,
		},
		{
			`{"audit":{"timestamping":{"server_url":"http://tsa.example/?a=1&b=2","selection":"remote","oid":{"policy_oid":"1.2.3","enabled":true},"signing_interval":30},"cleanup":{"enabled":true,"channel_database_cleanup_days":10}},` + service + `}`,
			`{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"oid":{"enabled":true,"policy_oid":"1.2.3"},"selection":"remote","server_url":"http://tsa.example/?a=1&b=2","signing_interval":30}},` + service + `}`,
		},
	} {
		for _, body := range []string{tt.body, tt.want} {
			if err := svc.Put(t.Context(), ann, options, []byte(body)); err != nil {
				t.Fatal(err)
			}
			doc, err := svc.Get(t.Context(), ann, options)
			if string(doc.Body) != tt.want || err != nil {
				t.Errorf("got %s (%v)\nwant %s", doc, err, tt.want)
			}
		}
	}
	changes, err := svc.Changes(t.Context(), ann)
	want := []config.Change{
		{Type: config.Create, Path: options + "#audit/cleanup/channel_database_cleanup_days", New: json.RawMessage(`10`)},
		{Type: config.Replace, Path: options + "#audit/cleanup/enabled", Old: json.RawMessage(`false`), New: json.RawMessage(`true`)},
		{Type: config.Create, Path: options + "#audit/timestamping/oid", New: json.RawMessage(`{"enabled":true,"policy_oid":"1.2.3"}`)},
		{Type: config.Replace, Path: options + "#audit/timestamping/selection", Old: json.RawMessage(`"local"`), New: json.RawMessage(`"remote"`)},
		{Type: config.Create, Path: options + "#audit/timestamping/server_url", New: json.RawMessage(`"http://tsa.example/?a=1&b=2"`)},
	}
	if d := cmp.Diff(want, changes); d != "" || err != nil {
		t.Errorf("changes (-want +got):\n%s%v", d, err)
	}
}

func TestPutRefused(t *testing.T) {
	for _, version := range config.ProfileNames() {
		svc := config.New(newStore(t), config.TreeFor(60), profile(t, version), clock)
		for _, tt := range []struct {
			path, body string
			want       error
		}{
			{"/api/configuration/nothing", `{}`, store.ErrNotFound},
			{"/api/configuration/vnc", `{}`, config.ErrReadOnly},
			{policies, `{}`, config.ErrReadOnly},
			{options, `{`, nil},
		} {
			err := svc.Put(t.Context(), ann, tt.path, []byte(tt.body))
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%s: %s: %v, want %v", version, tt.path, err, tt.want)
			}
		}
		if _, open, err := svc.Transaction(t.Context(), ann); open || err != nil {
			t.Errorf("%s: a refused write left a transaction: %v, %v", version, open, err)
		}
	}
}

func TestList(t *testing.T) {
	all := []byte(`{"name":"all","rules":[{"actions":{"audit":true}}]}`)
	for _, tt := range []struct {
		version, path string
		want          []config.Entry
	}{
		{"6.0", "/api/configuration/aaa", []config.Entry{{Key: "local_database", Path: "/api/configuration/aaa/local_database"}}},
		{"8.0", "/api/configuration/vnc", []config.Entry{
			{Key: "channel_policies", Path: policies},
			{Key: "options", Path: options},
		}},
		{"6.0", policies, []config.Entry{
			{Key: "-100", Path: policies + "/-100"},
		}},
		{"8.0", policies, []config.Entry{
			{Key: "-100", Path: policies + "/-100", Body: all},
		}},
		{"8.0", options, nil},
		{"8.0", "/api/configuration/nothing", nil},
	} {
		svc := config.New(newStore(t), config.TreeFor(60), profile(t, tt.version), clock)
		got, err := svc.List(t.Context(), ann, tt.path)
		if d := cmp.Diff(tt.want, got); d != "" || (tt.want == nil) != errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %s: %v (-want +got):\n%s", tt.version, tt.path, err, d)
		}
	}
}

// An object without a default comes and goes as a whole.
func TestDocumentComesAndGoes(t *testing.T) {
	tree, err := config.NewTree([]config.Resource{
		{Path: "/c", Kind: config.Category},
		{Path: "/c/o", Kind: config.Object, Writable: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := newStore(t)
	svc := config.New(s, tree, profile(t, "8.0"), clock)
	if doc, err := svc.Get(t.Context(), ann, "/c/o"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before it was written: %s, %v", doc, err)
	}
	want := func(change ...config.Change) {
		t.Helper()
		got, err := svc.Changes(t.Context(), ann)
		if d := cmp.Diff(change, got); d != "" || err != nil {
			t.Errorf("changes (-want +got):\n%s%v", d, err)
		}
		if _, err := svc.Commit(t.Context(), ann, "ann", ""); err != nil {
			t.Error(err)
		}
	}
	if err := svc.Put(t.Context(), ann, "/c/o", []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	want(config.Change{Type: config.Create, Path: "/c/o", New: json.RawMessage(`{"a":1}`)})
	if _, err := svc.Open(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	if err := s.PutDocument(t.Context(), ann, "/c/o", nil); err != nil {
		t.Fatal(err)
	}
	want(config.Change{Type: config.Delete, Path: "/c/o", Old: json.RawMessage(`{"a":1}`)})
	if doc, err := svc.Get(t.Context(), ann, "/c/o"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after it was deleted: %s, %v", doc, err)
	}
}

// What fails in the store is not taken for something that is not there.
func TestStoreFails(t *testing.T) {
	s := newStore(t)
	svc := config.New(s, config.TreeFor(60), profile(t, "8.0"), clock)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	calls := map[string]func() error{
		"get":         func() error { _, err := svc.Get(ctx, ann, options); return err },
		"list":        func() error { _, err := svc.List(ctx, ann, policies); return err },
		"put":         func() error { return svc.Put(ctx, ann, options, []byte(`{}`)) },
		"transaction": func() error { _, _, err := svc.Transaction(ctx, ann); return err },
		"open":        func() error { _, err := svc.Open(ctx, ann); return err },
		"changes":     func() error { _, err := svc.Changes(ctx, ann); return err },
		"commit":      func() error { _, err := svc.Commit(ctx, ann, "ann", ""); return err },
		"rollback":    func() error { return svc.Rollback(ctx, ann) },
	}
	for name, call := range calls {
		if err := call(); err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrNoTransaction) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
