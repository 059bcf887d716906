package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/spskit/spskit/server/servertest"
	"github.com/spskit/spskit/tests/contract"
)

// edit plants an error in a response.
type edit func(*testing.T, *message)

// message is a response on its way through the wire.
type message struct {
	status int
	header http.Header
	body   []byte
}

// The paths that are asked for. The demo data has what they lead to.
const (
	optionsPath  = "/api/configuration/vnc/options"
	listPath     = "/api/audit/sessions?fields=*&limit=3"
	sessionPath  = "/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq"
	channelsPath = sessionPath + "/channels"
	alertsPath   = sessionPath + "/alerts"
	trailPath    = sessionPath + "/audit_trail"
	timesPath    = "/api/configuration/policies/time_policies/-100"
	missingPath  = "/api/audit/sessions/nope"
	loginPath    = "/api/authentication"
)

// mutations are errors of every kind that a server may make, each with the place
// where it is and the words for what was expected and found.
var mutations = []struct {
	name, path string
	edit       edit
	place      string
	reason     string
}{
	{"member missing", sessionPath, remove("/body/protocol"), "body/body/protocol", `expected one of "HTTP", "ICA", `},
	{"whole part missing", sessionPath, remove("/body"), "body/body", "expected an object, found nothing (schema SessionDocument)"},
	{"item without its key", listPath, remove("/items/1/key"), "body/items/1/key", "expected a string, found nothing (schema SessionItem)"},
	{"link missing", optionsPath, remove("/meta/parent"), "body/meta/parent", "expected a string or null, found nothing (schema ObjectMeta)"},
	{"text for a number", sessionPath, set("/body/revision", `"1"`), "body/body/revision", `expected an integer, found "1" (schema `},
	{"number for a text", sessionPath, set("/key", "7"), "body/key", "expected a string, found 7 (schema SessionDocument)"},
	{"text for a boolean", optionsPath, set("/body/service/enabled", `"true"`), "body/body/service/enabled", `expected a boolean, found "true" (schema ServiceSettings)`},
	{"fraction for an integer", listPath, set("/meta/limit", "3.5"), "body/meta/limit", "expected an integer, found 3.5 (schema SessionListMeta)"},
	{"object for a list", channelsPath, set("/items", "{}"), "body/items", "expected a list, found an empty object (schema ChannelList)"},
	{"list for an object", sessionPath, set("/body", "[]"), "body/body", "expected an object, found a list of 0 items (schema SessionProperties)"},
	{"list of the wrong things", listPath, set("/items/0", `"a"`), "body/items/0", `expected an object, found "a" (schema SessionItem)`},
	{"null where something must be", optionsPath, set("/body/service", "null"), "body/body/service", "expected an object, found null (schema ServiceSettings)"},
	{"null for a list", channelsPath, set("/items", "null"), "body/items", "expected a list, found null (schema ChannelList)"},
	{"unknown word", "/api/transaction", set("/transaction/status", `"ajar"`), "body/transaction/status", `expected one of "closed", "open", found "ajar" (schema TransactionStatus)`},
	{"word in another case", "/api/transaction", set("/body/commit_message", `"Optional"`), "body/body/commit_message", `found "Optional" (schema CommitMessagePolicy)`},
	{"unknown variant", optionsPath, set("/body/audit/timestamping/selection", `"lokal"`), "body/body/audit/timestamping/selection", `expected one of "local", "remote", found "lokal" (schema Timestamping)`},
	{"variant not named", optionsPath, remove("/body/audit/timestamping/selection"), "body/body/audit/timestamping/selection", `expected one of "local", "remote", found nothing (schema Timestamping)`},
	{"another variant's members", optionsPath, set("/body/audit/timestamping", `{"selection":"remote","signing_interval":30,"oid":{"enabled":false}}`), "body/body/audit/timestamping/server_url", "expected a string, found nothing (schema TimestampingRemote)"},
	{"half a variant", optionsPath, set("/body/audit/cleanup", `{"enabled":true}`), "body/body/audit/cleanup/channel_database_cleanup_days", "expected an integer, found nothing (schema Cleanup)"},
	{"no date", sessionPath, set("/body/start_time", `"yesterday"`), "body/body/start_time", `expected a date-time of RFC 3339, such as 2018-09-15T09:22:00Z, found "yesterday"`},
	{"date not in the calendar", sessionPath, set("/body/start_time", `"2018-02-30T09:22:00Z"`), "body/body/start_time", `found "2018-02-30T09:22:00Z" (schema `},
	{"date without a zone", sessionPath, set("/body/end_time", `"2018-09-15T09:22:00"`), "body/body/end_time", `found "2018-09-15T09:22:00" (schema `},
	{"seconds for a date", sessionPath, set("/body/start_time", "1537008780"), "body/body/start_time", "expected a string, found 1537008780 (schema "},
	{"date for seconds", channelsPath, set("/items/0/body/start_time", `"2018-09-15T09:22:00Z"`), "body/items/0/body/start_time", `expected an integer, found "2018-09-15T09:22:00Z" (schema ChannelStart)`},
	{"local date not in the calendar", alertsPath, set("/items/0/time", `"2017-04-31T13:26:39"`), "body/items/0/time", `expected a date-time without a zone, such as 2018-09-15T09:22:00, found "2017-04-31T13:26:39" (schema ZonelessTime)`},
	{"link to another host", sessionPath, set("/meta/href", `"https://sps/api"`), "body/meta/href", `expected text that matches ^/\S*$, found "https://sps/api" (schema Meta)`},
	{"link with a blank", listPath, set("/meta/last", `"/api/audit/sessions?q=a b"`), "body/meta/last", `expected text that matches ^/\S*$, found "/api/audit/sessions?q=a b" (schema SessionListMeta)`},
	{"empty link", sessionPath, set("/body/channels/href", `""`), "body/body/channels/href", `expected text that matches ^/\S*$, found "" (schema Link)`},
	{"link that isn't an object", sessionPath, set("/body/channels", `"`+channelsPath+`"`), "body/body/channels", "expected an object, found \"" + channelsPath + `" (schema Link)`},
	{"negative count", "/api/audit/sessions/_count", set("/count", "-1"), "body/count", "expected at least 0, found -1 (schema SessionCount)"},
	{"more than there can be", optionsPath, set("/body/service/log_level", "11"), "body/body/service/log_level", "expected at most 10, found 11 (schema ServiceSettings)"},
	{"port out of range", sessionPath, set("/body/client/port", "65536"), "body/body/client/port", "expected at most 65535, found 65536 (schema Peer)"},
	{"text too short", timesPath, set("/body/name", `""`), "body/body/name", "expected at least 1 character, found 0 characters (schema TimePolicy)"},
	{"text too long", timesPath, set("/body/name", `"`+strings.Repeat("é", 256)+`"`), "body/body/name", "expected at most 255 characters, found 256 characters (schema TimePolicy)"},
	{"list too long", timesPath, set("/body/days/monday", "["+strings.Repeat(`{"from":"00:00","to":"24:00"},`, 24)+`{"from":"00:00","to":"24:00"}]`), "body/body/days/monday", "expected at most 24 items, found a list of 25 items (schema TimePolicyDays)"},
	{"same item twice", "/api/user_info", set("/endpoints/0/methods", `["GET","GET"]`), "body/endpoints/0/methods", "expected no item twice, found a list of 2 items (schema Endpoint)"},
	{"wrong pattern", optionsPath, set("/body/audit/timestamping", `{"selection":"remote","signing_interval":30,"oid":{"enabled":true,"policy_oid":"one"},"server_url":"http://a"}`), "body/body/audit/timestamping/oid/policy_oid", `expected text that matches ^[0-9]+(\.[0-9]+)+$, found "one" (schema TimestampingOid)`},

	{"not JSON", optionsPath, body("<html>"), "body", "expected one JSON value, found invalid character '<' looking for beginning of value (schema ProtocolOptionsDocument)"},
	{"JSON broken off", "/api/transaction", cut(10), "body", "expected one JSON value, found one that ends within itself, after 10 bytes (schema TransactionDocument)"},
	{"more after the JSON", "/api/transaction", more("{}\n"), "body", "expected one JSON value, found 2 bytes more after it (schema TransactionDocument)"},
	{"empty body", optionsPath, body(""), "body", "expected one JSON value, found nothing (schema ProtocolOptionsDocument)"},
	{"list for the document", optionsPath, body("[]"), "body", "expected an object, found a list of 0 items (schema ProtocolOptionsDocument)"},

	{"another status", sessionPath, status(204), "status", `found 204`},
	{"status for others", optionsPath, status(429), "status", `expected one of "200", "400", "401", "403", "404", "417", "500", "503", found 429`},
	{"failure with a success's body", sessionPath, status(404), "body/error", "expected an object, found nothing (schema ErrorDocument)"},
	{"success with a failure's body", sessionPath, body(`{"error":{"type":"NotFound","message":"no"},"key":"a","meta":{"href":"/api"}}`), "body/body", "expected an object, found nothing (schema SessionDocument)"},
	{"error of another status", missingPath, set("/error/type", `"Unauthorized"`), "body/error/type", `expected a type of status 404, found "Unauthorized", which has status 403 (schema ErrorType)`},
	{"unknown error", missingPath, set("/error/type", `"Oops"`), "body/error/type", `found "Oops" (schema ErrorType)`},
	{"error without an envelope", missingPath, body(`{"type":"NotFound","message":"no"}`), "body/error", "expected an object, found nothing (schema ErrorDocument)"},
	{"error without a message", missingPath, remove("/error/message"), "body/error/message", "expected a string, found nothing (schema Error)"},

	{"another content type", optionsPath, header("Content-Type", "text/plain").edit, `header "Content-Type"`, `expected "application/json", found "text/plain"`},
	{"no content type", optionsPath, no("Content-Type").edit, `header "Content-Type"`, `expected "application/json", found nothing`},
	{"trail as JSON", trailPath, header("Content-Type", "application/json").edit, `header "Content-Type"`, `expected one of "application/octet-stream", "multipart/byteranges", found "application/json"`},
	{"no Allow", optionsPath, no("Allow").edit, `header "Allow"`, "expected a string, found nothing"},
	{"odd Allow", optionsPath, header("Allow", "get and put").edit, `header "Allow"`, `found "get and put"`},
	{"no Content-Language", optionsPath, no("Content-Language").edit, `header "Content-Language"`, `expected "en", found nothing (schema Language)`},
	{"another language", optionsPath, header("Content-Language", "fr").edit, `header "Content-Language"`, `expected "en", found "fr" (schema Language)`},
	{"login without a cookie", loginPath, no("Set-Cookie").edit, `header "Set-Cookie"`, "expected the cookie session_id, found nothing"},
	{"login with another cookie", loginPath, header("Set-Cookie", "id=secret").edit, `header "Set-Cookie"`, "expected the cookie session_id, found nothing"},
	{"part of nothing", trailPath, no("Content-Range").edit, `header "Content-Range"`, "expected which bytes these are, found nothing"},
	{"odd part", trailPath, header("Content-Range", "0-9").edit, `header "Content-Range"`, `found "0-9"`},
	{"tag without quotes", trailPath, header("ETag", "abc").edit, `header "ETag"`, `found "abc"`},
	{"odd date in a header", trailPath, header("Last-Modified", "2018-09-15T09:22:00Z").edit, `header "Last-Modified"`, `found "2018-09-15T09:22:00Z"`},
	{"text for a length", trailPath, header("Content-Length", "ten").edit, `header "Content-Length"`, `expected an integer, found "ten"`},
}

