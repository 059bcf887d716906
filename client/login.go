package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/spskit/spskit/gen/api"
	"github.com/spskit/spskit/gen/apiclient"
)

const cookieName = "session_id"

// Login logs in now. There is no need to call it, because the first call that needs
// a login makes one; it tells early whether the appliance is there and takes the
// credentials. A login that the client already had is left to expire. With an API key,
// which needs no login, it only asks who the user is.
func (c *Client) Login(ctx context.Context) error {
	switch {
	case c.login.credentials.key != nil:
		_, err := c.UserInfo(ctx)
		return err
	case !c.login.credentials.logIn():
		return fmt.Errorf("log in: %w", ErrNoCredentials)
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	_, err := c.login.renew(ctx)
	return err
}

// Logout ends the login, and with it an open transaction. Without a login it does
// nothing. A later call logs in again. After an error the login may live on, and Logout
// can be called again.
//
// While a Transaction runs, only the function within may log out, with the ctx that
// it got; others get ErrTransactionOpen.
func (c *Client) Logout(ctx context.Context) error {
	if err := c.outside(ctx, "log out"); err != nil {
		return err
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	token, err := c.login.end(ctx)
	if err != nil || token == "" {
		return err
	}
	if isToken(token) {
		err = c.call(withRepeat(c.login.withPin(ctx, &pin{token: token, set: true})), "deleteLogin", nil, func(ctx context.Context) (*http.Response, error) {
			return c.api.DeleteLogin(ctx)
		})
		if err != nil && !errors.Is(err, ErrUnauthenticated) { // else it had expired, or a repeated request found it ended
			c.login.restore(token)
			return err
		}
	}
	return c.login.clearStore(ctx, token)
}

// loginLayer adds the cookie of the login to requests.
//
// A request that finds the login expired is sent once more after a new one, but only
// if it reads: a write belongs to a transaction, which has gone with the login.
type loginLayer struct {
	next        doer
	server      string
	credentials credentials
	method      string
	store       LoginStore // may be nil
	observers   observers
	log         *slog.Logger
	timeout     time.Duration

	mu     sync.Mutex
	token  Secret  // empty when there is no login
	flight *flight // the login that is being made, if any; then there is no token
	loaded bool    // the store has been asked, or there is no need to
	ends   int     // how often end was called
}

// flight is a login that any number of requests wait for.
type flight struct {
	until time.Time // when the last of them gives up; guarded by the layer
	done  chan struct{}
	token Secret
	err   error
}

func (l *loginLayer) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	p := l.pinOf(ctx)
	if p != nil && p.set {
		return l.send(req, p.token)
	}
	began := l.endCount()
	for attempt := 1; ; attempt++ {
		token, err := l.ensure(ctx)
		if err != nil {
			return nil, err
		}
		sent, err := anew(req, attempt)
		if err != nil {
			return nil, err
		}
		resp, err := l.send(sent, token)
		if err != nil {
			p.fill(token) // the request may have been served all the same
			return nil, err
		}
		if !saysUnauthenticated(resp) {
			p.fill(token)
			return resp, nil
		}
		if token == "" {
			return resp, nil
		}
		l.forget(token)
		// Whoever asked before a logout must not undo it.
		if attempt == 2 || !repeatable(req) || !rewindable(req) || l.endCount() != began {
			return resp, nil
		}
		_ = resp.Body.Close() // read to its end already
	}
}

func (l *loginLayer) send(req *http.Request, token Secret) (*http.Response, error) {
	req = req.Clone(req.Context())
	if token != "" {
		req.Header.Set("Cookie", cookieName+"="+string(token))
	}
	if l.pinOf(req.Context()) == nil || req.Method == http.MethodGet || req.Method == http.MethodHead {
		return l.next.Do(req)
	}
	ctx, release := lingering(req.Context())
	resp, err := l.next.Do(req.WithContext(ctx))
	if err != nil {
		release()
		return nil, err
	}
	resp.Body = &rawBody{resp.Body, release}
	return resp, nil
}

// ensure gives the token of the login, and gets a login if there is none. Without
// credentials for one and without a store there never is one.
func (l *loginLayer) ensure(ctx context.Context) (Secret, error) {
	l.mu.Lock()
	if l.token != "" || l.flight == nil && !l.credentials.logIn() && !l.mayLoad() {
		defer l.mu.Unlock()
		return l.token, nil
	}
	f := l.start(ctx)
	l.mu.Unlock()
	return f.wait(ctx)
}

// mayLoad tells whether the store may have a login that nobody has tried. l.mu is held.
func (l *loginLayer) mayLoad() bool { return l.store != nil && !l.loaded }

// renew logs in even if there is a login.
func (l *loginLayer) renew(ctx context.Context) (Secret, error) {
	l.mu.Lock()
	l.token, l.loaded = "", true
	f := l.start(ctx)
	l.mu.Unlock()
	return f.wait(ctx)
}

// forget drops the login if its token is this one, and not one that somebody else
// has got meanwhile.
func (l *loginLayer) forget(token Secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if token == l.token {
		l.token = ""
	}
}

// end drops the login, and the one that is being made, and returns its token, which
// is empty if there is none. A login that is still in the store is loaded for that, and
// returned as it is.
func (l *loginLayer) end(ctx context.Context) (Secret, error) {
	l.mu.Lock()
	token, f, load := l.token, l.flight, l.mayLoad()
	l.token, l.flight, l.loaded = "", nil, true
	l.ends++
	l.mu.Unlock()
	switch {
	case f == nil && load:
		token, err := l.store.Load(ctx)
		if err != nil {
			return "", fmt.Errorf("log out: load the stored login: %w", err)
		}
		return token, nil
	case f == nil:
		return token, nil
	}
	select {
	case <-f.done:
		return f.token, nil // none if the login failed, which those who wanted it are told
	case <-ctx.Done():
		l.resume(f)
		return "", fmt.Errorf("log out: %w", ctx.Err())
	}
}

// restore takes back that a login was ended, unless there is another one by now.
func (l *loginLayer) restore(token Secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token == "" && l.flight == nil {
		l.token = token
	}
}

// resume is restore for a login that was still being made.
func (l *loginLayer) resume(f *flight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token != "" || l.flight != nil {
		return
	}
	select {
	case <-f.done:
		l.token = f.token
	default:
		l.flight = f
	}
}

// current tells whether a login that is being made has not been ended meanwhile.
func (l *loginLayer) current(f *flight) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flight == f
}

