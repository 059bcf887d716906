package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/internal/spec"
	"github.com/spskit/spskit/server/store"
)

const (
	cookieName = "session_id"
	// cookieAge is how long a browser keeps the cookie. The appliance's lives
	// for twelve hours; within them, the idle timeout is what counts.
	cookieAge = 12 * time.Hour

	authenticationPath = "/api/authentication"
)

// identify finds out whose login the request's cookie or API key stands for. One that
// stands for nobody (any more) leaves the request anonymous.
func (a *API) identify(r *http.Request, x *exchange) error {
	for _, cookie := range sessionCookies(r) {
		found, err := a.logins.Authenticate(r.Context(), login.Token(cookie.Value))
		switch {
		case err == nil:
			x.login, x.remaining = found.Login, found.Remaining
			return nil
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	key, ok := apiKey(r)
	if !ok {
		return nil
	}
	found, err := a.logins.AuthenticateKey(r.Context(), key, clientAddress(r))
	switch {
	case err == nil:
		x.login, x.remaining = found.Login, found.Remaining
	case errors.Is(err, login.ErrBadCredentials), errors.Is(err, login.ErrThrottled):
		// 429 is not among the answers of most operations. A key that cannot be
		// guessed is not guessed any faster for not telling.
		x.refused = true
	default:
		return err
	}
	return nil
}

// apiKey is the API key that a request carries.
func apiKey(r *http.Request) (login.Key, bool) {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return login.Key(key), strings.EqualFold(scheme, "apikey")
}

// maxCookies bounds how many cookies of the name are looked up. A client has one,
// or a few after it has changed servers.
const maxCookies = 4

func sessionCookies(r *http.Request) []*http.Cookie {
	cookies := r.CookiesNamed(cookieName)
	return cookies[:min(len(cookies), maxCookies)]
}

// CreateLogin logs in by HTTP Basic or by the certificate of the connection. A valid
// cookie or API key wins over credentials, and opens no second login.
func (h handlers) CreateLogin(ctx context.Context, request apiserver.CreateLoginRequestObject) (apiserver.CreateLoginResponseObject, error) {
	x := exchangeIn(ctx)
	if x.loggedIn() {
		return withCookie{answer: ok(metaDocument{x.meta(authenticationPath, "/api")})}, nil
	}
	certified, err := h.byCertificate(request.Params)
	if err != nil {
		return nil, err
	}
	if certified {
		return h.loginCertified(ctx, x)
	}
	authorization := x.request.Header.Get("Authorization")
	if authorization == "" {
		return nil, problemf(unauthenticated, "path", x.path)
	}
	user, password, valid := x.request.BasicAuth()
	if !valid || !utf8.ValidString(user) || !utf8.ValidString(password) {
		return nil, problemf(authenticationFailure)
	}
	token, opened, err := h.logins.Login(ctx, user, password, clientAddress(x.request))
	if err != nil {
		return nil, err
	}
	return h.loggedIn(x, token, opened), nil
}

// loggedIn answers a login that has just been opened.
func (h handlers) loggedIn(x *exchange, token login.Token, opened store.Login) withCookie {
	x.login, x.remaining = opened, opened.ExpiresAt.Sub(opened.CreatedAt)
	cookie := h.cookie(string(token), int(max(cookieAge, h.logins.IdleTimeout())/time.Second))
	return withCookie{answer: ok(metaDocument{x.meta(authenticationPath, "/api")}), cookie: cookie}
}

// DeleteLogin logs out. The login that an API key acts as ends as well; the next request
// with the key begins another one.
func (h handlers) DeleteLogin(ctx context.Context, _ apiserver.DeleteLoginRequestObject) (apiserver.DeleteLoginResponseObject, error) {
	x := exchangeIn(ctx)
	for _, cookie := range sessionCookies(x.request) {
		if err := h.logins.Logout(ctx, login.Token(cookie.Value)); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	if x.login.Method == login.MethodKey {
		if err := h.logins.EndLogin(ctx, x.login.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	return withCookie{answer: ok(metaDocument{objectMeta{Href: authenticationPath, Parent: parentLink("/api")}}), cookie: h.cookie("", -1)}, nil
}

func (a *API) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is left out only over plain HTTP, which would lose the cookie
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteStrictMode,
	}
}

type metaDocument struct {
	Meta objectMeta `json:"meta"`
}

// GetUserInfo tells who is logged in.
func (h handlers) GetUserInfo(ctx context.Context, _ apiserver.GetUserInfoRequestObject) (apiserver.GetUserInfoResponseObject, error) {
	return h.userInfo(exchangeIn(ctx)), nil
}

// GetUserInfoAlias is GetUserInfo under its other path.
func (h handlers) GetUserInfoAlias(ctx context.Context, _ apiserver.GetUserInfoAliasRequestObject) (apiserver.GetUserInfoAliasResponseObject, error) {
	return h.userInfo(exchangeIn(ctx)), nil
}

type namedUser struct {
	Name string `json:"name"`
}

type endpoint struct {
	Methods []string `json:"methods"`
	URL     string   `json:"url"`
}

func (a *API) userInfo(x *exchange) answer {
	type body struct {
		LoginMethod loginMethod `json:"login_method"`
		User        namedUser   `json:"user"`
	}
	user := namedUser{x.login.User}
	return ok(struct {
		Body      body       `json:"body"`
		Endpoints []endpoint `json:"endpoints"`
		Meta      objectMeta `json:"meta"`
		User      namedUser  `json:"user"`
	}{
		Body:      body{LoginMethod: methodOf(x.login), User: user},
		Endpoints: permittedEndpoints(x.login.Rights),
		Meta:      x.meta(x.path, "/api"),
		User:      user,
	})
}

// permittedEndpoints lists what a login with these rights may call.
func permittedEndpoints(rights store.Rights) []endpoint {
	var endpoints []endpoint
	for _, o := range spec.Operations() {
		if right := rightFor(o.Method, o.Path); right != nil && !right(rights) {
			continue
		}
		i := slices.IndexFunc(endpoints, func(e endpoint) bool { return e.URL == o.Path })
		if i < 0 {
			endpoints = append(endpoints, endpoint{URL: o.Path})
			i = len(endpoints) - 1
		}
		endpoints[i].Methods = append(endpoints[i].Methods, o.Method)
	}
	for _, e := range endpoints {
		slices.Sort(e.Methods)
	}
	slices.SortFunc(endpoints, func(a, b endpoint) int { return strings.Compare(a.URL, b.URL) })
	return endpoints
}

func parentLink(path string) *string { return &path }

// clientAddress is the address of the client without its port.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