// TestMutations plants one error at a time in responses of a real server. Each is
// found, where it is, and nothing else is; without it nothing is found.
func TestMutations(t *testing.T) {
	if len(mutations) < 30 {
		t.Errorf("%d mutations", len(mutations))
	}
	server := servertest.Start(t, servertest.WithDemo(), servertest.WithHTTP())
	login := http.Response{Header: get(t, http.DefaultTransport, server.URL, loginPath, nil)}
	cookie := login.Cookies()[0]
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			var clean, planted failures
			get(t, contract.Transport(&clean, nil), server.URL, m.path, cookie)
			clean.expect(t)
			get(t, contract.Transport(&planted, mutating(t, m.edit)), server.URL, m.path, cookie)
			operation, _ := contract.Find(http.MethodGet, mustParse(t, server.URL+m.path))
			planted.expect(t, operation.ID, "\n\t"+m.place+": ", m.reason)
			planted.expectLines(t, 1)
		})
	}
}

// get sends a request as a client would: to log in, for a part of a trail, or for
// anything else. It returns the headers of the response.
func get(t *testing.T, through http.RoundTripper, base, path string, cookie *http.Cookie) http.Header {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	switch path {
	case loginPath:
		request.SetBasicAuth(servertest.Username, servertest.Password)
	case trailPath:
		request.Header.Set("Range", "bytes=0-9")
		request.AddCookie(cookie)
	default:
		request.AddCookie(cookie)
	}
	response, err := through.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.Header
}

