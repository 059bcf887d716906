package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
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

// The contract's examples of what can be changed come back as they were.
func TestConfigurationKeepsExamples(t *testing.T) {
	for name, value := range map[string]any{
		"OptionsLocal": new(client.ProtocolOptions), "OptionsCleanup": new(client.ProtocolOptions),
		"OptionsRemote": new(client.ProtocolOptions), "OptionsRemotePolicy": new(client.ProtocolOptions),
		"OptionsVersion7": new(client.ProtocolOptions), "SshOptionsLocal": new(client.ProtocolOptions),
		"ChannelPolicySent": new(client.ChannelPolicy), "AuditPolicySent": new(client.AuditPolicy),
		"TimePolicySent": new(client.TimePolicy), "LocalGroupSent": new(client.LocalGroup),
		"LocalUserSent": new(client.LocalUser), "AuditDataRuleSent": new(client.AuditDataRule),
		"WebInterfaceSent": new(client.WebInterface), "AccountingSent": new(client.Accounting),
	} {
		sample := contract(t, "components", "examples", name, "value")
		if err := json.Unmarshal(sample, value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		written, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameJSON(t, sample, written)
		if extra := extras(reflect.ValueOf(value)); len(extra) > 0 {
			t.Errorf("%T has no field for %v of %s", value, extra, name)
		}
	}
}

// extras lists the members, at any depth, that a value has no field for.
func extras(v reflect.Value) (names []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return extras(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			names = append(names, extras(v.Index(i))...)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			names = append(names, extras(field)...)
		}
	case reflect.Map:
		for _, name := range v.MapKeys() {
			names = append(names, name.String())
		}
	}
	return names
}

// What a newer appliance has more stays when something else is changed, at any depth.
func TestConfigurationKeepsWhatIsNew(t *testing.T) {
	const sent = `{
		"service":{"enabled":true,"log_level":4,"new":{"big":12345678901234567890,"exact":0.10000000000000000001}},
		"audit":{"cleanup":{"enabled":false,"new":["<&>"]},"timestamping":{"selection":"quantum","signing_interval":30,"new":1},"new":null},
		"gssapi":null,"channel_database_cleanup":{"enabled":null},"new":{"key":"k","more":true}}`
	f := newFake(t)
	f.on("GET /api/configuration/ssh/options", `{"key":"options","body":`+sent+`,"meta":{}}`)
	var put []byte
	f.HandleFunc("PUT /api/configuration/ssh/options", func(_ http.ResponseWriter, r *http.Request) { put, _ = io.ReadAll(r.Body) })
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		options, err := tx.Options(ctx, client.ProtocolSSH)
		if err != nil {
			return err
		}
		if s := options.Audit.Timestamping.Selection; s != "quantum" || options.GSSAPI != nil {
			t.Errorf("read %+v", options)
		}
		options.Service.LogLevel = new(6)
		return tx.SetOptions(ctx, client.ProtocolSSH, options)
	})
	sameJSON(t, []byte(strings.Replace(sent, `"log_level":4`, `"log_level":6`, 1)), put)
	for _, digits := range []string{"12345678901234567890", "0.10000000000000000001"} {
		if !strings.Contains(string(put), digits) {
			t.Errorf("%s is gone from %s", digits, put)
		}
	}
}

