package contract

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const jsonType = "application/json"

// answer is a response as far as it is checked. body is nil unless the response
// is JSON: other bodies pass through unread.
type answer struct {
	status int
	header http.Header
	body   []byte
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
			return newError(subject, []Violation{{Place: "status", Reason: "no operation has this path and method, so it must be an error"}})
		}
		return newError(subject, checkContent(r, a, failureContent()))
	}
	subject := fmt.Sprintf("response %d of %s (%s %s)", a.status, called.operation.OperationID, r.Method, r.URL.RequestURI())
	declared := called.operation.Responses.Status(a.status)
	if declared == nil {
		return newError(subject, []Violation{{Place: "status", Reason: fmt.Sprintf(
			"must be one of %s, found %d", list(keys(called.operation.Responses.Map())), a.status)}})
	}
	return newError(subject, append(checkHeaders(a.header, declared.Value.Headers), checkContent(r, a, declared.Value.Content)...))
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
			all = append(all, Violation{Place: place, Reason: "is missing"})
		}
		for _, value := range values {
			all = append(all, checkHeader(place, value, header.Schema.Value)...)
		}
	}
	return all
}

func checkHeader(place, value string, s *openapi3.Schema) []Violation {
	var typed any = value
	if s.Type.Is(openapi3.TypeInteger) {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return []Violation{{Place: place, Reason: fmt.Sprintf("must be an integer, found %q", value)}}
		}
		typed = number
	}
	return violationsIn(s.VisitJSON(typed, openapi3.MultiErrors()), place)
}

func checkContent(r *http.Request, a answer, declared openapi3.Content) []Violation {
	if len(declared) == 0 {
		return nil
	}
	contentType := a.header.Get("Content-Type")
	media := declared.Get(contentType)
	if media == nil || contentType == "" {
		return []Violation{{Place: `header "Content-Type"`, Reason: fmt.Sprintf("must be one of %s, found %q", list(keys(declared)), contentType)}}
	}
	if !isJSON(r.Method, a.status, a.header) {
		return nil
	}
	violations := checkJSON(media.Schema.Value, a.body, "body")
	if len(violations) == 0 && a.status >= http.StatusBadRequest {
		violations = checkFailure(a)
	}
	return violations
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
		return []Violation{{Place: "body", Reason: err.Error()}}
	}
	name := document.Error.Type
	if want := loaded().failures[name].Status; want != a.status {
		return []Violation{{Place: "body/error/type", Reason: fmt.Sprintf("%s has status %d, found %d", name, want, a.status)}}
	}
	return nil
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func list(words []string) string {
	slices.Sort(words)
	return `"` + strings.Join(words, `", "`) + `"`
}
