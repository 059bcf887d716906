package har_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/tests/contract/har"
)

// TestRecorders reads what real recorders wrote of traffic with spsd: mitmproxy
// between it and curl, and Playwright around Chromium. Secrets were replaced by
// s3cret afterwards, and the trails taken out.
func TestRecorders(t *testing.T) {
	for _, test := range []struct {
		name      string
		exchanges int
		want      []string
	}{
		{"playwright", 8, nil},
		{"mitmproxy", 8, []string{`commitTransaction request: body/status: "commit", "open", x1 at 8`}},
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", test.name+".har"))
		if err != nil {
			t.Fatal(err)
		}
		r, out := report(t, "", string(raw))
		if diff := cmp.Diff(test.want, out.findings()); diff != "" || r.Exchanges() != test.exchanges {
			t.Errorf("%s: %d exchanges; findings (-want +got):\n%s", test.name, r.Exchanges(), diff)
		}
		if !strings.Contains(string(raw), "s3cret") {
			t.Errorf("%s has no secrets that could be shown", test.name)
		}
	}
}

func ExampleReport() {
	capture := `{"log": {"entries": [
		{
			"request": {"method": "GET", "url": "https://sps.example/api/transaction"},
			"response": {
				"status": 200,
				"headers": [{"name": "allow", "value": "GET"}, {"name": "content-language", "value": "en"}, {"name": "content-type", "value": "application/json"}],
				"content": {"text": "{\"key\":\"transaction\",\"meta\":{\"href\":\"/api/transaction\",\"parent\":\"/api\"},\"transaction\":{\"status\":\"ajar\"}}"}
			}
		},
		{"request": {"method": "GET", "url": "https://fonts.example/a.woff2"}, "response": {"status": 200}}
	]}}`

	report := har.NewReport(nil)
	if err := report.Add("capture.har", strings.NewReader(capture)); err != nil {
		fmt.Println(err)
		return
	}
	var text strings.Builder
	if err := report.WriteText(&text, false); err != nil {
		fmt.Println(err)
	}
	seen, _, _ := strings.Cut(text.String(), "Operations not seen")
	fmt.Print(seen)
	// Output:
	// capture.har: 2 recorded requests, 1 of them to the API
	//
	// OPERATION       REQUESTS  STATUSES  VIOLATIONS
	// getTransaction  1         200 x1    1
	//
	// getTransaction  GET /api/transaction
	//   response 200: body/transaction/status: expected one of "closed", "open", found "ajar" (schema TransactionStatus)
	//     1 time, first in log.entries[0] (/api/transaction)
	//
	// Not of the API:
	//   https://fonts.example  1
}
