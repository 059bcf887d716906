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
	localMethod        = "local"
)

// identify finds out whose login the request's cookie stands for. A cookie that
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
	return nil
}

// maxCookies bounds how many cookies of the name are looked up. A client has one,
// or a few after it has changed servers.
const maxCookies = 4

func sessionCookies(r *http.Request) []*http.Cookie {
	cookies := r.CookiesNamed(cookieName)
	return cookies[:min(len(cookies), maxCookies)]
}

// CreateLogin logs in by HTTP Basic. A valid cookie wins over credentials, and
// opens no second login.
func (h handlers) CreateLogin(ctx context.Context, request apiserver.CreateLoginRequestObject) (apiserver.CreateLoginResponseObject, error) {
	x := exchangeIn(ctx)
	if x.loggedIn() {
		return withCookie{answer: ok(metaDocument{x.meta(authenticationPath, "/api")})}, nil
	}
	if method := request.Params.LoginMethod; method != nil && *method != localMethod {
		return nil, problemf(invalidQuery, "parameter", "login_method", "value", *method, "expected", localMethod)
	}
	if request.Params.Type != nil && string(*request.Params.Type) == "x509" {
		return nil, problemf(authenticationFailure) // no certificate was asked for, so none came
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
	x.login, x.remaining = opened, opened.ExpiresAt.Sub(opened.CreatedAt)
	cookie := h.cookie(string(token), int(max(cookieAge, h.logins.IdleTimeout())/time.Second))
	return withCookie{answer: ok(metaDocument{x.meta(authenticationPath, "/api")}), cookie: cookie}, nil
}

// DeleteLogin logs out.
func (h handlers) DeleteLogin(ctx context.Context, _ apiserver.DeleteLoginRequestObject) (apiserver.DeleteLoginResponseObject, error) {
	x := exchangeIn(ctx)
	for _, cookie := range sessionCookies(x.request) {
		if err := h.logins.Logout(ctx, login.Token(cookie.Value)); err != nil && !errors.Is(err, store.ErrNotFound) {
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

// ListAuthenticationTypes tells that passwords are what is accepted.
func (h handlers) ListAuthenticationTypes(context.Context, apiserver.ListAuthenticationTypesRequestObject) (apiserver.ListAuthenticationTypesResponseObject, error) {
	return ok(struct {
		Meta  objectMeta     `json:"meta"`
		Types map[string]any `json:"types"`
	}{
		Meta:  objectMeta{Href: authenticationPath + "/types", Parent: parentLink(authenticationPath)},
		Types: map[string]any{"basic": objectMeta{Href: authenticationPath}},
	}), nil
}

// ListLoginMethods tells that the local user database is the only method.
func (h handlers) ListLoginMethods(context.Context, apiserver.ListLoginMethodsRequestObject) (apiserver.ListLoginMethodsResponseObject, error) {
	return ok(struct {
		LoginMethods []loginMethod `json:"login_methods"`
		Meta         objectMeta    `json:"meta"`
	}{
		LoginMethods: []loginMethod{localLogin},
		Meta:         objectMeta{Href: authenticationPath + "/login_methods", Parent: parentLink(authenticationPath)},
	}), nil
}

type loginMethod struct {
	Authentication string `json:"authentication"`
	Credential     string `json:"credential"`
	Name           string `json:"name"`
}

var localLogin = loginMethod{Authentication: localMethod, Credential: "password", Name: localMethod}

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
		Body:      body{LoginMethod: localLogin, User: user},
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
