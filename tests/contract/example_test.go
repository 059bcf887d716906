package contract_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

func ExampleValidate() {
	err := contract.Validate("ProtocolOptions", []byte(`{
		"audit": {
			"cleanup": {"enabled": true},
			"timestamping": {"selection": "local", "signing_interval": 5}
		},
		"service": {"enabled": true, "log_level": 4}
	}`))
	fmt.Println(err)
	// Output:
	// ProtocolOptions breaks the contract:
	// 	/audit/cleanup/channel_database_cleanup_days: is missing
	// 	/audit/timestamping/signing_interval: number must be at least 10, found 5
}

// In a test of a client, pass the test's own t.
func ExampleTransport() {
	var t testing.TB = printing{}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Language", "en")
		_, _ = io.WriteString(w, `{"key":"transaction","meta":{"href":"/api/transaction"},"transaction":{"status":"ajar"}}`)
	}))
	defer server.Close()

	client := &http.Client{Transport: contract.Transport(t, nil)}
	response, err := client.Get(server.URL + "/api/transaction")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	// Output:
	// response 200 of getTransaction (GET /api/transaction) breaks the contract:
	// 	header "Allow": is missing
	// 	body/meta/parent: is missing
	// 	body/transaction/status: must be one of "closed", "open", found "ajar"
}

// printing stands for a test, and prints what the test would fail with.
type printing struct{ testing.TB }

func (printing) Helper()                        {}
func (printing) Error(args ...any)              { fmt.Println(args...) }
func (p printing) Fatal(args ...any)            { p.Error(args...) }
func (p printing) Errorf(f string, args ...any) { fmt.Printf(f+"\n", args...) }
