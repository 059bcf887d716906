package client

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// ChannelType is the kind of a channel, such as "session shell" or "disk redirect".
// The contract lists those that are known.
type ChannelType string

// ChannelVerdict says whether a channel was let through. Values that this package
// doesn't know are kept as they came.
type ChannelVerdict string

// The verdicts on channels that the contract lists. Mind the small letters.
const (
	ChannelAccept ChannelVerdict = "accept"
	ChannelDeny   ChannelVerdict = "deny"
)

// Channel is a channel that was opened, or refused, in a session. Type decides which
// of the particulars it has; the others are zero.
type Channel struct {
	Key string `json:"-"` // within its session

	Type      ChannelType    `json:"type"`
	Verdict   ChannelVerdict `json:"verdict"`
	StartTime time.Time      `json:"-"`
	EndTime   *time.Time     `json:"-"` // nil as long as the channel is open
	Duration  time.Duration  `json:"-"` // so far, if it is open

	Command        string   `json:"command"`         // of "session exec"
	SCPPath        string   `json:"scp_path"`        // of "session exec scp"
	SubsystemName  string   `json:"subsystem_name"`  // of "session subsystem sftp"
	Originator     Endpoint `json:"-"`               // of "local forward" and "remote forward"
	Connected      Endpoint `json:"-"`               // of "local forward" and "remote forward"
	DynamicChannel string   `json:"dynamic_channel"` // of "dynamic virtual"
	DeviceName     string   `json:"device_name"`     // of the redirected devices of RDP

	Raw json.RawMessage `json:"-"` // key, body and links as the server sent them
}

// Endpoint is one end of a forwarded connection.
type Endpoint struct {
	Address string
	Port    int
}

// MarshalJSON writes the channel as the server sent it.
func (ch Channel) MarshalJSON() ([]byte, error) { return orNull(ch.Raw), nil }

// UnmarshalJSON reads a channel, as it is in the API's lists and documents.
func (ch *Channel) UnmarshalJSON(document []byte) error {
	type plain Channel // has no methods
	type body struct {
		*plain
		StartTime         stamp   `json:"start_time"`
		EndTime           stamp   `json:"end_time"`
		Duration          seconds `json:"duration"`
		OriginatorAddress *string `json:"originator.address"`
		OriginatorPort    *int    `json:"originator.port"`
		ConnectedAddress  *string `json:"connected.address"`
		ConnectedPort     *int    `json:"connected.port"`
	}
	*ch = Channel{Raw: keep(document)}
	from, to := &ch.Originator, &ch.Connected
	wire := struct {
		Key  *string
		Body body
	}{&ch.Key, body{
		plain:             (*plain)(ch),
		OriginatorAddress: &from.Address, OriginatorPort: &from.Port,
		ConnectedAddress: &to.Address, ConnectedPort: &to.Port,
	}}
	if err := json.Unmarshal(document, &wire); err != nil {
		return err
	}
	b := &wire.Body
	ch.StartTime, ch.EndTime, ch.Duration = b.StartTime.Time, b.EndTime.pointer(), b.Duration.duration()
	return nil
}

func (ch *Channel) key() string { return ch.Key }

// Channels goes through the channels of a session.
func (c *Client) Channels(ctx context.Context, sessionKey string) iter.Seq2[Channel, error] {
	return sublist[Channel](ctx, c, "listSessionChannels", sessionKey, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListSessionChannels(ctx, sessionKey, nil)
	})
}

// Channel reads one channel of a session. Channels are numbered from "1".
func (c *Client) Channel(ctx context.Context, sessionKey, key string) (*Channel, error) {
	for _, key := range []string{sessionKey, key} {
		if err := checkKey(key); err != nil {
			return nil, fmt.Errorf("getSessionChannel: %w", err)
		}
	}
	var ch Channel
	err := c.call(ctx, "getSessionChannel", &ch, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetSessionChannel(ctx, sessionKey, key)
	})
	if err != nil {
		return nil, err
	}
	return &ch, nil
}

// sublist goes through a list that belongs to a session.
func sublist[T any](ctx context.Context, c *Client, operation, sessionKey string, first sendFunc) iter.Seq2[T, error] {
	if err := checkKey(sessionKey); err != nil {
		return failed[T](fmt.Errorf("%s: %w", operation, err))
	}
	return walk[T](ctx, c, operation, first)
}
