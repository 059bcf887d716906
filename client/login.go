package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spskit/spskit/gen/api"
	"github.com/spskit/spskit/gen/apiclient"
)

const cookieName = "session_id"

// Login logs in now. There is no need to call it, because the first call that needs
// a login makes one; it tells early whether the appliance is there and takes the
// credentials. A login that the client already had is left to expire.
func (c *Client) Login(ctx context.Context) error {
	if c.login.user == "" {
		return fmt.Errorf("log in: %w", ErrNoCredentials)
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	_, err := c.login.renew(ctx)
	return err
}

// Logout ends the login, and with it an open transaction. Without a login it does
// nothing. A later call logs in again.
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
	if token == "" || err != nil {
		return err
	}
	err = c.call(c.login.withPin(ctx, &pin{token: token, set: true}), "deleteLogin", nil, func(ctx context.Context) (*http.Response, error) {
		return c.api.DeleteLogin(ctx)
	})
	if errors.Is(err, ErrUnauthenticated) { // it had expired
		return nil
	}
	return err
}

// loginLayer adds the cookie of the login to requests.
//
// A request that finds the login expired is sent once more after a new one, but only
// if it reads: a write belongs to a transaction, which has gone with the login.
type loginLayer struct {
	next                   doer
	server                 string
	user, password, method string
	timeout                time.Duration
	ask                    func(context.Context) (string, error) // gives the password; nil if it is known
	store                  LoginStore                            // nil if logins end with the client

	mu      sync.Mutex
	token   string  // empty when there is no login
	refused string  // the last token that the appliance took for expired
	flight  *flight // the login that is being made, if any; then there is no token
	ends    int     // how often end was called
}

// flight is a login that any number of requests wait for.
type flight struct {
	done  chan struct{}
	token string
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
		resp, err := l.send(req, token)
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
		if attempt == 2 || !repeatable(req) || l.endCount() != began {
			return resp, nil
		}
		_ = resp.Body.Close() // read to its end already
	}
}

func (l *loginLayer) send(req *http.Request, token string) (*http.Response, error) {
	req = req.Clone(req.Context())
	if token != "" {
		req.Header.Set("Cookie", cookieName+"="+token)
	}
	return l.next.Do(req)
}

// ensure gives the token of the login, and logs in if there is none. Without
// credentials there never is one.
func (l *loginLayer) ensure(ctx context.Context) (string, error) {
	if l.user == "" {
		return "", nil
	}
	l.mu.Lock()
	if l.token != "" {
		defer l.mu.Unlock()
		return l.token, nil
	}
	f := l.start(ctx, l.resume)
	l.mu.Unlock()
	return f.wait(ctx)
}

// renew logs in even if there is a login.
func (l *loginLayer) renew(ctx context.Context) (string, error) {
	l.mu.Lock()
	l.token = ""
	f := l.start(ctx, l.begin)
	l.mu.Unlock()
	return f.wait(ctx)
}

// forget drops the login if its token is this one, and not one that somebody else
// has got meanwhile.
func (l *loginLayer) forget(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if token == l.token {
		l.token, l.refused = "", token
	}
}

// end drops the login, and the one that is being made, and returns its token, which
// is empty if there is none.
func (l *loginLayer) end(ctx context.Context) (string, error) {
	l.mu.Lock()
	token, f := l.token, l.flight
	l.token, l.flight = "", nil
	l.ends++
	l.mu.Unlock()
	if f == nil {
		if token == "" {
			var err error
			if token, err = l.stored(ctx); err != nil {
				return "", err
			}
		}
		return token, l.save(ctx, "")
	}
	select {
	case <-f.done:
		return f.token, l.save(ctx, "") // no token if the login failed, which those who wanted it are told
	case <-ctx.Done():
		return "", fmt.Errorf("log out: %w", ctx.Err())
	}
}

func (l *loginLayer) endCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ends
}

// start begins a login unless one is under way. It doesn't end with the request that
// happened to begin it, because others may wait for it too. l.mu is held.
func (l *loginLayer) start(ctx context.Context, login func(context.Context) (string, error)) *flight {
	if l.flight != nil {
		return l.flight
	}
	f := &flight{done: make(chan struct{})}
	l.flight = f
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.timeout)
		defer cancel()
		f.token, f.err = login(ctx)
		l.mu.Lock()
		if l.flight == f { // nobody has logged out meanwhile
			l.flight, l.token = nil, f.token
		}
		l.mu.Unlock()
		close(f.done)
	}()
	return f
}

func (f *flight) wait(ctx context.Context) (string, error) {
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", fmt.Errorf("log in: %w", ctx.Err())
	}
}

// resume takes the login that is in the store, or else begins one.
func (l *loginLayer) resume(ctx context.Context) (string, error) {
	if token, err := l.stored(ctx); token != "" || err != nil {
		return token, err
	}
	return l.begin(ctx)
}

// begin makes a login, and saves it.
func (l *loginLayer) begin(ctx context.Context) (string, error) {
	token, err := l.request(ctx)
	if err == nil {
		err = l.save(ctx, token)
	}
	if err != nil {
		return "", err
	}
	return token, nil
}

// request makes a login and returns its token.
func (l *loginLayer) request(ctx context.Context) (string, error) {
	params := &api.CreateLoginParams{}
	if l.method != "" {
		params.LoginMethod = &l.method
	}
	req, err := apiclient.NewCreateLoginRequest(l.server, params)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	req = req.WithContext(ctx)
	password := l.password
	if l.ask != nil {
		if password, err = l.ask(ctx); err != nil {
			return "", fmt.Errorf("log in: %w", err)
		}
	}
	req.SetBasicAuth(l.user, password)
	resp, err := l.next.Do(req)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	if err := readAnswer(resp, "createLogin", nil); err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	for _, cookie := range resp.Cookies() {
		if cookie.Name == cookieName && cookie.Value != "" {
			return cookie.Value, nil
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

// pin ties requests to one login. The first request that is made with it sets it,
// unless it finds that there is no login; later ones, which may be concurrent, only
// read it.
type pin struct {
	set   bool
	token string      // empty if the caller's transport logs in
	over  atomic.Bool // nothing is tied any more
}

// fill ties a pin, if there is one, to the login with this token.
func (p *pin) fill(token string) {
	if p != nil && !p.set {
		p.set, p.token = true, token
	}
}

// Contexts know for which client they hold a pin, so that another one never takes
// its token.
type pinKey struct{ of *loginLayer }

func (l *loginLayer) withPin(ctx context.Context, p *pin) context.Context {
	return context.WithValue(ctx, pinKey{l}, p)
}

func (l *loginLayer) pinOf(ctx context.Context) *pin {
	p, _ := ctx.Value(pinKey{l}).(*pin)
	if p == nil || p.over.Load() {
		return nil
	}
	return p
}

type repeatKey struct{}

// withRepeat marks a request as one that does no harm when it is sent twice, though
// it isn't a GET.
func withRepeat(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatKey{}, true)
}

func repeatable(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Context().Value(repeatKey{}) != nil
}
