package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"sync"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/audit"
)

// ListSessions lists one page of sessions.
func (h handlers) ListSessions(ctx context.Context, request apiserver.ListSessionsRequestObject) (apiserver.ListSessionsResponseObject, error) {
	x := exchangeIn(ctx)
	given := x.request.URL.Query()
	search, err := h.audit.ParseSearch(ctx, audit.Params{
		Criteria: x.criteria(given), Fields: given.Get("fields"), Sort: given.Get("sort"), Format: given.Get("format"),
		Snapshot: given.Get("snapshot"), SearchAfter: given.Get("search_after"),
		Limit: request.Params.Limit, Offset: request.Params.Offset, Client: x.client(),
	})
	if err != nil {
		return nil, err
	}
	result, err := h.audit.List(ctx, search)
	if err != nil {
		return nil, err
	}
	return sessionPage{ctx: ctx, result: result, suffix: searchSuffix(given.Get("fields"), given)}, nil
}

// client is who asks, as far as snapshots tell clients apart.
func (x *exchange) client() audit.Client {
	return audit.Client{User: x.login.User, Address: clientAddress(x.request), Agent: x.request.UserAgent()}
}

// sessionPage writes a list of sessions as the store reads it.
type sessionPage struct {
	ctx    context.Context //nolint:containedctx // the generated interface hands on none
	result *audit.Result
	suffix string // of page links
}

func (p sessionPage) VisitListSessionsResponse(w http.ResponseWriter) error {
	buffered := pageWriters.Get().(*pageWriter)
	defer buffered.release()
	if p.result.Table() != nil {
		return p.writeTable(buffered.to(w, contentTypeCSV))
	}
	return p.writeList(buffered.to(w, contentTypeJSON))
}

func (p sessionPage) writeList(w *pageWriter) error {
	w.buffer = append(w.buffer, `{"items":[`...)
	if err := p.result.WriteItems(p.ctx, w); err != nil {
		return err
	}
	w.buffer = append(w.buffer, `],"meta":`...)
	x := exchangeIn(p.ctx)
	if p.result.Snapshot() != "" {
		w.buffer = append(w.buffer, encode(x.snapshotPage(sessionsPath, auditPath, p.result, p.suffix))...)
	} else {
		meta := listMeta{p.result.Names(), x.pages(sessionsPath, auditPath, p.result.Paging, p.suffix)}
		w.buffer = append(w.buffer, encode(meta)...)
	}
	w.buffer = append(w.buffer, '}')
	return w.finish()
}

func (p sessionPage) writeTable(w *pageWriter) error {
	meta := exchangeIn(p.ctx).pages(sessionsPath, auditPath, p.result.Paging, p.suffix)
	if meta.Next != "" {
		w.link = nextPage(meta.Next)
	}
	if err := p.result.WriteTable(p.ctx, w); err != nil {
		return err
	}
	return w.finish()
}

// pageBuffer is how much of a page is gathered before the client gets any of it.
// A usual page fits: the database is done with it before a slow client begins to
// read, a failure still gets a proper answer, and the length is known. A larger
// one is streamed.
const pageBuffer = 1 << 20

type pageWriter struct {
	w           http.ResponseWriter
	contentType []string
	link        string // the Link header, if not empty
	buffer      []byte
	begun       bool
}

var (
	pageWriters    = sync.Pool{New: func() any { return new(pageWriter) }}
	contentTypeCSV = []string{"text/csv; charset=utf-8"}
)

// to begins an answer.
func (p *pageWriter) to(w http.ResponseWriter, contentType []string) *pageWriter {
	p.w, p.contentType = w, contentType
	return p
}

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
		h := p.w.Header()
		h["Content-Type"] = p.contentType
		if p.link != "" {
			h["Link"] = []string{p.link}
		}
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
	buffer := p.buffer[:0]
	*p = pageWriter{}
	if cap(buffer) <= 2*pageBuffer {
		p.buffer = buffer
		pageWriters.Put(p)
	}
}
