package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// EventType says what was extracted from a session. Values that this package doesn't
// know are kept as they came.
type EventType string

// The types that the contract lists.
const (
	EventCommand       EventType = "command"
	EventWindowTitle   EventType = "window_title"
	EventScreenContent EventType = "screen_content"
)

// Event is something that was extracted from a session.
type Event struct {
	Time      time.Time       `json:"-"` // the server gives no zone; taken to be UTC
	Type      EventType       `json:"type"`
	Action    string          `json:"action"`      // the command, or the title of the window
	Content   string          `json:"content"`     // what was on the screen there
	ChannelID string          `json:"channels_id"` // number of the channel in the trail; not its key
	RecordID  int64           `json:"record_id"`   // position in the trail
	Raw       json.RawMessage `json:"-"`           // the event as the server sent it
}

// MarshalJSON writes the event as the server sent it.
func (e Event) MarshalJSON() ([]byte, error) { return orNull(e.Raw), nil }

// UnmarshalJSON reads an event, as it is in the API's lists.
func (e *Event) UnmarshalJSON(value []byte) error {
	type plain Event // has no methods
	wire := struct {
		*plain
		Time stamp `json:"time"`
	}{plain: (*plain)(e)}
	err := json.Unmarshal(value, &wire)
	e.Time, e.Raw = wire.Time.Time, keep(value)
	return err
}

// Events goes through the commands and window titles that were extracted from a
// session. A session that has not been indexed has none.
func (c *Client) Events(ctx context.Context, sessionKey string) iter.Seq2[Event, error] {
	return sublist[Event](ctx, c, "listSessionEvents", sessionKey, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListSessionEvents(ctx, sessionKey, nil)
	})
}

// AlertType says what kind of content an alert is about. Values that this package
// doesn't know are kept as they came.
type AlertType string

// The types that the contract lists.
const (
	AlertCommand       AlertType = "adp.event.command"
	AlertScreenContent AlertType = "adp.event.screen.content"
	AlertCreditCard    AlertType = "adp.event.screen.creditcard"
	AlertWindowTitle   AlertType = "adp.event.screen.windowtitle"
)

// Alert is an event that a content policy raised an alert for.
type Alert struct {
	Time           time.Time       `json:"-"` // the server gives no zone; taken to be UTC
	Type           AlertType       `json:"alert_type"`
	RuleName       string          `json:"rule_name"`
	MatchedAction  string          `json:"matched_action"`  // the command, or other action
	MatchedContent string          `json:"matched_content"` // what was on the screen there
	MatchedRegexp  string          `json:"matched_regexp"`
	ChannelID      string          `json:"channel_id"` // number of the channel in the trail; not its key
	RecordID       int64           `json:"record_id"`  // position in the trail
	Raw            json.RawMessage `json:"-"`          // the alert as the server sent it
}

// MarshalJSON writes the alert as the server sent it.
func (a Alert) MarshalJSON() ([]byte, error) { return orNull(a.Raw), nil }

// UnmarshalJSON reads an alert, as it is in the API's lists.
func (a *Alert) UnmarshalJSON(value []byte) error {
	type plain Alert // has no methods
	wire := struct {
		*plain
		Time stamp `json:"time"`
	}{plain: (*plain)(a)}
	err := json.Unmarshal(value, &wire)
	a.Time, a.Raw = wire.Time.Time, keep(value)
	return err
}

// Alerts goes through the alerts of a session.
func (c *Client) Alerts(ctx context.Context, sessionKey string) iter.Seq2[Alert, error] {
	return sublist[Alert](ctx, c, "listSessionAlerts", sessionKey, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListSessionAlerts(ctx, sessionKey, nil)
	})
}
