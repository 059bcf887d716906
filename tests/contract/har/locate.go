package har

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/spskit/spskit/tests/contract"
)

// longestPath is more than any server takes, and bounds the search for /api in it.
const longestPath = 8 << 10

// locate returns the URL of an API request as the contract has it, without what
// lies in front of /api; nil for a request that isn't the API's.
func (r *Report) locate(method string, u *url.URL) *url.URL {
	if method == http.MethodOptions || u.Host == "" {
		return nil // browsers ask for permission before they send a request elsewhere
	}
	path := u.EscapedPath()
	if len(path) > longestPath {
		return nil
	}
	if r.base != nil {
		below, ok := strings.CutPrefix(path, strings.TrimRight(r.base.EscapedPath(), "/"))
		if !ok || origin(u) != origin(r.base) || !atAPI(below) {
			return nil
		}
		return relative(u, below)
	}
	for i := range path {
		if !atAPI(path[i:]) {
			continue
		}
		if target := relative(u, path[i:]); target != nil && isKnown(target) {
			return target
		}
	}
	return nil
}

func atAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

func relative(u *url.URL, path string) *url.URL {
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return nil
	}
	return &url.URL{Path: decoded, RawPath: path, RawQuery: u.RawQuery}
}

// isKnown reports whether the contract has the path, with whatever method.
func isKnown(u *url.URL) bool {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete} {
		if _, ok := contract.Find(method, u); ok {
			return true
		}
	}
	return false
}

// origin is the scheme, host and port of a URL, and nothing that could be secret.
func origin(u *url.URL) string {
	if u.Host == "" {
		return u.Scheme + ":"
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host
}
