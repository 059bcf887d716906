package trail

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
)

// progress is a bar on standard error if that is a terminal, and nothing anywhere else.
// Of one trail it shows the bytes, of many how many are done and the bytes beside it.
type progress struct {
	mu    sync.Mutex // guards all of it
	out   io.Writer  // nil for no bar
	many  int        // how many trails; 0 for one
	ended int
	bytes int64            // of trails that have ended
	under map[string]int64 // bytes of those that are under way
	bar   *progressbar.ProgressBar
}

func newProgress(a *app.App, quiet bool) *progress {
	p := &progress{under: map[string]int64{}}
	if !quiet && !a.Dry() && a.Terminal(a.Err) && wide(a.Err) {
		p.out = a.Err
	}
	return p
}

// wide tells whether a terminal has room for a bar with its numbers: one that is too
// long for its line would fill the screen instead of changing in place.
func wide(terminal io.Writer) bool {
	f, ok := terminal.(*os.File)
	if !ok {
		return true
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	return err != nil || columns == 0 || columns >= 60
}

// tell takes note of what the SDK tells.
func (p *progress) tell(t client.TrailProgress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under[t.Key] = t.Done
	if p.many == 0 {
		p.show(t.Done, t.Total)
		return
	}
	p.showMany()
}

// done takes note of a trail that has ended, well or not.
func (p *progress) done(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.many == 0 {
		return
	}
	p.ended++
	p.bytes += p.under[key]
	delete(p.under, key)
	p.showMany()
}

func (p *progress) showMany() {
	sum := p.bytes
	for _, n := range p.under {
		sum += n
	}
	if p.open(int64(p.many), progressbar.OptionShowCount()) {
		p.bar.Describe(size(sum))
		_ = p.bar.Set(p.ended) // it only shows something
	}
}

func (p *progress) show(done, of int64) {
	if p.open(of, progressbar.OptionShowBytes(true)) {
		_ = p.bar.Set64(done)
	}
}

// open makes the bar when there is something to show, and tells whether there is one.
func (p *progress) open(of int64, options ...progressbar.Option) bool {
	if p.out == nil {
		return false
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(of, append(options, progressbar.OptionSetWriter(p.out),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())...)
	}
	return true
}

// clear makes room for a line of something else; the next step shows the bar again.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// end leaves the bar as it is, and goes to the next line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.RenderBlank()
		_, _ = io.WriteString(p.out, "\n")
		p.bar, p.out = nil, nil
	}
}

// of is a writer that shows how much has been written to it.
func (p *progress) of(key string, total int64) io.Writer { return &counted{p, key, total, 0} }

type counted struct {
	*progress
	key         string
	total, done int64
}

func (c *counted) Write(b []byte) (int, error) {
	c.done += int64(len(b))
	c.tell(client.TrailProgress{Key: c.key, Done: c.done, Total: c.total})
	return len(b), nil
}

// size writes a number of bytes for people.
func size(n int64) string { return humanize.Bytes(uint64(max(0, n))) }
