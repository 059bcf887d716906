package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// front is the outermost layer. It gives the request its exchange, turns a panic
// into an answer, brings the path into its one form, and reports the outcome.
func (a *API) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		rec := &recorder{ResponseWriter: w, control: http.NewResponseController(w)}
		x := &exchange{requestID: newRequestID(), path: r.URL.Path, recorder: rec}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		x.request = r
		h := rec.Header()
		h["Content-Language"] = contentLanguage
		h["X-Request-Id"] = []string{x.requestID}
		h["X-Content-Type-Options"] = noSniff
		h["Cache-Control"] = noStore

		defer func() {
			failure := recover()
			if err, _ := failure.(error); failure != nil && !errors.Is(err, http.ErrAbortHandler) {
				failure = a.answerPanic(rec, r, failure)
			}
			a.report(r, x, started, failure != nil)
			if failure != nil {
				panic(failure)
			}
		}()
		if r.Header.Get("Expect") != "" {
			a.fail(rec, r, problemf(expectationFailed))
			return
		}
		if !normalisePath(r.URL) {
			x.path = r.URL.Path
			a.answerUnrouted(rec, r)
			return
		}
		x.path = r.URL.Path
		next.ServeHTTP(rec, r)
	})
}

var (
	contentLanguage = []string{"en"}
	noSniff         = []string{"nosniff"}
	noStore         = []string{"no-store"}
)

// answerPanic answers 500 and returns nil, or ErrAbortHandler when the answer
// had begun already.
func (a *API) answerPanic(rec *recorder, r *http.Request, failure any) (abort any) {
	a.log.ErrorContext(r.Context(), "panic", "panic", fmt.Sprint(failure), "stack", string(debug.Stack()))
	if rec.begun() {
		return http.ErrAbortHandler
	}
	defer func() { abort = recover() }()
	a.fail(rec, r, fmt.Errorf("panic: %v", failure))
	return nil
}

func (a *API) report(r *http.Request, x *exchange, started time.Time, aborted bool) {
	elapsed := time.Since(started)
	status := x.recorder.status
	a.metrics.observe(x.operation, status, elapsed)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !a.log.Enabled(r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs,
		slog.String("method", r.Method),
		slog.String("path", x.path),
		slog.String("operation", x.operation),
		slog.Int("status", status),
		slog.Int64("bytes", x.recorder.written),
		slog.Duration("elapsed", elapsed),
		slog.String("client", clientAddress(r)))
	if aborted {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	a.log.LogAttrs(r.Context(), level, "request", attrs...)
}

func newRequestID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// normalisePath drops trailing and repeated slashes. It refuses paths with dot
// segments: no resource has one, and ServeMux would answer them with a redirect.
func normalisePath(u *url.URL) bool {
	escaped := u.EscapedPath()
	if !strings.HasPrefix(escaped, "/") {
		return false
	}
	if !strings.Contains(escaped, "//") && !strings.Contains(escaped, "/.") && (escaped == "/" || !strings.HasSuffix(escaped, "/")) {
		return true
	}
	segments := strings.FieldsFunc(escaped, func(c rune) bool { return c == '/' })
	for _, s := range segments {
		if s == "." || s == ".." {
			return false
		}
	}
	escaped = "/" + strings.Join(segments, "/")
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return false
	}
	u.Path, u.RawPath = path, escaped
	return true
}
