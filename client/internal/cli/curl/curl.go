// Package curl prints the requests of a command as lines of curl. It is a layer below
// the SDK, so that it sees what really would go over the wire, logins and the pages of
// lists included, and knows no command.
//
// What only reads is sent, because nobody can tell what comes next without the answer.
// What changes something is not sent, and answered as if it had been done.
package curl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Tracer prints requests. Its zero value with an Out will do.
type Tracer struct {
	Out     io.Writer
	Options []string // of curl, on each line, such as "--cacert", "ca.pem"
	User    string   // who logs in, if it is with a password
	Login   string   // URL of the login, with its query

	mu      sync.Mutex
	login   bool // there is a line for the login
	printed int
}

// cookies is the file of the printed lines that holds the login. No cookie is printed.
const cookies = "spsctl.cookies"

// Printed is how many requests have been printed.
func (t *Tracer) Printed() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.printed
}

// Wrap puts the layer around what sends requests.
func (t *Tracer) Wrap(next http.RoundTripper) http.RoundTripper { return tracing{t, next} }

type tracing struct {
	*Tracer
	next http.RoundTripper
}

// RoundTrip prints a request, and sends it if it only reads.
func (t tracing) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	if err := t.print(req, body); err != nil {
		return nil, err
	}
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return t.next.RoundTrip(req)
	}
	return pretend(req), nil
}

// readBody takes the body from a request. One that is sent has none.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer req.Body.Close()
	return io.ReadAll(req.Body)
}

func (t *Tracer) print(req *http.Request, body []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines strings.Builder
	if user, _, basic := req.BasicAuth(); basic || t.byCertificate(req) {
		t.login = true
		lines.WriteString(t.loginLine(user, req.URL.String()))
	} else {
		var words []string
		if strings.HasPrefix(req.Header.Get("Authorization"), "apikey ") {
			words = append(words, keyHeader...)
		}
		if req.Header.Get("Cookie") != "" {
			if !t.login { // it was there from an earlier run
				t.login = true
				lines.WriteString(t.loginLine(t.User, t.Login))
			}
			words = append(words, "--cookie", cookies)
		}
		if req.Method != http.MethodGet {
			words = append(words, "--request", req.Method)
		}
		if accept := req.Header.Get("Accept"); accept != "" && accept != "application/json" {
			words = append(words, "--header", "Accept: "+accept)
		}
		if r := req.Header.Get("Range"); r != "" {
			words = append(words, "--range", strings.TrimPrefix(r, "bytes="))
		}
		switch {
		case len(body) > 0:
			words = append(words, "--header", "Content-Type: "+req.Header.Get("Content-Type"), "--data-raw", string(redact(body)))
		case req.Method == http.MethodPost || req.Method == http.MethodPut:
			words = append(words, "--header", "Content-Length: 0")
		}
		lines.WriteString(t.line(append(words, req.URL.String())...))
	}
	t.printed++
	_, err := io.WriteString(t.Out, lines.String())
	return err
}

// keyHeader has the shell put in the API key, which is not printed.
var keyHeader = []string{"--header", fromShell + `"Authorization: apikey $SPSCTL_API_KEY"`}

// fromShell begins a word that is written as it is.
const fromShell = "\x00"

// byCertificate tells whether a request is a login with the certificate of the
// connection: it has nothing to say who the user is.
func (t *Tracer) byCertificate(req *http.Request) bool {
	return t.User == "" && req.Header.Get("Cookie") == "" && req.Header.Get("Authorization") == "" &&
		req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/api/authentication")
}

func (t *Tracer) loginLine(user, url string) string {
	if user == "" {
		return t.line("--cookie-jar", cookies, url)
	}
	return t.line("--user", user, "--cookie-jar", cookies, url)
}

func (t *Tracer) line(words ...string) string {
	line := "curl --silent --show-error --fail-with-body"
	for _, word := range append(append([]string{}, t.Options...), words...) {
		if text, ok := strings.CutPrefix(word, fromShell); ok {
			line += " " + text
		} else {
			line += " " + quote(word)
		}
	}
	return line + "\n"
}

// quote writes a word for the shell. Controls, which a terminal would heed, are escaped.
func quote(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,@%+=") == "" {
		return word
	}
	controls := strings.ContainsFunc(word, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 })
	if !controls {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}

// redact leaves the secrets out of a document.
func redact(body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var document any
	if d.Decode(&document) != nil || !hide(document) {
		return body
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(document) != nil {
		return []byte("[redacted]")
	}
	return bytes.TrimSpace(b.Bytes())
}

// hide replaces the secrets in a document, and tells whether there are any.
func hide(value any) (found bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			switch {
			case secret(name) && !empty(member):
				v[name], found = "[redacted]", true
			case hide(member):
				found = true
			}
		}
	case []any:
		for _, item := range v {
			if hide(item) {
				found = true
			}
		}
	}
	return found
}

func empty(value any) bool {
	text, ok := value.(string)
	return value == nil || ok && text == ""
}

// secret tells whether a member holds a secret, by its name.
func secret(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"password", "passphrase", "secret", "private", "token", "community"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// pretend answers a request that was not sent as if it had been done.
func pretend(req *http.Request) *http.Response {
	status := http.StatusOK
	if req.Method == http.MethodPost {
		status = http.StatusCreated
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: 2,
		Body: io.NopCloser(strings.NewReader("{}")), Request: req,
	}
}
