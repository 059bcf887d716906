//go:build browser

// Package browser tests what people see in one: the reference page, in Chromium,
// on a running spsd.
package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/spskit/spskit/server/servertest"
)

// patience is for one step in a slow browser. It only ends a hopeless test.
const patience = time.Minute

// visit is a browser tab, and what went wrong in it.
type visit struct {
	t    *testing.T
	ctx  context.Context
	page string // its address

	mu     sync.Mutex
	faults []string
}

// open starts a browser of the given width. At the end of the test nothing may
// have been complained about on its console, and nothing asked of another server.
func open(t *testing.T, origin string, width int) *visit {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(width, 1400),
		chromedp.Flag("ignore-certificate-errors", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	v := &visit{t: t, ctx: ctx, page: origin + "/docs/"}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			v.fault("exception: %s", e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
				v.fault("console: %s", e.Args[0].Value)
			}
		case *log.EventEntryAdded: // violations of the policy are among these
			if e.Entry.Level == log.LevelError {
				v.fault("log: %s %s", e.Entry.Text, e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; !strings.HasPrefix(url, origin+"/") && !strings.HasPrefix(url, "data:") {
				v.fault("asked for %s", url)
			}
		}
	})
	// The browser lives as long as the context that it was started with.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	t.Cleanup(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, fault := range v.faults {
			t.Error(fault)
		}
	})
	return v
}

func (v *visit) fault(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *visit) do(what string, actions ...chromedp.Action) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		v.picture("failed")
		v.t.Fatalf("%s: %v", what, err)
	}
}

// picture keeps what is to be seen, for people to look at.
func (v *visit) picture(name string) {
	var png []byte
	if err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot(&png)); err != nil {
		v.t.Fatal(err)
	}
	if err := os.MkdirAll("screenshots", 0o755); err != nil {
		v.t.Fatal(err)
	}
	file := strings.ReplaceAll(v.t.Name(), "/", "-") + "-" + name + ".png"
	if err := os.WriteFile(filepath.Join("screenshots", file), png, 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// try opens an operation of the page, lets fill change its form, sends it, and
// returns the status and the body that the page then shows.
func (v *visit) try(tag, operation string, fill ...chromedp.Action) (status, body string) {
	v.t.Helper()
	block := fmt.Sprintf("#operations-%s-%s", tag, operation)
	v.do("open "+operation,
		chromedp.WaitVisible("#operations-tag-"+tag, chromedp.ByQuery),
		chromedp.Evaluate(fmt.Sprintf(`document.querySelector("#operations-tag-%s").dataset.isOpen == "true" || document.querySelector("#operations-tag-%s").click()`, tag, tag), nil),
		chromedp.WaitVisible(block+" .opblock-summary-control", chromedp.ByQuery),
		chromedp.Click(block+" .opblock-summary-control", chromedp.ByQuery),
		chromedp.WaitVisible(block+" .execute", chromedp.ByQuery))
	v.do("fill in "+operation, fill...)
	v.do("send "+operation,
		chromedp.Click(block+" .execute", chromedp.ByQuery),
		chromedp.WaitVisible(block+" .live-responses-table .response-col_status", chromedp.ByQuery),
		chromedp.Text(block+" .live-responses-table .response .response-col_status", &status, chromedp.ByQuery),
		chromedp.Text(block+" .live-responses-table .response .response-col_description", &body, chromedp.ByQuery),
		chromedp.ScrollIntoView(block+" .live-responses-table", chromedp.ByQuery))
	return strings.TrimSpace(status), body
}

// The page loads, logs in, sends a request and shows the answer, changes the
// configuration, and logs out.
func TestReference(t *testing.T) {
	for name, width := range map[string]int{"wide": 1400, "narrow": 420} {
		t.Run(name, func(t *testing.T) {
			stand := servertest.Start(t, servertest.WithDemo())
			v := open(t, stand.URL, width)
			v.do("load the page",
				chromedp.Navigate(v.page),
				chromedp.WaitVisible("#operations-tag-sessions", chromedp.ByQuery))
			v.logIn(servertest.Password, "Logged in as "+servertest.Username)
			v.picture("page")
			v.wants("sessions", "listSessions", "200", `"limit": 2`,
				chromedp.SendKeys(`tr[data-param-name="limit"] input`, strings.Repeat(kb.Backspace, 3)+"2", chromedp.ByQuery))
			v.picture("sessions")
			v.wants("transaction", "openTransaction", "201", `"open"`)
			v.wants("vnc", "replaceVncOptions", "201", "signing_interval")
			v.picture("options")
			v.wants("transaction", "rollbackTransaction", "200", "/api/transaction")
			v.do("load the page again", chromedp.Reload(), chromedp.WaitVisible("#logout", chromedp.ByQuery))
			v.do("log out", chromedp.Click("#logout button", chromedp.ByQuery), chromedp.WaitVisible("#login", chromedp.ByQuery))
		})
	}
}

// A wrong password is answered in words, without a dialog of the browser's.
func TestWrongPassword(t *testing.T) {
	stand := servertest.Start(t)
	v := open(t, stand.URL, 1400)
	v.do("load the page", chromedp.Navigate(v.page))
	v.logIn("wrong", "The credentials were not accepted.")
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.faults) != 1 || !strings.Contains(v.faults[0], "401") {
		t.Errorf("the console has %q, want the 401 alone", v.faults)
	}
	v.faults = nil
}

// logIn sends the form at the head of the page, and waits for what it says.
func (v *visit) logIn(password, said string) {
	v.t.Helper()
	v.do("log in",
		chromedp.WaitVisible(`#login input[name="user"]`, chromedp.ByQuery),
		chromedp.SendKeys(`#login input[name="user"]`, servertest.Username, chromedp.ByQuery),
		chromedp.SendKeys(`#login input[name="password"]`, password, chromedp.ByQuery),
		chromedp.Click("#login button", chromedp.ByQuery),
		chromedp.Poll(fmt.Sprintf(`document.getElementById("said").textContent == %q`, said), nil))
}

// wants tries an operation and expects a status, and a piece of the body.
func (v *visit) wants(tag, operation, status, piece string, fill ...chromedp.Action) {
	v.t.Helper()
	if got, body := v.try(tag, operation, fill...); got != status || !strings.Contains(body, piece) {
		v.picture(operation)
		v.t.Errorf("%s answered %s: %.500s", operation, got, body)
	}
}
