package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

func TestAuthenticationTypes(t *testing.T) {
	for document, want := range map[string][]client.AuthenticationType{
		`{"types":{"x509":{"href":"/a"},"basic":{"href":"/b"}},"meta":{}}`: {client.AuthenticationBasic, client.AuthenticationX509},
		`{"types":["basic","retina"],"meta":{}}`:                           {client.AuthenticationBasic, "retina"},
		`{"types":{},"meta":{}}`:                                           nil,
	} {
		f := newFake(t)
		f.on("GET /api/authentication/types", document)
		got, err := f.client(t).AuthenticationTypes(t.Context())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", document, err, diff)
		}
	}
	f := newFake(t)
	f.on("GET /api/authentication/types", `{"types":"basic"}`)
	if got, err := f.client(t).AuthenticationTypes(t.Context()); !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("a text: %v, %v", got, err)
	}
}

func TestDiscovery(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/authentication/login_methods", `{"login_methods":[{"name":"local","authentication":"local","credential":"password"},{"name":"palm","authentication":"scanner"}],"meta":{}}`)
	f.on("GET /api/setup", `{"status":"booting","meta":{"eula":"https://example.com/eula"}}`)
	f.on("GET /api/endpoints", `{"endpoints":[{"methods":["GET"],"url":"/api/audit"}],"meta":{}}`)
	c := f.client(t)
	methods, err := c.LoginMethods(t.Context())
	want := []client.LoginMethod{
		{Name: "local", Authentication: client.BackendLocal, Credential: client.CredentialPassword}, {Name: "palm", Authentication: "scanner"},
	}
	if diff := cmp.Diff(want, methods); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	setup, err := c.Setup(t.Context())
	if diff := cmp.Diff(&client.Setup{Status: client.SetupBooting, EULA: "https://example.com/eula"}, setup); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	endpoints, err := c.Endpoints(t.Context())
	if diff := cmp.Diff([]client.PermittedEndpoint{{URL: "/api/audit", Methods: []string{"GET"}}}, endpoints); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// The guides have several paths for the same, and an appliance may have any of them.
func TestOtherPaths(t *testing.T) {
	missing := func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") }
	f := newFake(t)
	f.HandleFunc("GET /api/user_info", missing)
	f.on("GET /api/user/info", `{"body":{"user":{"name":"jane"},"login_method":{"name":"local"}},"meta":{}}`)
	f.HandleFunc("GET /api/audit/sessions/{key}/indexing", missing)
	f.HandleFunc("GET /api/audit/sessions/{key}/indexer", missing)
	f.on("GET /api/audit/sessions/1/indexers", `{"items":[{"status":"QUEUED"},{"status":"FAILED"}],"meta":{}}`)
	f.HandleFunc("GET /api/audit/sessions/2/indexers", missing)
	c := f.client(t)
	if info, err := c.UserInfo(t.Context()); err != nil || info.Name != "jane" {
		t.Errorf("got %+v, %v", info, err)
	}
	if jobs, err := client.Collect(c.IndexingJobs(t.Context(), "1")); err != nil || len(jobs) != 2 || jobs[0].Status != client.IndexingQueued {
		t.Errorf("got %+v, %v", jobs, err)
	}
	for job, err := range c.IndexingJobs(t.Context(), "1") {
		if err != nil || job.Status != client.IndexingQueued {
			t.Errorf("got %+v, %v", job, err)
		}
		break // which must not panic
	}
	var failure *client.Error
	if jobs, err := client.Collect(c.IndexingJobs(t.Context(), "2")); !errors.As(err, &failure) || failure.Operation != "listSessionIndexing" || jobs != nil {
		t.Errorf("of no session: %+v, %v", jobs, err)
	}
}

// What is missing in the middle of a list is no reason to begin another one.
func TestIndexingJobsThatBreakOff(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/audit/sessions/1/indexing", `{"items":[{"status":"QUEUED"}],"meta":{"next":"/api/audit/sessions/1/more"}}`)
	f.HandleFunc("GET /api/audit/sessions/1/more", func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") })
	f.on("GET /api/audit/sessions/1/indexer", `{"items":[{"status":"QUEUED"}],"meta":{}}`)
	jobs, err := client.Collect(f.client(t).IndexingJobs(t.Context(), "1"))
	if len(jobs) != 1 || !errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %+v, %v", jobs, err)
	}
}
