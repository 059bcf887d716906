package spec_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/spec"
)

func TestOperations(t *testing.T) {
	ops := spec.Operations()
	byID := map[string]spec.Operation{}
	for i, op := range ops {
		byID[op.ID] = op
		if i > 0 && ops[i-1].Path > op.Path {
			t.Errorf("%s comes after %s", op.Path, ops[i-1].Path)
		}
		route := spec.Route(op.Method, op.Path)
		if route == nil {
			t.Fatalf("no route for %+v", op)
		}
		if route.Operation.OperationID != op.ID || route.Path != op.Path || route.Method != op.Method || route.PathItem == nil {
			t.Errorf("route of %+v is %+v", op, route)
		}
	}
	// The tags that are not generated for the server must be there too.
	want := map[string]spec.Operation{
		"getVnc":            {ID: "getVnc", Method: "GET", Path: "/api/configuration/vnc", Tag: "navigation"},
		"replaceVncOptions": {ID: "replaceVncOptions", Method: "PUT", Path: "/api/configuration/vnc/options", Tag: "vnc"},
		"downloadTrail":     {ID: "downloadTrail", Method: "GET", Path: "/api/audit/sessions/{key}/audit_trail", Tag: "trail"},
	}
	for id, op := range want {
		if diff := cmp.Diff(op, byID[id]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	ops[0].ID = "changed"
	if spec.Operations()[0].ID == "changed" {
		t.Error("callers can change the list")
	}
	if spec.Route("PATCH", "/api") != nil || spec.Route("GET", "/") != nil {
		t.Error("found a route that the contract doesn't have")
	}
}

func TestAnonymous(t *testing.T) {
	for _, test := range []struct {
		method, path string
		want         bool
	}{
		{"GET", "/api/authentication", false},
		{"DELETE", "/api/authentication", false},
		{"GET", "/api/authentication/types", true},
		{"GET", "/api/authentication/login_methods", true},
		{"GET", "/api/info", true}, // tells more to those who are logged in
		{"GET", "/api", false},
		{"GET", "/api/audit/sessions/{key}", false},
		{"GET", "/api/nothing", false},
	} {
		if got := spec.Anonymous(test.method, test.path); got != test.want {
			t.Errorf("Anonymous(%s %s) = %t", test.method, test.path, got)
		}
	}
}

// TestRouteValidates shows that a route is enough for kin-openapi's validator.
func TestRouteValidates(t *testing.T) {
	for _, test := range []struct {
		name, query string
		cookie      bool
		wantErr     bool
	}{
		{"good", "?limit=25&offset=0&fields=&start=2017-01-25T10:00", true, false},
		{"clamped, not refused", "?limit=9999&offset=99999", true, false},
		{"no page", "?limit=0", true, true},
		{"no number", "?limit=many", true, true},
		{"negative", "?offset=-1", true, true},
		{"unknown format", "?format=xml", true, true},
		{"no cookie", "", false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://sps/api/audit/sessions"+test.query, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if test.cookie {
				r.AddCookie(&http.Cookie{Name: "session_id", Value: "a1f71d030e657634730b9e887cb59a5e56162860"})
			}
			err = openapi3filter.ValidateRequest(t.Context(), &openapi3filter.RequestValidationInput{
				Request: r, Route: spec.Route(http.MethodGet, "/api/audit/sessions"),
				Options: &openapi3filter.Options{
					SkipSettingDefaults: true,
					AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
						_, err := in.RequestValidationInput.Request.Cookie(in.SecurityScheme.Name)
						return err
					},
				},
			})
			if (err != nil) != test.wantErr {
				t.Errorf("error: %v", err)
			}
			if got := r.URL.RawQuery; test.query != "" && "?"+got != test.query {
				t.Errorf("query became %q", got)
			}
		})
	}
}