// mutating plants an error in every response.
func mutating(t *testing.T, plant edit) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return nil, err
		}
		m := message{response.StatusCode, response.Header, raw}
		plant(t, &m)
		response.StatusCode, response.Header, response.Body = m.status, m.header, io.NopCloser(bytes.NewReader(m.body))
		return response, nil
	})
}

func status(code int) edit { return func(_ *testing.T, m *message) { m.status = code } }

func body(text string) edit { return func(_ *testing.T, m *message) { m.body = []byte(text) } }

func more(text string) edit {
	return func(_ *testing.T, m *message) { m.body = append(m.body, text...) }
}

func cut(after int) edit { return func(_ *testing.T, m *message) { m.body = m.body[:after] } }

// set puts a JSON value at a pointer, in place of what is there.
func set(pointer, value string) edit {
	return changing(pointer, func(parent map[string]any, name string) { parent[name] = json.RawMessage(value) })
}

// remove takes away the member at a pointer.
func remove(pointer string) edit {
	return changing(pointer, func(parent map[string]any, name string) { delete(parent, name) })
}

func changing(pointer string, change func(parent map[string]any, name string)) edit {
	return func(t *testing.T, m *message) {
		t.Helper()
		var document any
		if err := json.Unmarshal(m.body, &document); err != nil {
			t.Fatal(err)
		}
		descend(t, document, strings.Split(pointer, "/")[1:], change)
		var err error
		if m.body, err = json.Marshal(document); err != nil {
			t.Fatal(err)
		}
	}
}

func descend(t *testing.T, value any, steps []string, change func(map[string]any, string)) {
	t.Helper()
	step := steps[0]
	switch value := value.(type) {
	case map[string]any:
		next, ok := value[step]
		switch {
		case !ok:
			t.Fatalf("the response has no %q", step)
		case len(steps) > 1:
			descend(t, next, steps[1:], change)
		default:
			change(value, step)
		}
	case []any:
		i, err := strconv.Atoi(step)
		if err != nil || i >= len(value) {
			t.Fatalf("the response has no item %s", step)
		}
		if len(steps) > 1 {
			descend(t, value[i], steps[1:], change)
			return
		}
		holder := map[string]any{step: value[i]}
		change(holder, step)
		value[i] = holder[step]
	default:
		t.Fatalf("the response has nothing below %q", step)
	}
}

// edit changes headers; an empty value takes one away.
func (h headers) edit(_ *testing.T, m *message) {
	for name, value := range maps.All(h) {
		if value == "" {
			m.header.Del(name)
			continue
		}
		m.header.Set(name, value)
	}
}
