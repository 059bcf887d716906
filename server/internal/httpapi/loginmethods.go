package httpapi

import (
	"context"

	"github.com/spskit/spskit/gen/api"
	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

const (
	localMethod = "local"
	x509Method  = "x509"
)

// ListAuthenticationTypes tells whether certificates are accepted besides passwords.
func (h handlers) ListAuthenticationTypes(context.Context, apiserver.ListAuthenticationTypesRequestObject) (apiserver.ListAuthenticationTypesResponseObject, error) {
	types := map[string]any{"basic": objectMeta{Href: authenticationPath}}
	if h.certificates {
		types["x509"] = objectMeta{Href: authenticationPath + "?type=x509"}
	}
	return ok(struct {
		Meta  objectMeta     `json:"meta"`
		Types map[string]any `json:"types"`
	}{
		Meta:  objectMeta{Href: authenticationPath + "/types", Parent: parentLink(authenticationPath)},
		Types: types,
	}), nil
}

// ListLoginMethods tells of the local user database, and of certificates if they are
// accepted.
func (h handlers) ListLoginMethods(context.Context, apiserver.ListLoginMethodsRequestObject) (apiserver.ListLoginMethodsResponseObject, error) {
	return ok(struct {
		LoginMethods []loginMethod `json:"login_methods"`
		Meta         objectMeta    `json:"meta"`
	}{
		LoginMethods: h.loginMethods(),
		Meta:         objectMeta{Href: authenticationPath + "/login_methods", Parent: parentLink(authenticationPath)},
	}), nil
}

type loginMethod struct {
	Authentication string `json:"authentication"`
	Credential     string `json:"credential,omitempty"`
	Name           string `json:"name"`
}

var (
	localLogin = loginMethod{Authentication: localMethod, Credential: "password", Name: localMethod}
	x509Login  = loginMethod{Authentication: x509Method, Credential: x509Method, Name: x509Method}
	// Among the kinds of credentials that the contract has there is no API key.
	keyLogin = loginMethod{Authentication: localMethod, Name: localMethod}
)

func (a *API) loginMethods() []loginMethod {
	if a.certificates {
		return []loginMethod{localLogin, x509Login}
	}
	return []loginMethod{localLogin}
}

// methodOf is how the user of a login proved who they are.
func methodOf(l store.Login) loginMethod {
	switch l.Method {
	case login.MethodCertificate:
		return x509Login
	case login.MethodKey:
		return keyLogin
	}
	return localLogin
}

// byCertificate tells whether a login is to go by the certificate of the connection:
// when the type or the login method says so, and they must not say different things.
func (a *API) byCertificate(params api.CreateLoginParams) (bool, error) {
	certified := params.Type != nil && *params.Type == api.LoginTypeX509
	if params.LoginMethod == nil {
		return certified, nil
	}
	name, expected := *params.LoginMethod, localMethod
	if a.certificates {
		switch {
		case certified:
			expected = x509Method
		case params.Type == nil && name == x509Method:
			return true, nil
		}
	}
	if name != expected {
		return false, problemf(invalidQuery, "parameter", "login_method", "value", name, "expected", expected)
	}
	return certified, nil
}

// loginCertified logs in the user whose name is the common name of the certificate,
// which the TLS layer has verified. A certificate that it has not verified is none.
func (h handlers) loginCertified(ctx context.Context, x *exchange) (apiserver.CreateLoginResponseObject, error) {
	state := x.request.TLS
	if !h.certificates || state == nil || len(state.VerifiedChains) == 0 {
		return nil, problemf(authenticationFailure)
	}
	token, opened, err := h.logins.LoginCertified(ctx, state.VerifiedChains[0][0].Subject.CommonName, clientAddress(x.request))
	if err != nil {
		return nil, err
	}
	return h.loggedIn(x, token, opened), nil
}
