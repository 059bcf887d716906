package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/gen/api"
)

// What GET gives goes back with PUT, whatever is in it.
func TestGetAndPutLoseNothing(t *testing.T) {
	const body = `{"known":true,"unknown":{"big":12345678901234567890,"exact":0.10000000000000000001,"text":"<a & b>","none":null,"list":[]}}`
	for name, into := range map[string]interface {
		read(context.Context, *client.Client) (any, error)
	}{"map": reader[map[string]any]{}, "raw": reader[json.RawMessage]{}, "any": reader[any]{}} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("GET /api/configuration/x", `{"key":"x","body":`+body+`,"meta":{"href":"/api/configuration/x"}}`)
			var put []byte
			f.HandleFunc("PUT /api/configuration/x", func(_ http.ResponseWriter, r *http.Request) { put, _ = io.ReadAll(r.Body) })
			c := f.client(t)
			document, err := into.read(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.StrayPut(t.Context(), "/api/configuration/x", document); err != nil {
				t.Fatal(err)
			}
			for _, digits := range []string{"12345678901234567890", "0.10000000000000000001"} {
				if !strings.Contains(string(put), digits) {
					t.Errorf("%s is gone from %s", digits, put)
				}
			}
			sameJSON(t, []byte(body), put)
		})
	}
}

type reader[T any] struct{}

func (reader[T]) read(ctx context.Context, c *client.Client) (any, error) {
	var document client.Document[T]
	err := c.Get(ctx, "/api/configuration/x", &document)
	return document.Body, err
}

func TestGetWholeAnswer(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/configuration", `{"items":[{"key":"vnc","meta":{"href":"/api/configuration/vnc"}}],"meta":{}}`)
	var list struct {
		Items []client.Document[json.RawMessage]
	}
	if err := f.client(t).Get(t.Context(), "/api/configuration", &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 || list.Items[0].Key != "vnc" || list.Items[0].Body != nil {
		t.Errorf("got %+v", list)
	}
}

func TestPathsThatAreNone(t *testing.T) {
	f := newFake(t)
	c := f.client(t)
	for _, path := range []string{
		"", "/", "api/info", "/apis", "/other", "//evil.example.com/api/info", "https://evil.example.com/api/info",
		"/api/../etc", "/api/%2e%2e/etc", "/api/./info", ":", "mailto:x@y", "/api/\x00", "?x",
	} {
		if err := c.Get(t.Context(), path, new(any)); err == nil {
			t.Errorf("Get takes %q", path)
		}
		if err := c.StrayPut(t.Context(), path, 1); err == nil {
			t.Errorf("Put takes %q", path)
		}
	}
	if err := c.StrayPut(t.Context(), "/api/configuration/x", nil); err == nil {
		t.Error("Put takes nothing")
	}
	if err := c.StrayPut(t.Context(), "/api/configuration/x", func() {}); err == nil {
		t.Error("Put takes a function")
	}
	if r := f.requests(); r != nil {
		t.Errorf("asked for %v", r)
	}
}

func TestPathsWithMore(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/x/{key}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, `{"key":"`+r.PathValue("key")+`","body":"`+r.URL.RawQuery+`"}`)
	})
	for path, want := range map[string]client.Document[string]{
		"/api/x/a%2Fb?c=d&e=%2F": {Key: "a/b", Body: "c=d&e=%2F"},
		"/api/x/1#part":          {Key: "1"},
		f.URL + "/api/x/2":       {Key: "2"},
	} {
		var got client.Document[string]
		if err := f.client(t).Get(t.Context(), path, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestVNCOptions(t *testing.T) {
	sample := contract(t, "components", "examples", "VncOptions", "value")
	f := newFake(t)
	f.on("GET /api/configuration/vnc/options", string(sample))
	var put []byte
	f.HandleFunc("PUT /api/configuration/vnc/options", func(_ http.ResponseWriter, r *http.Request) { put, _ = io.ReadAll(r.Body) })
	f.HandleFunc(openTx, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	f.HandleFunc(commitTx, func(http.ResponseWriter, *http.Request) {})
	err := f.client(t).Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		options, err := tx.VNCOptions(ctx)
		if err != nil {
			return err
		}
		options.Service.LogLevel = new(6)
		options.Audit.Cleanup = api.Cleanup{Enabled: true, ChannelDatabaseCleanupDays: new(10)}
		return tx.SetVNCOptions(ctx, *options)
	})
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, []byte(`{"audit":{"cleanup":{"enabled":true,"channel_database_cleanup_days":10},
		"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":6}}`), put)
}

func TestVNCOptionsOfNewerVersions(t *testing.T) {
	f := newFake(t)
	const body = `{"channel_database_cleanup":{"enabled":true,"days":30},"service":{"enabled":false}}`
	f.on("GET /api/configuration/vnc/options", `{"key":"options","body":`+body+`,"meta":{}}`)
	options, err := f.client(t).VNCOptions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	days := options.ChannelDatabaseCleanup.Days
	if days == nil || *days != 30 || options.Audit != nil || options.Service.LogLevel != nil {
		t.Errorf("%+v", options)
	}
}

func TestVNCOptionsOfNoForm(t *testing.T) {
	for _, body := range []string{`{"service":{"enabled":false}}`, `{"audit":{}}`, `{}`, `[]`, `null`} {
		f := newFake(t)
		f.on("GET /api/configuration/vnc/options", `{"key":"options","body":`+body+`,"meta":{}}`)
		if options, err := f.client(t).VNCOptions(t.Context()); !errors.Is(err, client.ErrUnexpectedAnswer) {
			t.Errorf("%s: got %v, %v", body, options, err)
		}
	}
}

func TestVNCChannelPolicies(t *testing.T) {
	const policy = `{"name":"all","rules":[{"actions":{"audit":true}}],"novelty":1}`
	for name, body := range map[string]string{"links": "", "bodies": `,"body":` + policy} {
		f := newFake(t)
		f.on("GET /api/configuration/vnc/channel_policies", `{"items":[{"key":"-100","meta":{"href":"/x"}`+body+`}],"meta":{}}`)
		f.on("GET /api/configuration/vnc/channel_policies/-100", `{"key":"-100","body":`+policy+`,"meta":{}}`)
		policies, err := f.client(t).VNCChannelPolicies(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []client.ChannelPolicy{{
			Key: "-100", Name: "all", Rules: []json.RawMessage{json.RawMessage(`{"actions":{"audit":true}}`)}, Raw: json.RawMessage(policy),
		}}
		if diff := cmp.Diff(want, policies); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		wantRequests := 2
		if name == "links" {
			wantRequests = 3
		}
		if r := f.requests(); len(r) != wantRequests {
			t.Errorf("%s: asked for %v", name, r)
		}
	}
}
