package client_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
)

// From the second page on, the next one is read while one is worked on.
func TestPagesAreReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
			n, next := int(asked.Add(1)), "null"
			if n < 5 {
				next = fmt.Sprintf(`"/api/audit/sessions?page=%d"`, n+1)
			}
			return response(r, 200, "application/json", strings.NewReader(`{"items":[`+sessionItem(n)+`],"meta":{"next":`+next+`}}`)), nil
		})))
		page := 0
		for s, err := range c.Sessions(t.Context(), client.SessionQuery{}) {
			page++
			if want := fmt.Sprintf("key-%d", page); err != nil || s.Key != want {
				t.Fatalf("session %q, %v, want %s", s.Key, err, want)
			}
			synctest.Wait()
			if want := []int{0, 1, 3, 4, 5, 5}[page]; int(asked.Load()) != want {
				t.Errorf("on page %d, %d pages have been asked for, want %d", page, asked.Load(), want)
			}
		}
		if page != 5 {
			t.Errorf("%d pages", page)
		}
	})
}

// When the loop is left, what is read ahead is given up, and nothing goes on.
func TestReadingAheadEndsWithTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, over := 0, false
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
			if asked++; asked == 3 {
				<-r.Context().Done()
				<-time.After(time.Second)
				over = true
				return nil, r.Context().Err()
			}
			document := fmt.Sprintf(`{"items":[%s],"meta":{"next":"/api/audit/sessions?page=%d"}}`, sessionItem(asked), asked+1)
			return response(r, 200, "application/json", strings.NewReader(document)), nil
		})))
		began := time.Now()
		for s, err := range c.Sessions(t.Context(), client.SessionQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			if s.Key == "key-2" {
				synctest.Wait()
				break
			}
		}
		if took := time.Since(began); !over || took != time.Second {
			t.Errorf("after %v it is %t that the reading is over", took, over)
		}
	})
}
