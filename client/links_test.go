package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/spskit/spskit/client"
)

// The same path can be spelled in several ways, each of its own length.
func TestLinksInAnySpelling(t *testing.T) {
	for _, tt := range []struct{ base, link, want string }{
		{"/(((((((", "/(((((((/api/x", "/%28%28%28%28%28%28%28/api/x"},
		{"/(((((((", "/%28%28%28%28%28%28%28/api/x", "/%28%28%28%28%28%28%28/api/x"},
		{"/(((((((", "/(((((((/api/a%2Fb", "/%28%28%28%28%28%28%28/api/a%2Fb"},
		{"/(((((((", "/api/a%2Fb", "/%28%28%28%28%28%28%28/api/a%2Fb"},
		{"/gate", "/%67%61%74%65/api/a%2Fb", "/gate/api/a%2Fb"},
		{"/ä", "/%c3%A4/api/a%2Fb", "/%C3%A4/api/a%2Fb"},
		{"", "/%61pi/a%2Fb", "/%61pi/a%2Fb"},
		{"/gate", "/%67ate/%61pi", "/gate/%61pi"},
	} {
		var asked string
		c := newClient(t, "http://sps.example.com"+tt.base, client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.EscapedPath()
			return fine(r)
		})))
		var into any
		if err := c.Get(t.Context(), tt.link, &into); err != nil || asked != tt.want {
			t.Errorf("%s below %q: asked for %q, %v", tt.link, tt.base, asked, err)
		}
	}
}

// Whatever a link is, it leads to the API of this server or nowhere.
func FuzzLink(f *testing.F) {
	for _, base := range []string{"", "/(((((((", "/gate way", "/%25"} {
		for _, link := range []string{"/api/x", "/(((((((/api/x", "/gate%20way/api/a%2Fb", "/%2525/api/x", "//evil/api", "/api/%2e%2e/x", "*", "%"} {
			f.Add(base, link)
		}
	}
	f.Fuzz(func(t *testing.T, base, link string) {
		var asked *http.Request
		c, err := client.New("http://sps.example.com"+base, client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
			asked = r
			return fine(r)
		})))
		if err != nil {
			t.Skip()
		}
		var into any
		err = c.Get(t.Context(), link, &into)
		if (asked == nil) != (err != nil) {
			t.Fatalf("asked for %v, %v", asked, err)
		}
		if asked != nil && (asked.URL.Host == "" || !strings.Contains(asked.URL.Path+"/", "/api/") || strings.Contains(asked.URL.Path+"/", "/../api")) {
			t.Errorf("asked for %v", asked.URL)
		}
	})
}

// An error fits on a terminal, whatever the server puts where.
func TestErrorsArePrintable(t *testing.T) {
	for _, words := range []string{"\x1b[2J", strings.Repeat("long", 1<<18)} {
		for path, document := range map[string]string{
			"audit/sessions":                         `{"items":%q}`,
			"audit/sessions/1":                       `{"key":"1","body":{"start_time":%q}}`,
			"audit/sessions/2":                       `{"key":"1","body":{"start_time":[%q]}}`,
			"audit/sessions/3":                       `{"key":"1","body":{"duration":%q}}`,
			"configuration/aaa/local_database/users": `{"items":[{"key":"1","body":%q}]}`,
			"audit/sessions/1/events":                `{"items":[],"meta":{"next":%q}}`,
			"audit/sessions/4":                       `%q`,
			"transaction/changes":                    `%q`,
			"authentication/login_methods":           `{"login_methods":%q}`,
			"audit/sessions/1/channels":              `%q`,
		} {
			f := newFake(t)
			f.on("GET /api/"+path, strings.ReplaceAll(fmt.Sprintf(document, words), `\x`, `\u00`))
			c := f.client(t)
			var err error
			switch rest := strings.TrimPrefix(path, "audit/sessions/"); {
			case path == "audit/sessions":
				_, err = c.ListSessions(t.Context(), client.SessionQuery{})
			case rest == "1/events":
				_, err = client.Collect(c.Events(t.Context(), "1"))
			case rest == "1/channels":
				_, err = client.Collect(c.Channels(t.Context(), "1"))
			case len(rest) == 1:
				_, err = c.Session(t.Context(), rest)
			case path == "transaction/changes":
				_, err = c.Changes(t.Context())
			case strings.HasPrefix(path, "configuration"):
				_, err = client.Collect(c.LocalUsers().List(t.Context()))
			default:
				_, err = c.LoginMethods(t.Context())
			}
			if err == nil {
				t.Errorf("%s: no error", path)
				continue
			}
			text := err.Error()
			if strings.ContainsFunc(text, unicode.IsControl) || len(text) > 5000 {
				t.Errorf("%s: an error of %d bytes: %.100q", path, len(text), text)
			}
			var answered *client.Error
			if errors.As(err, &answered) && strings.ContainsFunc(answered.Unwrap().Error(), unicode.IsControl) {
				t.Errorf("%s: the cause is %.100q", path, answered.Unwrap())
			}
		}
	}
}
