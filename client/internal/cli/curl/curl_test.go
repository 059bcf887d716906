package curl_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/spskit/spskit/client/internal/cli/curl"
)

// sent is a server that tells what it was asked.
func sent(t *testing.T) (url string, got *[]string) {
	t.Helper()
	got = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*got = append(*got, r.Method+" "+r.RequestURI+" "+string(body))
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func request(t *testing.T, method, url, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestTracer(t *testing.T) {
	url, got := sent(t)
	var out strings.Builder
	tracer := &curl.Tracer{Out: &out, Options: []string{"--cacert", "my ca.pem"}, User: "joe", Login: url + "/api/authentication"}
	h := tracer.Wrap(http.DefaultTransport)
	for _, r := range []*http.Request{
		request(t, "GET", url+"/api/info", "", "Accept", "application/json"),
		request(t, "GET", url+"/api/x?q=a%27b", "", "Cookie", "session_id=top-secret", "Accept", "text/csv", "Range", "bytes=5-"),
		request(t, "PUT", url+"/api/y", `{"n":1.0,"password":"top-secret","deep":[{"private_key":{"x":"top-secret"}}],"token":""}`,
			"Cookie", "session_id=top-secret", "Content-Type", "application/json"),
		request(t, "PUT", url+"/api/z", `{"a":"it's `+"\u009b"+`"}`, "Cookie", "session_id=top-secret", "Content-Type", "application/json"),
		request(t, "POST", url+"/api/transaction", "", "Cookie", "session_id=top-secret"),
		request(t, "DELETE", url+"/api/y/1", "", "Cookie", "session_id=top-secret"),
	} {
		resp, err := h.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if r.Method != http.MethodGet && (resp.StatusCode > 201 || string(body) != "{}" || resp.Request != r) {
			t.Errorf("%s is answered with %d %s", r.Method, resp.StatusCode, body)
		}
	}
	const start = "curl --silent --show-error --fail-with-body --cacert 'my ca.pem' "
	const cookie = start + "--cookie spsctl.cookies "
	want := start + url + "/api/info\n" +
		start + "--user joe --cookie-jar spsctl.cookies " + url + "/api/authentication\n" +
		cookie + "--header 'Accept: text/csv' --range 5- '" + url + "/api/x?q=a%27b'\n" +
		cookie + "--request PUT --header 'Content-Type: application/json' --data-raw '" +
		`{"deep":[{"private_key":"[redacted]"}],"n":1.0,"password":"[redacted]","token":""}` + "' " + url + "/api/y\n" +
		cookie + "--request PUT --header 'Content-Type: application/json' --data-raw $'" + `{"a":"it\'s \xc2\x9b"}` + "' " + url + "/api/z\n" +
		cookie + "--request POST --header 'Content-Length: 0' " + url + "/api/transaction\n" +
		cookie + "--request DELETE " + url + "/api/y/1\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	if strings.Join(*got, ",") != "GET /api/info ,GET /api/x?q=a%27b " {
		t.Errorf("sent %q", *got)
	}
	if tracer.Printed() != 6 {
		t.Errorf("counted %d requests", tracer.Printed())
	}
}

func TestLoginShowsNoPassword(t *testing.T) {
	url, _ := sent(t)
	var out strings.Builder
	r := request(t, "GET", url+"/api/authentication", "")
	r.SetBasicAuth("joe", "top-secret")
	resp, err := (&curl.Tracer{Out: &out}).Wrap(http.DefaultTransport).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if want := "curl --silent --show-error --fail-with-body --user joe --cookie-jar spsctl.cookies " + url + "/api/authentication\n"; out.String() != want {
		t.Errorf("printed %s", out.String())
	}
}

// The shell gives curl what was meant.
func TestLinesAreForTheShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	for _, body := range []string{"plain", "it's", "$HOME `id` \\n", "a\nb\x1b'\\", "é\u009b東", "", "-x", "*"} {
		var out strings.Builder
		resp, err := (&curl.Tracer{Out: &out}).Wrap(nil).RoundTrip(request(t, "PUT", "http://sps.example.com/", "["+body+"]"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		script := "curl() { while [ \"$1\" != --data-raw ]; do shift; done; printf %s \"$2\"; }\n" + out.String()
		if got, err := exec.Command(bash, "-c", script).Output(); string(got) != "["+body+"]" || err != nil {
			t.Errorf("%q becomes %q by %s", body, got, out.String())
		}
	}
}
