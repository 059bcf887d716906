package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const jsonType = "application/json"

// CheckResponse checks the response to a request and reports what breaks the
// contract in an *Error. The body can be read afterwards as if nothing happened.
// Of a body other than JSON nothing is read. An error of another type says that
// the body broke off.
func CheckResponse(r *http.Request, response *http.Response) error {
	called, _ := find(r.Method, r.URL)
	return checkResponseOf(r, called, response)
}

func checkResponseOf(r *http.Request, called *route, response *http.Response) error {
	a := answer{status: response.StatusCode, header: response.Header, unread: response.Body == NotRecorded}
	if !a.unread && response.Body != nil && isJSON(r.Method, response.StatusCode, response.Header) {
		raw, err := io.ReadAll(response.Body)
		rest := io.Reader(response.Body)
		if err != nil {
			rest = failing{err}
		}
		response.Body = &replayed{Reader: io.MultiReader(bytes.NewReader(raw), rest), Closer: response.Body}
		if err != nil {
			return fmt.Errorf("response %d to %s %s: the body broke off: %w", response.StatusCode, r.Method, printable(r.URL.Path), err)
		}
		a.body = raw
	}
	return checkResponse(r, called, a)
}

// answer is a response as far as it is checked. body is nil unless the response
// is JSON: other bodies pass through unread.
type answer struct {
	status int
	header http.Header
	body   []byte
	unread bool // there is no body to check
}

// isJSON reports whether a response has a body which is to be checked.
func isJSON(method string, status int, header http.Header) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == jsonType && method != http.MethodHead &&
		status != http.StatusNotModified && status != http.StatusNoContent
}

// checkResponse checks a response against the operation that was called; nil
// stands for a request that no operation takes.
func checkResponse(r *http.Request, called *route, a answer) error {
	if called == nil {
		subject := fmt.Sprintf("response %d to %s %s", a.status, r.Method, r.URL.Path)
		if a.status < http.StatusBadRequest {
			return newError(subject, []Violation{{
				Place: "status", Expected: "an error, for no operation has this method and path", Found: strconv.Itoa(a.status),
			}})
		}
		return newError(subject, checkContent(r, a, failureContent()))
	}
	subject := fmt.Sprintf("response %d of %s (%s %s)", a.status, called.operation.OperationID, r.Method, r.URL.RequestURI())
	declared := called.operation.Responses.Status(a.status)
	if declared == nil {
		return newError(subject, []Violation{{
			Place: "status", Expected: "one of " + list(keys(called.operation.Responses.Map())), Found: strconv.Itoa(a.status),
		}})
	}
	return newError(subject, slices.Concat(
		checkHeaders(a.header, declared.Value.Headers), impliedHeaders(r, called, a), checkContent(r, a, declared.Value.Content)))
}

// failureContent is what every failure answers with.
func failureContent() openapi3.Content {
	return openapi3.Content{jsonType: {Schema: loaded().document.Components.Schemas["ErrorDocument"]}}
}

func checkHeaders(found http.Header, declared openapi3.Headers) []Violation {
	var all []Violation
	for _, name := range keys(declared) {
		header := declared[name].Value
		place := fmt.Sprintf("header %q", name)
		values := found[textproto.CanonicalMIMEHeaderKey(name)]
		if len(values) == 0 && header.Required {
			all = append(all, Violation{
				Place: place, Schema: loaded().owners[header.Schema.Value], Expected: describe(header.Schema), Found: Nothing,
			})
		}
		for _, value := range values {
			all = append(all, checkHeader(place, value, header.Schema.Value)...)
		}
	}
	return all
}

// impliedHeaders checks the headers which a response has only under a condition,
// so that the contract can't call them required.
func impliedHeaders(r *http.Request, called *route, a answer) []Violation {
	switch {
	case called.operation.OperationID == "createLogin" && a.status == http.StatusOK && !loggedIn(r):
		if !hasCookie((&http.Response{Header: a.header}).Cookies()) {
			return []Violation{{Place: `header "Set-Cookie"`, Expected: "the cookie " + loginCookie, Found: Nothing}}
		}
	case a.status == http.StatusPartialContent && !strings.HasPrefix(a.header.Get("Content-Type"), "multipart/"):
		if a.header.Get("Content-Range") == "" {
			return []Violation{{Place: `header "Content-Range"`, Expected: "which bytes these are", Found: Nothing}}
		}
	}
	return nil
}

const loginCookie = "session_id"

// loggedIn tells whether a request carries what stands for a login, so that it opens no
// other.
func loggedIn(r *http.Request) bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return hasCookie(r.Cookies()) || strings.EqualFold(scheme, "apikey")
}

func hasCookie(cookies []*http.Cookie) bool {
	return slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == loginCookie && c.Value != "" })
}

func checkHeader(place, value string, s *openapi3.Schema) []Violation {
	var typed any = value
	if s.Type.Is(openapi3.TypeInteger) {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return []Violation{{Place: place, Expected: "an integer", Found: found(value)}}
		}
		typed = number
	}
	return violationsIn(s.VisitJSON(typed, openapi3.MultiErrors(), formats()), place)
}

func checkContent(r *http.Request, a answer, declared openapi3.Content) []Violation {
	if len(declared) == 0 {
		return nil
	}
	contentType := a.header.Get("Content-Type")
	media := declared.Get(contentType)
	if media == nil || contentType == "" {
		return []Violation{wrongType(declared, contentType)}
	}
	if a.unread || !isJSON(r.Method, a.status, a.header) {
		return nil
	}
	violations := checkJSON(media.Schema.Value, a.body, "body")
	if len(violations) == 0 && a.status >= http.StatusBadRequest {
		violations = checkFailure(a)
	}
	return violations
}

// wrongType says that a message has another content type than those declared.
func wrongType(declared openapi3.Content, contentType string) Violation {
	v := Violation{Place: `header "Content-Type"`, Expected: list(keys(declared)), Found: Nothing}
	if len(declared) > 1 {
		v.Expected = "one of " + v.Expected
	}
	if contentType != "" {
		v.Found = found(contentType)
	}
	return v
}

// checkFailure checks that the type of an error belongs to the status that it
// came with.
func checkFailure(a answer) []Violation {
	var document struct {
		Error struct {
			Type string `json:"type"`
		} `json:"error"`
	}
	if err := json.Unmarshal(a.body, &document); err != nil {
		return []Violation{{Place: "body", Expected: "an error", Found: printable(err.Error())}}
	}
	name := document.Error.Type
	if want := loaded().failures[name].Status; want != a.status {
		return []Violation{{
			Place: "body/error/type", Schema: "ErrorType",
			Expected: fmt.Sprintf("a type of status %d", a.status), Found: fmt.Sprintf("%q, which has status %d", name, want),
		}}
	}
	return nil
}
