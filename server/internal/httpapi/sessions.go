package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/audit"
)

const (
	auditPath    = "/api/audit"
	sessionsPath = "/api/audit/sessions"
)

// GetSession sends the stored body of a session as it is.
func (h handlers) GetSession(ctx context.Context, request apiserver.GetSessionRequestObject) (apiserver.GetSessionResponseObject, error) {
	x := exchangeIn(ctx)
	body, err := h.audit.Get(ctx, request.Key)
	if err != nil {
		return nil, err
	}
	// The key of a stored session holds nothing that JSON would escape.
	b := make([]byte, 0, len(body)+2*len(request.Key)+128)
	b = append(b, `{"body":`...)
	b = append(b, body...)
	b = append(b, `,"key":"`...)
	b = append(b, request.Key...)
	b = append(b, `","meta":{"href":"`+sessionsPath+`/`...)
	b = append(b, request.Key...)
	b = append(b, `","parent":"`+sessionsPath+`","remaining_seconds":`...)
	b = strconv.AppendInt(b, int64(x.remainingSeconds()), 10)
	b = append(b, `}}`...)
	return answer{http.StatusOK, b}, nil
}

type listDocument struct {
	Items any `json:"items"`
	Meta  any `json:"meta"`
}

// part answers with one page of a list that belongs to a session. All of these
// lists have the same parameters.
func (h handlers) part(ctx context.Context, key string, limit, offset *int,
	read func(context.Context, string, audit.Window) (audit.Part, error),
) (answer, error) {
	window, err := audit.ParseWindow(limit, offset)
	if err != nil {
		return answer{}, err
	}
	part, err := read(ctx, key, window)
	if err != nil {
		return answer{}, err
	}
	x := exchangeIn(ctx)
	return ok(listDocument{part.Items, x.pages(x.path, sessionsPath+"/"+key, part.Paging, "")}), nil
}

// ListSessionChannels lists the channels of a session.
func (h handlers) ListSessionChannels(ctx context.Context, r apiserver.ListSessionChannelsRequestObject) (apiserver.ListSessionChannelsResponseObject, error) {
	return h.part(ctx, r.Key, r.Params.Limit, r.Params.Offset, h.audit.Channels)
}

// GetSessionChannel shows one channel of a session.
func (h handlers) GetSessionChannel(ctx context.Context, r apiserver.GetSessionChannelRequestObject) (apiserver.GetSessionChannelResponseObject, error) {
	body, err := h.audit.Channel(ctx, r.Key, r.Channel)
	if err != nil {
		return nil, err
	}
	x := exchangeIn(ctx)
	return ok(struct {
		Body json.RawMessage `json:"body"`
		Key  string          `json:"key"`
		Meta objectMeta      `json:"meta"`
	}{body, r.Channel, x.meta(x.path, sessionsPath+"/"+r.Key+"/channels")}), nil
}

// ListSessionAlerts lists the alerts of a session.
func (h handlers) ListSessionAlerts(ctx context.Context, r apiserver.ListSessionAlertsRequestObject) (apiserver.ListSessionAlertsResponseObject, error) {
	return h.part(ctx, r.Key, r.Params.Limit, r.Params.Offset, h.audit.Alerts)
}

// ListSessionEvents lists the commands and window titles of a session.
func (h handlers) ListSessionEvents(ctx context.Context, r apiserver.ListSessionEventsRequestObject) (apiserver.ListSessionEventsResponseObject, error) {
	return h.part(ctx, r.Key, r.Params.Limit, r.Params.Offset, h.audit.Events)
}

// ListSessionIndexing lists the indexing jobs of a session.
func (h handlers) ListSessionIndexing(ctx context.Context, r apiserver.ListSessionIndexingRequestObject) (apiserver.ListSessionIndexingResponseObject, error) {
	return h.part(ctx, r.Key, r.Params.Limit, r.Params.Offset, h.audit.Indexing)
}

// ListSessionIndexer is ListSessionIndexing under the path of the guide's table.
func (h handlers) ListSessionIndexer(ctx context.Context, r apiserver.ListSessionIndexerRequestObject) (apiserver.ListSessionIndexerResponseObject, error) {
	return h.part(ctx, r.Key, r.Params.Limit, r.Params.Offset, h.audit.Indexing)
}

// ListSessionIndexers is ListSessionIndexing under the path of other versions.
func (h handlers) ListSessionIndexers(ctx context.Context, r apiserver.ListSessionIndexersRequestObject) (apiserver.ListSessionIndexersResponseObject, error) {
	return h.part(ctx, r.Key, r.Params.Limit, r.Params.Offset, h.audit.Indexing)
}

type trailDownload struct {
	FromAPI   bool   `json:"from_api"`
	IPAddress string `json:"ip_address"`
	Time      string `json:"time"`
	Username  string `json:"username"`
}

// downloadTime is how the guide writes the time of a download.
const downloadTime = "2006-01-02T15:04:05.000Z"

// ListSessionTrailDownloads lists who downloaded the trail of a session.
func (h handlers) ListSessionTrailDownloads(ctx context.Context, r apiserver.ListSessionTrailDownloadsRequestObject) (apiserver.ListSessionTrailDownloadsResponseObject, error) {
	window, err := audit.ParseWindow(r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	log, err := h.audit.Downloads(ctx, r.Key, window)
	if err != nil {
		return nil, err
	}
	items := make([]trailDownload, len(log.Items))
	for i, d := range log.Items {
		items[i] = trailDownload{
			FromAPI: d.FromAPI, IPAddress: d.Address, Time: d.Time.UTC().Format(downloadTime), Username: d.User,
		}
	}
	x := exchangeIn(ctx)
	return ok(listDocument{items, x.pages(x.path, sessionsPath+"/"+r.Key, log.Paging, "")}), nil
}
