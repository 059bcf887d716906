package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/audit"
)

const (
	auditPath    = "/api/audit"
	sessionsPath = "/api/audit/sessions"
)

// ListSessions lists one page of sessions.
func (h handlers) ListSessions(ctx context.Context, request apiserver.ListSessionsRequestObject) (apiserver.ListSessionsResponseObject, error) {
	x := exchangeIn(ctx)
	given := x.request.URL.Query()
	search, err := audit.ParseSearch(audit.Params{
		Start: given.Get("start"), End: given.Get("end"), Q: given.Get("q"), Content: given.Get("content"),
		Fields: given.Get("fields"), Sort: given.Get("sort"), Format: given.Get("format"),
		Snapshot: given.Get("snapshot"), SearchAfter: given.Get("search_after"),
		Limit: request.Params.Limit, Offset: request.Params.Offset,
	})
	if err != nil {
		return nil, err
	}
	result, err := h.audit.List(ctx, search)
	if err != nil {
		return nil, err
	}
	meta := x.pages(sessionsPath, auditPath, result.Paging, searchSuffix(given.Get("fields"), given))
	names := search.Fields.Names()
	if names == nil {
		names = []string{}
	}
	return sessionPage{ctx: ctx, result: result, meta: encode(struct {
		Fields []string `json:"fields"`
		pageMeta
	}{names, meta})}, nil
}

// sessionPage writes a list of sessions as the store reads it.
type sessionPage struct {
	ctx    context.Context //nolint:containedctx // the generated interface hands on none
	result *audit.Result
	meta   []byte
}

func (p sessionPage) VisitListSessionsResponse(w http.ResponseWriter) error {
	buffered := pageWriters.Get().(*pageWriter)
	defer buffered.release()
	buffered.w = w
	buffered.buffer = append(buffered.buffer, `{"items":[`...)
	if err := p.result.WriteItems(p.ctx, buffered); err != nil {
		return err
	}
	buffered.buffer = append(buffered.buffer, `],"meta":`...)
	buffered.buffer = append(buffered.buffer, p.meta...)
	buffered.buffer = append(buffered.buffer, '}')
	return buffered.finish()
}

// pageBuffer is how much of a page is gathered before the client gets any of it.
// A usual page fits: the database is done with it before a slow client begins to
// read, a failure still gets a proper answer, and the length is known. A larger
// one is streamed.
const pageBuffer = 1 << 20

type pageWriter struct {
	w      http.ResponseWriter
	buffer []byte
	begun  bool
}

var pageWriters = sync.Pool{New: func() any { return new(pageWriter) }}

func (p *pageWriter) Write(b []byte) (int, error) {
	if len(p.buffer)+len(b) > pageBuffer {
		if err := p.flush(); err != nil {
			return 0, err
		}
	}
	p.buffer = append(p.buffer, b...)
	return len(b), nil
}

func (p *pageWriter) flush() error {
	if !p.begun {
		p.begun = true
		p.w.Header()["Content-Type"] = contentTypeJSON
	}
	_, err := p.w.Write(p.buffer)
	p.buffer = p.buffer[:0]
	return err
}

func (p *pageWriter) finish() error {
	if !p.begun {
		p.w.Header()["Content-Length"] = []string{strconv.Itoa(len(p.buffer))}
	}
	return p.flush()
}

func (p *pageWriter) release() {
	p.w, p.begun = nil, false
	if cap(p.buffer) <= 2*pageBuffer {
		p.buffer = p.buffer[:0]
		pageWriters.Put(p)
	}
}

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
	Items any      `json:"items"`
	Meta  pageMeta `json:"meta"`
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
