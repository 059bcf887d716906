package client

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// What an appliance tells about itself, most of it without a login.

// AuthenticationType is a kind of credentials. Values that this package doesn't know are
// kept as they came.
type AuthenticationType string

// The types that the contract lists.
const (
	AuthenticationBasic AuthenticationType = "basic" // user name and password
	AuthenticationX509  AuthenticationType = "x509"  // the certificate of the TLS client
)

// AuthenticationTypes lists the kinds of credentials that an appliance up to 6.x takes.
// Newer ones have LoginMethods.
func (c *Client) AuthenticationTypes(ctx context.Context) ([]AuthenticationType, error) {
	document := member[authenticationTypes]{name: "types"}
	err := c.call(ctx, "listAuthenticationTypes", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListAuthenticationTypes(ctx)
	})
	return document.value, err
}

// authenticationTypes reads a list, or an object that has a member for each. Guides
// name the types and don't show in which form they are.
type authenticationTypes []AuthenticationType

// UnmarshalJSON is called by encoding/json.
func (t *authenticationTypes) UnmarshalJSON(value []byte) error {
	var object map[AuthenticationType]json.RawMessage
	if json.Unmarshal(value, &object) == nil {
		*t = slices.Sorted(maps.Keys(object))
		return nil
	}
	return json.Unmarshal(value, (*[]AuthenticationType)(t))
}

// AuthenticationBackend is what checks credentials. Values that this package doesn't
// know are kept as they came.
type AuthenticationBackend string

// The back ends that the contract lists.
const (
	BackendLocal  AuthenticationBackend = "local" // the appliance's own database
	BackendLDAP   AuthenticationBackend = "ldap"
	BackendX509   AuthenticationBackend = "x509" // a certificate authority
	BackendRADIUS AuthenticationBackend = "radius"
	BackendSAML2  AuthenticationBackend = "saml2"
)

// CredentialType is what users prove their identity with. Values that this package
// doesn't know are kept as they came.
type CredentialType string

// The types that the contract lists.
const (
	CredentialPassword  CredentialType = "password"
	CredentialX509      CredentialType = "x509"
	CredentialLocal     CredentialType = "local"     // access to the appliance itself
	CredentialCluster   CredentialType = "cluster"   // membership in the cluster
	CredentialFederated CredentialType = "federated" // word of an identity provider
)

// LoginMethod is a way to log in. What the server doesn't say is empty.
type LoginMethod struct {
	Name           string                `json:"name"` // for WithLoginMethod
	Authentication AuthenticationBackend `json:"authentication"`
	Credential     CredentialType        `json:"credential"`
}

// LoginMethods lists the ways to log in that an appliance from 7.1 on has.
func (c *Client) LoginMethods(ctx context.Context) ([]LoginMethod, error) {
	document := member[[]LoginMethod]{name: "login_methods"}
	err := c.call(ctx, "listLoginMethods", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListLoginMethods(ctx)
	})
	return document.value, err
}

// SetupStatus is how far the Welcome Wizard has come, which sets up a new appliance.
// Values that this package doesn't know are kept as they came.
type SetupStatus string

// The states that the contract lists.
const (
	SetupUninitialized SetupStatus = "uninitialized"
	SetupBooting       SetupStatus = "booting"
	SetupCompleted     SetupStatus = "completed"
)

// Setup is whether an appliance is set up.
type Setup struct {
	Status SetupStatus
	EULA   string // address of the licence terms
}

// Setup tells whether the appliance is set up.
func (c *Client) Setup(ctx context.Context) (*Setup, error) {
	var document struct {
		Status SetupStatus
		Meta   struct{ EULA string }
	}
	err := c.call(ctx, "getSetup", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetSetup(ctx)
	})
	if err != nil {
		return nil, err
	}
	return &Setup{document.Status, document.Meta.EULA}, nil
}

// Endpoints lists what the user may call.
func (c *Client) Endpoints(ctx context.Context) ([]PermittedEndpoint, error) {
	document := member[[]PermittedEndpoint]{name: "endpoints"}
	err := c.call(ctx, "listEndpoints", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListEndpoints(ctx)
	})
	return document.value, err
}
