package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// ContentHit is a record of a session's content, such as a command, that a search found.
type ContentHit struct {
	Time      time.Time       `json:"-"`
	Kind      ContentKind     `json:"type"`
	Content   string          `json:"content"`    // the whole text
	Matched   []string        `json:"matched"`    // the pieces of it that match, each once; none of what is under a Not
	ChannelID string          `json:"channel_id"` // number of the channel in the trail; not its key
	RecordID  int64           `json:"record_id"`  // position in the trail
	Raw       json.RawMessage `json:"-"`          // the hit as the server sent it
}

// MarshalJSON writes the hit as the server sent it.
func (h ContentHit) MarshalJSON() ([]byte, error) { return orNull(h.Raw), nil }

// UnmarshalJSON reads a hit, as it is in the API's lists.
func (h *ContentHit) UnmarshalJSON(value []byte) error {
	type plain ContentHit // has no methods
	wire := struct {
		*plain
		Time stamp `json:"time"`
	}{plain: (*plain)(h)}
	err := json.Unmarshal(value, &wire)
	h.Time, h.Raw = wire.Time.Time, keep(value)
	return err
}

// SearchContent goes through the content of a session that q selects, in the order of
// the recording. What And and Not combine must hold of one record. A query that asks for
// properties of the session is a mistake, and so is the zero Query, for which the server
// would find nothing. A session that has not been indexed has no content.
func (c *Client) SearchContent(ctx context.Context, sessionKey string, q Query) iter.Seq2[ContentHit, error] {
	expression, err := q.contentExpression()
	if err == nil && expression == nil {
		err = queryError{errors.New("there is nothing to search for")}
	}
	if err != nil {
		return failed[ContentHit](fmt.Errorf("searchSessionContent: %w", err))
	}
	return sublist[ContentHit](ctx, c, "searchSessionContent", sessionKey, func(ctx context.Context) (*http.Response, error) {
		return c.api.SearchSessionContent(ctx, sessionKey, &api.SearchSessionContentParams{Q: expression})
	})
}
