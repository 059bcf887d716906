package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/spskit/spskit/client"
)

// What has no list in it is never taken for an empty list.
func TestListsThatAreMissing(t *testing.T) {
	reads := map[string]struct {
		path, member string
		empty        string // list that may be empty
		read         func(context.Context, *client.Client) (int, error)
	}{
		"sessions": {"audit/sessions", "items", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := client.Collect(c.Sessions(ctx, client.SessionQuery{}))
			return len(all), err
		}},
		"page": {"audit/sessions", "items", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			page, err := c.ListSessions(ctx, client.SessionQuery{})
			if err != nil {
				return 0, err
			}
			return len(page.Sessions), nil
		}},
		"events": {"audit/sessions/1/events", "items", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := client.Collect(c.Events(ctx, "1"))
			return len(all), err
		}},
		"collection": {"configuration/aaa/local_database/users", "items", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := client.Collect(c.LocalUsers().List(ctx))
			return len(all), err
		}},
		"changes": {"transaction/changes", "changes", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := c.Changes(ctx)
			return len(all), err
		}},
		"login methods": {"authentication/login_methods", "login_methods", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := c.LoginMethods(ctx)
			return len(all), err
		}},
		"authentication types": {"authentication/types", "types", "{}", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := c.AuthenticationTypes(ctx)
			return len(all), err
		}},
		"endpoints": {"endpoints", "endpoints", "[]", func(ctx context.Context, c *client.Client) (int, error) {
			all, err := c.Endpoints(ctx)
			return len(all), err
		}},
	}
	for name, tt := range reads {
		t.Run(name, func(t *testing.T) {
			for document, ok := range map[string]bool{
				`{}`: false, `null`: false, `{"status":"maintenance"}`: false,
				`{"` + tt.member + `":null}`: false, `{"` + tt.member + `":7}`: false,
				`{"X` + tt.member + `":` + tt.empty + `}`: false,
				`{"` + tt.member + `":` + tt.empty + `}`:  true,
			} {
				f := newFake(t)
				f.on("GET /api/"+tt.path, document)
				n, err := tt.read(t.Context(), f.client(t))
				if n != 0 || errors.Is(err, client.ErrUnexpectedAnswer) == ok || ok && err != nil {
					t.Errorf("%s: %d, %v", document, n, err)
				}
			}
		})
	}
}

// A member of another name is not the list, however alike.
func TestListNamesAreExact(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/audit/sessions", `{"Items":[{"key":"1","body":{}}]}`)
	if all, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{})); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestListWhoseSecondPageIsNone(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/audit/sessions", `{"items":[`+sessionItem(0)+`],"meta":{"next":"/api/audit/sessions/2"}}`)
	f.on("GET /api/audit/sessions/2", `{"status":"maintenance"}`)
	all, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{}))
	if len(all) != 1 || !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestItemsWithoutKeys(t *testing.T) {
	for _, item := range []string{`null`, `{}`, `{"body":{}}`, `{"key":"","body":{}}`} {
		document := `{"items":[` + item + `]}`
		f := newFake(t)
		for _, path := range []string{"audit/sessions", "audit/sessions/1/channels", "configuration/aaa/local_database/users"} {
			f.on("GET /api/"+path, document)
		}
		f.on("GET /api/audit/sessions/a", item)
		f.on("GET /api/audit/sessions/1/channels/1", item)
		c := f.client(t)
		_, session := c.Session(t.Context(), "a")
		_, sessions := client.Collect(c.Sessions(t.Context(), client.SessionQuery{}))
		_, channel := c.Channel(t.Context(), "1", "1")
		_, channels := client.Collect(c.Channels(t.Context(), "1"))
		_, users := client.Collect(c.LocalUsers().List(t.Context()))
		for i, err := range []error{session, sessions, channel, channels, users} {
			if !errors.Is(err, client.ErrUnexpectedAnswer) {
				t.Errorf("%s: reading %d gives %v", item, i, err)
			}
		}
	}
	f := newFake(t)
	f.on("GET /api/audit/sessions/1/events", `{"items":[null]}`)
	if all, err := client.Collect(f.client(t).Events(t.Context(), "1")); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("got %v, %v", all, err)
	}
}

// Of what cannot be read nobody knows that nothing is pending.
func TestTransactionWithUnknownChanges(t *testing.T) {
	f := newFake(t)
	f.on("POST /api/transaction", `{"key":"transaction","body":{"status":"open"}}`)
	f.on("GET /api/transaction/changes", `{"status":"maintenance"}`)
	f.on("PUT /api/transaction", `{}`)
	err := f.client(t).Transaction(t.Context(), func(context.Context, *client.Tx) error {
		t.Error("it goes on")
		return nil
	})
	if !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("the error is %v", err)
	}
	for _, r := range f.requests() {
		if r == "PUT /api/transaction" {
			t.Error("it commits")
		}
	}
}