func (l *loginLayer) endCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ends
}

// start begins a login unless one is under way. It doesn't end with the request that
// happened to begin it, because others may wait for it too. l.mu is held.
func (l *loginLayer) start(ctx context.Context) *flight {
	until := patience(ctx)
	if l.flight != nil {
		if until.After(l.flight.until) {
			l.flight.until = until
		}
		return l.flight
	}
	f := &flight{until: until, done: make(chan struct{})}
	load := l.mayLoad()
	l.flight, l.loaded = f, true
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.timeout)
		defer cancel()
		ctx = withPatience(ctx, func() time.Time {
			l.mu.Lock()
			defer l.mu.Unlock()
			return f.until
		})
		f.token, f.err = l.obtain(ctx, load, f)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.flight == f { // nobody has logged out meanwhile
			l.flight, l.token = nil, f.token
		}
		close(f.done)
	}()
	return f
}

func (f *flight) wait(ctx context.Context) (Secret, error) {
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", fmt.Errorf("log in: %w", ctx.Err())
	}
}

// request makes a login and returns its token.
func (l *loginLayer) request(ctx context.Context) (token Secret, err error) {
	ctx, done := l.observers.observe(ctx, "createLogin")
	defer func() { done(err) }()
	params := &api.CreateLoginParams{}
	if l.method != "" {
		params.LoginMethod = &l.method
	}
	if l.credentials.certificate != nil {
		params.Type = new(api.LoginTypeX509)
	}
	req, err := apiclient.NewCreateLoginRequest(l.server, params)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	req = req.WithContext(ctx)
	if l.credentials.password != nil {
		password, err := l.credentials.password(ctx)
		if err != nil {
			return "", fmt.Errorf("log in: get the password: %w", err)
		}
		req.SetBasicAuth(l.credentials.user, password)
	}
	resp, err := l.next.Do(req)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	if err := readAnswer(resp, "createLogin", nil); err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	for _, cookie := range resp.Cookies() {
		if cookie.Name == cookieName && cookie.Value != "" {
			return Secret(cookie.Value), nil
		}
	}
	return "", fmt.Errorf("log in: %w", failure(resp, "createLogin",
		&unexpectedError{reason: "the login brought no " + cookieName + " cookie"}))
}

// saysUnauthenticated tells whether the API answers that the login is over. It leaves
// the answer as it was.
func saysUnauthenticated(resp *http.Response) bool {
	if resp.StatusCode != http.StatusUnauthorized || !isJSON(resp.Header) {
		return false
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFailure+1))
	original := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), original), original}
	if err != nil {
		return false
	}
	var document struct{ Error struct{ Type ErrorType } }
	return json.Unmarshal(body, &document) == nil && document.Error.Type == TypeUnauthenticated
}
