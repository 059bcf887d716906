package blackbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Killed at random moments of a loop of transactions and imports, the server
// comes back with everything it acknowledged, and with nothing by halves.
func TestKill(t *testing.T) {
	const rounds, batch = 8, 40
	var (
		dir       = t.TempDir()
		files     = t.TempDir()
		level     = 4              // committed last
		attempted = 4              // sent for commit last
		commits   = 0              // acknowledged
		imported  = map[int]bool{} // files whose import was acknowledged
		imports   = 0              // files whose import was begun
	)
	for round := range rounds {
		d := start(t, dir)
		c := d.admin()

		if got := int(c.logLevel().(float64)); got != level && got != attempted {
			t.Fatalf("round %d: log level is %d, acknowledged was %d, attempted %d", round, got, level, attempted)
		} else {
			level, attempted = got, got
		}
		for file := range imports {
			found := 0
			for i := range batch {
				if c.get("/api/audit/sessions/"+importKey(file, i)).Status == http.StatusOK {
					found++
				}
			}
			if found != batch && (imported[file] || found != 0) {
				t.Fatalf("round %d: file %d has %d of %d sessions; acknowledged: %v", round, file, found, batch, imported[file])
			}
			trail := c.get("/api/audit/sessions/" + importKey(file, 0) + "/audit_trail")
			if found == batch && string(trail.wantStatus(http.StatusOK).Body) != strings.Repeat(fmt.Sprint(file), 5000) {
				t.Fatalf("round %d: file %d has a torn trail", round, file)
			}
		}
		if round == rounds-1 {
			break
		}

		ctx, stop := context.WithCancel(context.Background())
		importing, acknowledged := make(chan struct{}), make(chan struct{}, 100)
		go func() {
			defer close(importing)
			for ctx.Err() == nil {
				file := imports
				imports++
				if err := exec.CommandContext(ctx, binary, "import", importFile(t, files, file, batch), "--data", dir).Run(); err != nil {
					return // killed
				}
				imported[file] = true
				select {
				case acknowledged <- struct{}{}:
				default:
				}
			}
		}()
		committing := make(chan struct{})
		go func() {
			defer close(committing)
			for next := level%10 + 1; ; next = next%10 + 1 {
				document := strings.Replace(localOptions, `"log_level":4`, fmt.Sprintf(`"log_level":%d`, next), 1)
				if c.try("POST", "/api/transaction", "{}") != nil || c.try("PUT", optionsPath, document) != nil {
					return
				}
				attempted = next
				if c.try("PUT", "/api/transaction", `{"status":"commit"}`) != nil {
					return
				}
				level = next
				commits++
			}
		}()
		<-acknowledged
		<-time.After(time.Duration(rand.IntN(300)) * time.Millisecond)
		d.kill()
		stop() // kills the import
		<-committing
		<-importing
	}
	if len(imported) == 0 || commits == 0 {
		t.Errorf("nothing was under way: %d imports, %d commits", len(imported), commits)
	}
}

// try sends a request of a loop that ends with the server.
func (c *caller) try(method, path, body string) error {
	req, err := http.NewRequestWithContext(context.Background(), method, c.d.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.AddCookie(&http.Cookie{Name: "session_id", Value: c.cookie})
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return errors.New(resp.Status)
	}
	return nil
}

func importKey(file, i int) string { return fmt.Sprintf("crash-%d-%d", file, i) }

// importFile writes a file of one batch of sessions, the first with a trail.
func importFile(t *testing.T, dir string, file, sessions int) string {
	var lines strings.Builder
	for i := range sessions {
		trail := ""
		if i == 0 {
			trail = fmt.Sprintf("%d.zat", file)
			write(t, filepath.Join(dir, trail), strings.Repeat(fmt.Sprint(file), 5000))
		}
		lines.WriteString(sessionLine(importKey(file, i), 1, false, trail))
	}
	return write(t, filepath.Join(dir, fmt.Sprintf("%d.ndjson", file)), lines.String())
}
