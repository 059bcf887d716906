package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// RetryPolicy says how often and how fast a request that failed for the moment is
// sent again. A member that is 0 has the value of DefaultRetryPolicy.
//
// Between two attempts the client waits for a random part of BaseDelay, then of twice
// as much, and so on up to MaxDelay (exponential backoff with full jitter). When the
// server says Retry-After it waits for at least that long. It never waits longer than
// MaxElapsed, the call's timeout or the context leave: it gives up at once then, with
// the last answer as the error.
type RetryPolicy struct {
	MaxAttempts int           // how often a request is sent at most, the first time included
	BaseDelay   time.Duration // bound of the first wait
	MaxDelay    time.Duration // bound of every wait that the server doesn't ask for
	MaxElapsed  time.Duration // how long after the first attempt the last one may begin
}

// DefaultRetryPolicy holds unless WithRetry or WithoutRetry say otherwise: 4 attempts,
// waits of up to 200 milliseconds at first and 5 seconds at last, 30 seconds in all.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{
		MaxAttempts: 4, BaseDelay: 200 * time.Millisecond, MaxDelay: 5 * time.Second, MaxElapsed: 30 * time.Second,
	}
}

// WithRetry changes how often and how fast requests are sent again.
//
// Sent again is what reads, logging in included, and opening or rolling back a
// transaction, when
//
//   - the server, or a proxy, answers 429, 502, 503 or 504, or
//   - the connection fails before an answer has begun. Certificates that don't hold and
//     names that nobody knows are no such failures.
//
// Everything else that writes is sent again only if no connection came about, so that
// it cannot have been done: a repeated DELETE would be told that there is no such
// object, and a repeated POST might make two. The Transaction that it belongs to can be
// run again as a whole. An answer that has begun is never asked for again, whatever
// happens to the rest of it.
func WithRetry(p RetryPolicy) Option {
	return func(s *settings) error {
		if min(time.Duration(p.MaxAttempts), p.BaseDelay, p.MaxDelay, p.MaxElapsed) < 0 {
			return errors.New("the retry policy has negative members")
		}
		s.retry = p.orDefault()
		return nil
	}
}

// WithoutRetry sends every request once, except for the one that finds the login
// expired. Downloads of trails that break off are resumed all the same.
func WithoutRetry() Option { return WithRetry(RetryPolicy{MaxAttempts: 1}) }

func (p RetryPolicy) orDefault() RetryPolicy {
	d := DefaultRetryPolicy()
	if p.MaxAttempts == 0 {
		p.MaxAttempts = d.MaxAttempts
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = d.BaseDelay
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = d.MaxDelay
	}
	if p.MaxElapsed == 0 {
		p.MaxElapsed = d.MaxElapsed
	}
	return p
}

// delay is how long to wait after an attempt, the first of which is 1.
func (p RetryPolicy) delay(attempt int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked + rand.N(p.BaseDelay) //nolint:gosec // not all clients at once is all it is for
	}
	bound := p.BaseDelay
	for range attempt - 1 {
		if bound >= p.MaxDelay/2 {
			bound = p.MaxDelay
			break
		}
		bound *= 2
	}
	return rand.N(min(bound, p.MaxDelay)) //nolint:gosec // as above
}

// retryLayer sends requests again that failed for the moment.
type retryLayer struct {
	next   doer
	policy RetryPolicy
	log    *slog.Logger
}

func (l retryLayer) Do(req *http.Request) (*http.Response, error) {
	ctx, began := req.Context(), time.Now()
	for attempt := 1; ; attempt++ {
		sent, err := anew(req, attempt)
		if err != nil {
			return nil, err
		}
		resp, err := l.next.Do(sent)
		if attempt >= l.policy.MaxAttempts || !passing(req, resp, err) {
			return resp, err
		}
		wait := l.policy.delay(attempt, askedToWait(resp))
		again := time.Now().Add(wait)
		if again.Sub(began) > l.policy.MaxElapsed || !again.Before(patience(ctx)) {
			return resp, err
		}
		why := outcomeOf(resp, err)
		l.log.LogAttrs(ctx, slog.LevelDebug, "SPS API request will be repeated",
			slog.String("method", req.Method), slog.String("path", req.URL.Path),
			slog.String("after", why), slog.Duration("wait", wait))
		if resp != nil {
			discard(resp.Body)
		}
		if err := pause(ctx, wait); err != nil {
			return nil, fmt.Errorf("%s %s, to be repeated after %s: %w", req.Method, req.URL.Path, why, err)
		}
	}
}

// anew is the request for an attempt, with its body from the beginning.
func anew(req *http.Request, attempt int) (*http.Request, error) {
	if attempt == 1 {
		return req, nil
	}
	sent := req.Clone(req.Context())
	if !hasBody(req) {
		return sent, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("send the document again: %w", err)
	}
	sent.Body = body
	return sent, nil
}

func hasBody(req *http.Request) bool { return req.Body != nil && req.Body != http.NoBody }

// rewindable tells whether the body, if there is one, can be sent again.
func rewindable(req *http.Request) bool { return !hasBody(req) || req.GetBody != nil }

// passing tells whether a failure may pass, and the request may be sent again.
func passing(req *http.Request, resp *http.Response, err error) bool {
	if !rewindable(req) {
		return false
	}
	if err == nil {
		switch resp.StatusCode {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return repeatable(req)
		}
		return false
	}
	if req.Context().Err() != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if unknown := (*net.DNSError)(nil); errors.As(err, &unknown) && unknown.IsNotFound {
		return false
	}
	var op *net.OpError
	isOp := errors.As(err, &op)
	if isOp && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true // nothing was sent
	}
	if !repeatable(req) {
		return false
	}
	var timeout net.Error
	switch {
	case isOp:
		return op.Op != "remote error" // what TLS calls a refusal
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	default:
		return errors.As(err, &timeout) && timeout.Timeout()
	}
}

type repeatKey struct{}

// withRepeat marks a request as one that does no harm when it is sent twice, though
// it isn't a GET.
func withRepeat(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatKey{}, true)
}

func repeatable(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Method == http.MethodHead || req.Context().Value(repeatKey{}) != nil
}

func outcomeOf(resp *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	return strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode)
}

// discard reads what is left of a short body, so that the connection can be used
// again, and leaves a long one.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // it is of no interest
	_ = body.Close()
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type patienceKey struct{}

// withPatience lets ctx, which itself lives on, tell until when anybody waits for what
// is done with it.
func withPatience(ctx context.Context, until func() time.Time) context.Context {
	return context.WithValue(ctx, patienceKey{}, until)
}

// patience is until when waiting makes sense.
func patience(ctx context.Context) time.Time {
	until := deadline(ctx)
	if waiting, ok := ctx.Value(patienceKey{}).(func() time.Time); ok {
		if earlier := waiting(); earlier.Before(until) {
			return earlier
		}
	}
	return until
}

// deadline is when ctx ends by itself, which may be as good as never.
func deadline(ctx context.Context) time.Time {
	if at, ok := ctx.Deadline(); ok {
		return at
	}
	return time.Now().AddDate(1, 0, 0)
}

// longestRetryAfter bounds what is believed of a server's clock.
const longestRetryAfter = 24 * time.Hour

// askedToWait is how long the server asks to wait; 0 if it doesn't.
func askedToWait(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(longestRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(resp.Header.Get("Date")) // the clock that the date was taken from
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}
