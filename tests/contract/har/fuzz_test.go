package har_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/spskit/spskit/tests/contract/har"
)

// FuzzAdd reads anything. What can be read can be reported, in every format, and
// says the same when it is read again.
func FuzzAdd(f *testing.F) {
	f.Add(file(exchange("GET", "https://sps/api/transaction", response(200, text(closed)))))
	f.Fuzz(func(t *testing.T, content string) {
		first, again := har.NewReport(nil), har.NewReport(nil)
		err := first.Add("a.har", strings.NewReader(content))
		if err2 := again.Add("a.har", strings.NewReader(content)); (err == nil) != (err2 == nil) {
			t.Fatalf("%v, and then %v", err, err2)
		}
		if n := first.Exchanges(); n > first.Entries() || n == 0 && first.Violations() > 0 {
			t.Errorf("%d entries, %d exchanges, %d violations", first.Entries(), n, first.Violations())
		}
		words := written(t, first.WriteText)
		if words != written(t, again.WriteText) {
			t.Error("the reports differ")
		}
		if i := strings.IndexFunc(words, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q reaches the terminal", words[i:])
		}
		if !json.Valid([]byte(written(t, first.WriteJSON))) {
			t.Error("the report isn't JSON")
		}
		for d := xml.NewDecoder(strings.NewReader(written(t, first.WriteJUnit))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func written(t *testing.T, write func(io.Writer, bool) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, true); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
