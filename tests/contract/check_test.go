package contract_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

// TestCheck shows what is checked of recorded messages without their bodies, and
// that with them the bodies can still be read.
func TestCheck(t *testing.T) {
	u := mustParse(t, "/api/configuration/vnc/options")
	sent := http.Header{"Content-Type": {"application/json"}}
	got := http.Header{"Allow": {"GET"}, "Content-Language": {"fr"}, "Content-Type": {"application/json"}}
	for _, test := range []struct {
		name              string
		body              func() io.ReadCloser
		request, response int // violations
	}{
		{"not recorded", func() io.ReadCloser { return contract.NotRecorded }, 0, 1},
		{"none", func() io.ReadCloser { return http.NoBody }, 1, 2},
		{"bad", func() io.ReadCloser { return io.NopCloser(strings.NewReader(`{"audit":{}}`)) }, 3, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := &http.Request{Method: http.MethodPut, URL: u, Header: sent, Body: test.body()}
			response := &http.Response{StatusCode: http.StatusOK, Header: got, Body: test.body()}
			for what, check := range map[string]struct {
				err  error
				want int
			}{
				"request":  {contract.CheckRequest(request), test.request},
				"response": {contract.CheckResponse(request, response), test.response},
			} {
				var broken *contract.Error
				if check.want == 0 && check.err == nil {
					continue
				}
				if !errors.As(check.err, &broken) || len(broken.Violations) != check.want {
					t.Errorf("%s: %v, want %d violations", what, check.err, check.want)
				}
			}
			if test.name == "bad" {
				for _, body := range []io.Reader{request.Body, response.Body} {
					if raw, err := io.ReadAll(body); string(raw) != `{"audit":{}}` || err != nil {
						t.Errorf("the body is %q afterwards, %v", raw, err)
					}
				}
			}
		})
	}
}

// TestLongRequests shows that no more is read ahead of a request's body than is
// checked, so that a long one streams.
func TestLongRequests(t *testing.T) {
	const length = 8 << 20
	body := bytes.NewReader(make([]byte, length))
	next := roundTripper(func(r *http.Request) (*http.Response, error) {
		if ahead := length - body.Len(); ahead > 2<<20 {
			t.Errorf("%d bytes were read ahead", ahead)
		}
		if n, err := io.Copy(io.Discard, r.Body); n != length || err != nil {
			t.Errorf("%d bytes arrived, %v", n, err)
		}
		return nil, errors.New("no network")
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://sps/api/configuration/vnc/options", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := contract.Transport(t, next).RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
	}
}
