package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/spskit/spskit/tests/contract"
)

// entry is what is read of an entry. Browsers and proxies leave out what
// they don't know or don't want to tell, so that everything may be absent.
type entry struct {
	Request *struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		Headers  []pair `json:"headers"`
		BodySize *int64 `json:"bodySize"`
		PostData *struct {
			Text     *string `json:"text"`
			Encoding string  `json:"encoding"`
		} `json:"postData"`
	} `json:"request"`
	Response struct {
		Status  int    `json:"status"`
		Headers []pair `json:"headers"`
		Content struct {
			Size     int64   `json:"size"`
			MimeType string  `json:"mimeType"`
			Text     *string `json:"text"`
			Encoding string  `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// request returns the request, whose body is contract.NotRecorded if it isn't
// known.
func (e *entry) request(target *url.URL) (*http.Request, error) {
	r := &http.Request{Method: e.Request.Method, URL: target, Header: header(e.Request.Headers)}
	sent := e.Request.PostData
	switch {
	case sent != nil && sent.Text != nil:
		body, err := decode(*sent.Text, sent.Encoding)
		if err != nil {
			return nil, fmt.Errorf("request.postData.text: %w", err)
		}
		if len(body) > 0 {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
	case sent != nil, !e.withoutBody(r):
		r.Body = contract.NotRecorded
	}
	return r, nil
}

// withoutBody reports whether the request is known to have no body. Recorders
// that don't know say so by a negative size, or by none.
func (e *entry) withoutBody(r *http.Request) bool {
	size := e.Request.BodySize
	return size != nil && *size == 0 || r.Header.Get("Content-Length") == "0" ||
		r.Header.Get("Content-Length") == "" && r.Header.Get("Content-Type") == "" && (size == nil || *size < 0)
}

// response returns the response, whose body is contract.NotRecorded if it isn't
// known, or isn't JSON and so not to be looked at.
func (e *entry) response() (*http.Response, error) {
	r := &http.Response{StatusCode: e.Response.Status, Header: header(e.Response.Headers), Body: contract.NotRecorded}
	content := e.Response.Content
	if len(e.Response.Headers) == 0 && content.MimeType != "" {
		r.Header.Set("Content-Type", content.MimeType)
	}
	switch {
	case !isJSON(r.Header):
	case content.Text == nil, *content.Text == "" && content.Size > 0:
		if r.Header.Get("Content-Length") == "0" {
			r.Body = http.NoBody
		}
	default:
		body, err := decode(*content.Text, content.Encoding)
		if err != nil {
			return nil, fmt.Errorf("response.content.text: %w", err)
		}
		if int64(len(body)) >= content.Size || !cutOff(body) {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
	}
	return r, nil
}

// cutOff reports whether a JSON text ends within itself. Recorders keep no more
// than the beginning of a long body.
func cutOff(body []byte) bool {
	var value json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&value), io.ErrUnexpectedEOF)
}

func isJSON(h http.Header) bool {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && media == "application/json"
}

func decode(text, encoding string) ([]byte, error) {
	if !strings.EqualFold(encoding, "base64") {
		return []byte(text), nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("it is said to be base64, and is not")
	}
	return raw, nil
}

// header collects the headers, without the pseudo headers of HTTP/2. Browsers
// put several values of one name into one, by lines.
func header(pairs []pair) http.Header {
	h := http.Header{}
	for _, p := range pairs {
		if strings.HasPrefix(p.Name, ":") {
			continue
		}
		for value := range strings.SplitSeq(p.Value, "\n") {
			h.Add(p.Name, strings.TrimSpace(value))
		}
	}
	return h
}
