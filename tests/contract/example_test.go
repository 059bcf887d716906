package contract_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

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
	// 	/audit/cleanup/channel_database_cleanup_days: expected an integer, found nothing (schema Cleanup)
	// 	/audit/timestamping/signing_interval: expected at least 10, found 5 (schema SigningInterval)
}

// In a test of a client, pass the test's own t.
func ExampleTransport() {
	var t contract.T = printing{}

	server := httptest.NewServer(ajar)
	defer server.Close()

	client := &http.Client{Transport: contract.Transport(t, nil)}
	response, err := client.Get(server.URL + "/api/transaction?verbose=yes")
	if err != nil {
		t.Error(err)
		return
	}
	_ = response.Body.Close()
	// Output:
	// request getTransaction (GET /api/transaction?verbose=yes) breaks the contract:
	// 	parameter "verbose": expected no parameters, found "verbose"
	// response 200 of getTransaction (GET /api/transaction?verbose=yes) breaks the contract:
	// 	header "Allow": expected a string, found nothing
	// 	body/meta/parent: expected a string, found nothing (schema TransactionMeta)
	// 	body/transaction/status: expected one of "closed", "open", found "ajar" (schema TransactionStatus)
}

// In a test of a server, pass the test's own t and your handler.
func ExampleHandler() {
	var t contract.T = printing{}

	handler := contract.Handler(t, ajar)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/transaction", http.NoBody))
	// Output:
	// response 200 of getTransaction (GET /api/transaction) breaks the contract:
	// 	header "Allow": expected a string, found nothing
	// 	body/meta/parent: expected a string, found nothing (schema TransactionMeta)
	// 	body/transaction/status: expected one of "closed", "open", found "ajar" (schema TransactionStatus)
}

// ajar is a server that gets some things wrong.
var ajar = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Language", "en")
	_, _ = io.WriteString(w, `{"key":"transaction","meta":{"href":"/api/transaction"},"transaction":{"status":"ajar"}}`)
})

// printing stands for a test, and prints what the test would fail with.
type printing struct{}

func (printing) Helper()                      {}
func (printing) Error(args ...any)            { fmt.Println(args...) }
func (printing) Errorf(f string, args ...any) { fmt.Printf(f+"\n", args...) }