func TestConfigurationMembers(t *testing.T) {
	for name, tt := range map[string]struct {
		value any
		want  string
	}{
		"a field before what is extra": {
			client.Accounting{RequireCommitMessage: true, Extra: client.Members{"require_commitlog": json.RawMessage("null"), "a": json.RawMessage("1")}},
			`{"require_commitlog":true,"a":1}`,
		},
		"what was null and still is": {
			client.Accounting{Extra: client.Members{"require_commitlog": json.RawMessage("null")}}, `{"require_commitlog":null}`,
		},
		"a list that is nil": {client.LocalGroup{Name: "g"}, `{"name":"g","members":[]}`},
		"what is left out": {
			&client.ProtocolOptions{Service: client.ServiceOptions{Enabled: true}}, `{"service":{"enabled":true}}`,
		},
		"an empty list": {client.TimePolicyDays{Monday: []client.TimeRange{}}, `{"monday":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			written, err := json.Marshal(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, []byte(tt.want), written)
		})
	}
	if _, err := json.Marshal(client.Switch{Extra: client.Members{"a": json.RawMessage("{")}}); err == nil {
		t.Error("what is no JSON can be written")
	}
}

func TestOptionsOfNoForm(t *testing.T) {
	for _, body := range []string{`[]`, `null`, `7`, `{"service":"on"}`, `{"service":{"enabled":true,"log_level":1.5}}`} {
		f := newFake(t)
		f.on("GET /api/configuration/vnc/options", `{"key":"options","body":`+body+`,"meta":{}}`)
		if options, err := f.client(t).Options(t.Context(), client.ProtocolVNC); !errors.Is(err, client.ErrUnexpectedAnswer) {
			t.Errorf("%s: got %v, %v", body, options, err)
		}
	}
	f := newFake(t)
	f.on("GET /api/configuration/vnc/options", `{"items":[],"meta":{}}`)
	if options, err := f.client(t).Options(t.Context(), client.ProtocolVNC); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("a list: got %v, %v", options, err)
	}
}

func TestCleanupDays(t *testing.T) {
	for name, tt := range map[string]struct{ form, want string }{
		"6.x":     {`{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local"}},"service":{"enabled":true}}`, `{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"selection":"local"}},"service":{"enabled":true}}`},
		"7.0":     {`{"channel_database_cleanup":{"enabled":false},"service":{"enabled":true}}`, `{"channel_database_cleanup":{"days":10,"enabled":true},"service":{"enabled":true}}`},
		"neither": {`{"service":{"enabled":true}}`, `{"channel_database_cleanup":{"days":10,"enabled":true},"service":{"enabled":true}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var o client.ProtocolOptions
			if err := json.Unmarshal([]byte(tt.form), &o); err != nil || o.CleanupDays() != 0 {
				t.Fatalf("%d days, %v", o.CleanupDays(), err)
			}
			o.SetCleanupDays(10)
			written, err := json.Marshal(o)
			if err != nil || o.CleanupDays() != 10 {
				t.Fatalf("%d days, %v", o.CleanupDays(), err)
			}
			sameJSON(t, []byte(tt.want), written)
			o.SetCleanupDays(0)
			if written, err = json.Marshal(o); err != nil || o.CleanupDays() != 0 || strings.Contains(string(written), "days") {
				t.Errorf("off it is %s, %v", written, err)
			}
		})
	}
}

// Protocols that nobody knows yet are served as well; what is no name leads nowhere.
func TestProtocolNames(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/configuration/quic2/options", `{"key":"options","body":{"service":{"enabled":true}},"meta":{}}`)
	c := f.client(t)
	if o, err := c.Options(t.Context(), "QUIC2"); err != nil || !o.Service.Enabled {
		t.Errorf("got %+v, %v", o, err)
	}
	f.requests()
	f.on(rollbackTx, `{}`)
	for _, p := range []client.Protocol{"", "ssh/options", "..", "S SH", "ß"} {
		_, optionsErr := c.Options(t.Context(), p)
		_, listErr := client.Collect(c.ChannelPolicies(p).List(t.Context()))
		_, getErr := c.ChannelPolicies(p).Get(t.Context(), "1")
		if optionsErr == nil || listErr == nil || getErr == nil {
			t.Errorf("%q: %v, %v, %v", p, optionsErr, listErr, getErr)
		}
	}
	if r := f.requests(); r != nil {
		t.Errorf("asked for %v", r)
	}
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		_, createErr := tx.ChannelPolicies("..").Create(ctx, &client.ChannelPolicy{})
		for name, err := range map[string]error{
			"SetOptions": tx.SetOptions(ctx, "..", &client.ProtocolOptions{}), "Create": createErr,
			"Replace": tx.ChannelPolicies("..").Replace(ctx, &client.ChannelPolicy{Key: "1"}), "Delete": tx.ChannelPolicies("..").Delete(ctx, "1"),
			"SetOptions of nothing": tx.SetOptions(ctx, client.ProtocolVNC, nil), "SetAccounting of nothing": tx.SetAccounting(ctx, nil),
		} {
			if err == nil {
				t.Errorf("%s is no error", name)
			}
		}
		return nil
	})
}

func TestChildren(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/configuration/vnc", `{"items":[{"key":"channel_policies","meta":{"href":"/api/configuration/vnc/channel_policies"}},
		{"key":"options","meta":{"href":"/api/configuration/vnc/options"}}],"meta":{"next":"/api/configuration/x509"}}`)
	f.on("GET /api/info", `{"key":"about_info","body":{},"meta":{}}`)
	c := f.client(t)
	children, err := client.Collect(c.Children(t.Context(), "/api/configuration/vnc"))
	want := []client.Child{
		{"channel_policies", "/api/configuration/vnc/channel_policies"}, {"options", "/api/configuration/vnc/options"},
	}
	if diff := cmp.Diff(want, children); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if r := f.requests(); len(r) != 2 { // next leads to a sibling, not to another page
		t.Errorf("asked for %v", r)
	}
	for child, err := range c.Children(t.Context(), "/api/configuration/vnc") {
		if err != nil || child.Key != "channel_policies" {
			t.Errorf("got %v, %v", child, err)
		}
		break // which must not panic
	}
	if children, err := client.Collect(c.Children(t.Context(), "/api/info")); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("of an object: %v, %v", children, err)
	}
}
