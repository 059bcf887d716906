// Package reference serves the contract to people and programs: an interactive
// page at /docs, and the document itself. It needs no login, for the contract is
// public, and nothing from elsewhere, so that it works without a network. It knows
// nothing of the API's state.
package reference

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/swaggest/swgui/v5/static"
	"github.com/vearutop/statigz"

	"github.com/spskit/spskit/gen/apispec"
)

//go:embed page
var page embed.FS

// policy lets the page load its own parts, call the server that it came from, and
// nothing else. Pictures may be inlined, as those in the package's style sheet are.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the reference, and leaves every other path to next.
func Handler(next http.Handler) http.Handler {
	served := map[string]http.Handler{
		"/openapi.yaml":  document("application/yaml", apispec.YAML),
		"/openapi.json":  document("application/json", apispec.JSON),
		"/docs":          http.RedirectHandler("/docs/", http.StatusMovedPermanently),
		"/docs/":         part("text/html; charset=utf-8", "index.html"),
		"/docs/page.js":  part("text/javascript; charset=utf-8", "page.js"),
		"/docs/page.css": part("text/css; charset=utf-8", "page.css"),
	}
	files := http.StripPrefix("/docs/static", statigz.FileServer(static.FS))
	for _, name := range []string{"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"} {
		served["/docs/static/"+name] = files
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := served[r.URL.Path]
		if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-cache") // kept, and asked for again by its entity tag
		h.ServeHTTP(w, r)
	})
}

func part(contentType, name string) http.Handler {
	return document(contentType, func() ([]byte, error) { return page.ReadFile("page/" + name) })
}

// document serves what load returns, which is called at the first request.
func document(contentType string, load func() ([]byte, error)) http.Handler {
	type content struct {
		bytes []byte
		tag   string
	}
	read := sync.OnceValues(func() (content, error) {
		b, err := load()
		sum := sha256.Sum256(b)
		return content{b, `"` + hex.EncodeToString(sum[:16]) + `"`}, err
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := read()
		if err != nil {
			http.Error(w, "The contract cannot be read.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("ETag", c.tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.bytes))
	})
}
