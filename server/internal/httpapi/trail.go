package httpapi

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/store"
)

// DownloadTrail sends the trail file of a session. A session that is still
// active is followed when the file is asked for as srs.
func (h handlers) DownloadTrail(ctx context.Context, request apiserver.DownloadTrailRequestObject) (apiserver.DownloadTrailResponseObject, error) {
	x := exchangeIn(ctx)
	file, active, err := h.audit.SessionTrail(ctx, request.Key)
	if err != nil {
		return nil, err
	}
	extension := "zat"
	if request.Params.Format != nil {
		extension = string(*request.Params.Format)
	}
	d := trailDelivery{api: h.API, ctx: ctx, x: x, key: request.Key, file: file, name: request.Key + "." + extension}
	if active && extension == "srs" {
		return followedTrail{d}, nil
	}
	if d.content, err = h.trails.Open(ctx, file); err != nil {
		return nil, err
	}
	return wholeTrail{d}, nil
}

// trailDelivery is one trail on its way to one client.
type trailDelivery struct {
	api     *API
	ctx     context.Context //nolint:containedctx // the generated interface hands on none
	x       *exchange
	key     string
	file    store.Trail
	name    string
	content io.ReadSeekCloser
}

// log enters the download into the session's log; who only asks for the headers
// downloads nothing.
func (d trailDelivery) log() error {
	if d.x.request.Method == http.MethodHead {
		return nil
	}
	return d.api.audit.LogDownload(d.ctx, d.key, d.x.login.User, clientAddress(d.x.request))
}

func (d trailDelivery) setHeaders(h http.Header) {
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
}

// wholeTrail sends a file that does not change: with its length, entity tag and
// ranges, and by sendfile where the connection allows it.
type wholeTrail struct{ trailDelivery }

func (t wholeTrail) VisitDownloadTrailResponse(http.ResponseWriter) error {
	defer t.content.Close()
	w := &trailWriter{recorder: t.x.recorder, log: t.log}
	t.setHeaders(w.Header())
	w.Header().Set("ETag", `"`+t.file.SHA256+`"`)
	if unit := t.x.request.Header.Get("Range"); !strings.HasPrefix(unit, "bytes=") {
		t.x.request.Header.Del("Range") // of an unknown unit: to be ignored, says RFC 9110
	}
	http.ServeContent(w, t.x.request, "", t.file.Modified, t.content)
	return w.failure
}

// trailWriter logs the download before its first byte leaves, and turns the
// plain-text errors of http.ServeContent into failures that are answered in the
// envelope.
type trailWriter struct {
	*recorder
	log     func() error
	failure error
}

func (w *trailWriter) WriteHeader(status int) {
	switch {
	case w.failure != nil:
		return
	case status == http.StatusOK || status == http.StatusPartialContent:
		w.failure = w.log()
	case status == http.StatusRequestedRangeNotSatisfiable:
		w.failure = problemf(rangeNotSatisfiable)
	case status == http.StatusPreconditionFailed:
		w.failure = problemf(preconditionFailed)
	case status >= http.StatusBadRequest:
		w.failure = problemf(internalError)
	}
	if w.failure == nil {
		w.recorder.WriteHeader(status)
		return
	}
	for _, name := range []string{"Accept-Ranges", "Content-Disposition", "Content-Length", "Last-Modified", "ETag"} {
		w.Header().Del(name)
	}
}

func (w *trailWriter) Write(p []byte) (int, error) {
	if w.failure != nil {
		return 0, w.failure
	}
	return w.recorder.Write(p)
}

func (w *trailWriter) ReadFrom(src io.Reader) (int64, error) {
	if w.failure != nil {
		return 0, w.failure
	}
	return w.recorder.ReadFrom(src)
}

// followedTrail sends the trail of an active session as it grows.
type followedTrail struct{ trailDelivery }

func (t followedTrail) VisitDownloadTrailResponse(http.ResponseWriter) error {
	w := t.x.recorder
	t.setHeaders(w.Header())
	if err := t.log(); err != nil {
		return err
	}
	if t.x.request.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	go func() {
		select {
		case <-t.api.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	// Ending early, for whatever reason, breaks the connection: a client must
	// not take it for the end of the session.
	return t.api.trails.Follow(ctx, authorised{t.api, t.x}, t.key, w, w.control.Flush)
}

// authorised looks up trails for as long as a login lives. Following one does not
// renew it: watching is no activity.
type authorised struct {
	api *API
	x   *exchange
}

// SessionTrail is the service's, while the login lives and may see the session.
func (s authorised) SessionTrail(ctx context.Context, key string) (store.Trail, bool, error) {
	if err := s.api.logins.Alive(ctx, s.x.login.ID); err != nil {
		return store.Trail{}, false, fmt.Errorf("the follower's login: %w", err)
	}
	access, err := s.api.accessOf(ctx, s.x)
	if err == nil {
		err = s.api.mustSee(ctx, access, key, s.x.path)
	}
	if err != nil {
		return store.Trail{}, false, fmt.Errorf("the follower's access: %w", err)
	}
	return s.api.audit.SessionTrail(ctx, key)
}
