package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/spskit/spskit/gen/api"
)

// Document is what Get reads of a resource that is a single object: its key, its
// properties, and its links. With a Body of type json.RawMessage or map[string]any
// no property is lost, however new the appliance is.
type Document[T any] struct {
	Key  string          `json:"key"`
	Body T               `json:"body"`
	Meta json.RawMessage `json:"meta,omitempty"`
}

// Get reads any resource, such as /api/configuration/vnc/options, and decodes the
// whole answer into the value that into points to, often a Document. The path may
// be a link that the server gave. Where into holds an interface, numbers become
// json.Number, which keeps all their digits.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	return c.call(ctx, "get", &lossless{into}, func(ctx context.Context) (*http.Response, error) {
		return c.send(ctx, http.MethodGet, path, nil)
	})
}

// put is Tx.Put. Outside of a transaction an appliance up to 6.0 refuses it, and a newer
// one opens a transaction that waits for somebody to commit it, so only a Tx has it.
func (c *Client) put(ctx context.Context, path string, document any) error {
	if document == nil {
		return errors.New("put: the document is nil")
	}
	return c.call(ctx, "put", nil, func(ctx context.Context) (*http.Response, error) {
		return c.send(ctx, http.MethodPut, path, document)
	})
}

// VNCOptions reads the options that hold for every VNC connection. Audit is there
// up to version 6.x, ChannelDatabaseCleanup from 7.0 on. Members that the contract
// doesn't know are dropped; Get keeps them.
func (c *Client) VNCOptions(ctx context.Context) (*api.ProtocolOptions, error) {
	var document Document[json.RawMessage]
	err := c.call(ctx, "getVncOptions", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetVncOptions(ctx)
	})
	if err != nil {
		return nil, err
	}
	var form struct{ Service json.RawMessage }
	var options api.ProtocolOptions
	if err := errors.Join(json.Unmarshal(document.Body, &form), json.Unmarshal(document.Body, &options)); err != nil {
		return nil, fmt.Errorf("getVncOptions: %w: %w", ErrUnexpectedAnswer, err)
	}
	if form.Service == nil || options.Audit == nil && options.ChannelDatabaseCleanup == nil {
		return nil, fmt.Errorf("getVncOptions: %w: the options have no form that the contract knows; read them with Get", ErrUnexpectedAnswer)
	}
	return &options, nil
}

// ChannelPolicy says which channels are allowed and what is done with them.
type ChannelPolicy struct {
	Key   string
	Name  string
	Rules []json.RawMessage // the first that matches a channel decides
	Raw   json.RawMessage   // the properties as the server sent them
}

// VNCChannelPolicies reads the channel policies for VNC. Up to 6.0 the list is but
// links, so each policy takes a request of its own.
func (c *Client) VNCChannelPolicies(ctx context.Context) ([]ChannelPolicy, error) {
	var list struct{ Items []Document[json.RawMessage] }
	err := c.call(ctx, "listVncChannelPolicies", &list, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListVncChannelPolicies(ctx)
	})
	if err != nil {
		return nil, err
	}
	policies := make([]ChannelPolicy, 0, len(list.Items))
	for _, item := range list.Items {
		if item.Body == nil {
			if item, err = c.vncChannelPolicy(ctx, item.Key); err != nil {
				return nil, err
			}
		}
		policy := ChannelPolicy{Key: item.Key, Raw: item.Body}
		wire := struct {
			Name  *string
			Rules *[]json.RawMessage
		}{&policy.Name, &policy.Rules}
		if err := json.Unmarshal(item.Body, &wire); err != nil {
			return nil, fmt.Errorf("listVncChannelPolicies: %w: %w", ErrUnexpectedAnswer, err)
		}
		policies = append(policies, policy)
	}
	return policies, nil
}

func (c *Client) vncChannelPolicy(ctx context.Context, key string) (document Document[json.RawMessage], err error) {
	if err := checkKey(key); err != nil {
		return document, fmt.Errorf("getVncChannelPolicy: %w", err)
	}
	err = c.call(ctx, "getVncChannelPolicy", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetVncChannelPolicy(ctx, key)
	})
	return document, err
}
