package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

const policies = "/api/configuration/rdp/channel_policies"

func TestCollectionList(t *testing.T) {
	const policy = `{"name":"all","rules":[{"actions":{"audit":true},"time_policy":{"key":"-100","meta":{"href":"/x"}},"from":[]}],"novelty":1}`
	want := []*client.ChannelPolicy{{
		Key: "-100", Name: "all", Extra: client.Members{"novelty": json.RawMessage("1")},
		Rules: []client.ChannelRule{{
			Actions: &client.ChannelActions{Audit: new(true)}, TimePolicy: "-100", Extra: client.Members{"from": json.RawMessage("[]")},
		}},
	}}
	for name, tt := range map[string]struct {
		body string
		want []string
	}{
		"links":  {"", []string{logIn, "GET " + policies, "GET " + policies + "/-100"}},
		"nulls":  {`,"body":null`, []string{logIn, "GET " + policies, "GET " + policies + "/-100"}},
		"bodies": {`,"body":` + policy, []string{logIn, "GET " + policies}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("GET "+policies, `{"items":[{"key":"-100","meta":{"href":"/x"}`+tt.body+`}],"meta":{"next":"/api/configuration/rdp/options"}}`)
			f.on("GET "+policies+"/-100", `{"key":"-100","body":`+policy+`,"meta":{}}`)
			got, err := client.Collect(f.client(t).ChannelPolicies(client.ProtocolRDP).List(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, f.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// A program that has seen enough gets no more, and after an error nothing comes.
func TestCollectionListEnds(t *testing.T) {
	f := newFake(t)
	f.on("GET "+policies, `{"items":[{"key":"1"},{"key":"2"},{"key":"3"}],"meta":{}}`)
	f.on("GET "+policies+"/1", `{"key":"1","body":{"name":"a","rules":[]},"meta":{}}`)
	c := f.client(t)
	for p, err := range c.ChannelPolicies(client.ProtocolRDP).List(t.Context()) {
		if err != nil || p.Key != "1" {
			t.Errorf("got %+v, %v", p, err)
		}
		break
	}
	if diff := cmp.Diff([]string{logIn, "GET " + policies, "GET " + policies + "/1"}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	f.HandleFunc("GET "+policies+"/2", func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") })
	n := 0
	var last error
	for _, err := range c.ChannelPolicies(client.ProtocolRDP).List(t.Context()) {
		n, last = n+1, err
	}
	if n != 2 || !errors.Is(last, client.ErrNotFound) {
		t.Errorf("%d items, the last with %v", n, last)
	}
}

func TestCollectionAnswersThatAreNone(t *testing.T) {
	f := newFake(t)
	f.on("GET "+policies, `{"items":[{"key":"1","body":{"name":7}}],"meta":{}}`)
	f.on("GET "+policies+"/1", `{"key":"1","meta":{}}`)
	c := f.client(t).ChannelPolicies(client.ProtocolRDP)
	if got, err := client.Collect(c.List(t.Context())); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("List: %v, %v", got, err)
	}
	if got, err := c.Get(t.Context(), "1"); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("Get: %v, %v", got, err)
	}
	f.on("POST "+policies, `{"meta":{}}`)
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		if key, err := tx.ChannelPolicies(client.ProtocolRDP).Create(ctx, &client.ChannelPolicy{}); !errors.Is(err, client.ErrUnexpectedAnswer) {
			t.Errorf("Create: %q, %v", key, err)
		}
		return nil
	})
}

func TestCollectionWrites(t *testing.T) {
	f := newFake(t)
	var sent []string
	for _, pattern := range []string{"POST " + policies, "PUT " + policies + "/a%2Fb", "DELETE " + policies + "/a%2Fb"} {
		f.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			sent = append(sent, r.Method+" "+r.URL.EscapedPath()+" "+string(body))
			answer(w, `{"key":"a/b","meta":{}}`)
		})
	}
	f.on("GET "+policies+"/a%2Fb", `{"key":"a/b","body":{"name":"all","rules":[
		{"time_policy":{"key":"-100","meta":{"href":"/x"}},"new":{"key":"5","meta":{"href":"/y"}},"no":{"key":"5","meta":{}},"n":1.50}
	]},"meta":{}}`)
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		c := tx.ChannelPolicies(client.ProtocolRDP)
		key, err := c.Create(ctx, &client.ChannelPolicy{Key: "of another", Name: "new"})
		if err != nil || key != "a/b" {
			t.Errorf("created %q, %v", key, err)
		}
		policy, err := c.Get(ctx, key)
		if err != nil {
			return err
		}
		return errors.Join(c.Replace(ctx, policy), c.Delete(ctx, key))
	})
	want := []string{
		"POST " + policies + ` {"name":"new","rules":[]}`,
		// References are sent as keys, the unknown ones too.
		"PUT " + policies + `/a%2Fb {"name":"all","rules":[{"n":1.50,"new":"5","no":{"key":"5","meta":{}},"time_policy":"-100"}]}`,
		"DELETE " + policies + "/a%2Fb ",
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCollectionKeys(t *testing.T) {
	f := newFake(t)
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		for _, key := range []string{"", ".", ".."} {
			_, getErr := tx.LocalUsers().Get(ctx, key)
			_, passwordErr := tx.HasPassword(ctx, client.Reference(key))
			for name, err := range map[string]error{
				"Get": getErr, "HasPassword": passwordErr, "Delete": tx.LocalUsers().Delete(ctx, key),
				"Replace": tx.LocalUsers().Replace(ctx, &client.LocalUser{Key: key, Name: "joe"}),
			} {
				if err == nil {
					t.Errorf("%s takes the key %q", name, key)
				}
			}
		}
		_, err := tx.LocalUsers().Create(ctx, nil)
		if err == nil || tx.LocalUsers().Replace(ctx, nil) == nil {
			t.Error("nothing can be written")
		}
		return nil
	})
	if diff := cmp.Diff([]string{logIn, openTx, commitTx}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestReference(t *testing.T) {
	for text, want := range map[string]client.Reference{
		`"-100"`: "-100", `{"key":"-100","meta":{"href":"/x"}}`: "-100", `""`: "",
	} {
		var got client.Reference
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is %q, %v", text, got, err)
		}
	}
	for _, text := range []string{`{}`, `{"key":7}`, `7`, `[]`} {
		if err := json.Unmarshal([]byte(text), new(client.Reference)); err == nil {
			t.Errorf("%s is a reference", text)
		}
	}
}
