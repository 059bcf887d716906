package reference

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

var elsewhere = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

func ask(method, path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	Handler(elsewhere).ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		contentType  string // a part of it: what the package serves depends on the machine's table
	}{
		{"GET", "/docs", http.StatusMovedPermanently, "text/html; charset=utf-8"},
		{"GET", "/docs/", http.StatusOK, "text/html; charset=utf-8"},
		{"HEAD", "/docs/", http.StatusOK, "text/html; charset=utf-8"},
		{"GET", "/docs/page.js", http.StatusOK, "text/javascript; charset=utf-8"},
		{"GET", "/docs/page.css", http.StatusOK, "text/css; charset=utf-8"},
		{"GET", "/docs/static/swagger-ui.css", http.StatusOK, "css"},
		{"GET", "/docs/static/swagger-ui-bundle.js", http.StatusOK, "javascript"},
		{"GET", "/openapi.yaml", http.StatusOK, "application/yaml"},
		{"GET", "/openapi.json", http.StatusOK, "application/json"},
		{"POST", "/openapi.json", http.StatusTeapot, ""},
		{"GET", "/docs/static/", http.StatusTeapot, ""},
		{"GET", "/docs/static/../page.js", http.StatusTeapot, ""},
		{"GET", "/docs/other", http.StatusTeapot, ""},
		{"GET", "/api", http.StatusTeapot, ""},
	} {
		w := ask(c.method, c.path, nil)
		if w.Code != c.status || !strings.Contains(w.Header().Get("Content-Type"), c.contentType) {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status, c.contentType)
		}
		if got := w.Header().Get("Content-Security-Policy"); (c.status == http.StatusOK) && got != policy {
			t.Errorf("%s %s: policy %q", c.method, c.path, got)
		}
	}
}

// The page asks for nothing that the policy would refuse.
func TestPageHasNothingInline(t *testing.T) {
	page := ask("GET", "/docs/", nil).Body.String()
	for _, inline := range []string{"<style", "style=", "onclick=", "onload=", "javascript:", "<script>", "http://", "https://"} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %q", inline)
		}
	}
}

func TestDocuments(t *testing.T) {
	written, err := os.ReadFile("../../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	served := ask("GET", "/openapi.yaml", nil)
	if served.Body.String() != string(written) {
		t.Error("/openapi.yaml is not the contract as it was written")
	}
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal(ask("GET", "/openapi.json", nil).Body.Bytes(), &document); err != nil || document.OpenAPI != "3.0.3" || len(document.Paths) == 0 {
		t.Errorf("/openapi.json: %q, %d paths, %v", document.OpenAPI, len(document.Paths), err)
	}
	again := ask("GET", "/openapi.yaml", http.Header{"If-None-Match": {served.Header().Get("ETag")}})
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again with the entity tag: %d", again.Code)
	}
}
