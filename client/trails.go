package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// TrailFile is the audit trail of a session in a file.
type TrailFile struct {
	Key     string // of the session
	Path    string
	Info    TrailInfo
	Skipped bool // it was there already, with the length that the server tells
}

// DownloadTrails downloads the audit trails of sessions into a directory, which is made
// if need be, several at a time, and gives each as it is done, in no particular order.
// An error belongs to the session whose key comes with it, and doesn't stop the others.
// One without a key is an error of sessions, or of ctx; then no more are begun.
//
// Sessions can come from Sessions, and of each only the Key matters:
//
//	for trail, err := range sps.DownloadTrails(ctx, sps.Sessions(ctx, query), "trails", client.TrailOptions{}) {
//
// A session that has no trail gives ErrNotFound; Session.HasTrail may tell before.
// sessions is read in a goroutine, and not further ahead than downloads can begin.
//
// Files are called after the session's key and the format, such as "svc-1.zat", with
// %XX in place of bytes that are not fit for a file name. Each is written as
// DownloadTrailFile does. A file that exists is skipped if it is as long as the trail;
// otherwise it is fs.ErrExist, unless opts say Overwrite. So the same call made again
// fetches what is missing.
//
// A session that comes again while its trail is under way, as pages that repeat some
// have it, is left out.
//
// Breaking out of the loop cancels what is under way, and returns when it has ended.
// That doesn't reach sessions, whose ctx is the caller's: a page that it waits for is
// waited for, unless that ctx ends too.
func (c *Client) DownloadTrails(ctx context.Context, sessions iter.Seq2[Session, error], dir string, opts TrailOptions) iter.Seq2[TrailFile, error] {
	return func(yield func(TrailFile, error) bool) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			yield(TrailFile{}, fmt.Errorf("%w: %w", ErrTrailWrite, err))
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		results := c.downloadAll(ctx, sessions, dir, opts)
		defer func() {
			cancel()
			for range results { // until nobody sends any more
			}
		}()
		for r := range results {
			if !yield(r.file, r.err) {
				return
			}
		}
	}
}

type trailResult struct {
	file TrailFile
	err  error
}

// downloadAll gives a result for each session. The channel is closed when nothing goes
// on any more, and has to be read until then.
func (c *Client) downloadAll(ctx context.Context, sessions iter.Seq2[Session, error], dir string, opts TrailOptions) <-chan trailResult {
	if tell := opts.Progress; tell != nil {
		var one sync.Mutex
		opts.Progress = func(p TrailProgress) {
			one.Lock()
			defer one.Unlock()
			tell(p)
		}
	}
	parallel := opts.Parallel
	if parallel <= 0 {
		parallel = 4
	}
	keys, results := make(chan string), make(chan trailResult)
	var underWay sync.Map // the keys
	var all sync.WaitGroup
	all.Go(func() {
		defer close(keys)
		if err := feed(ctx, sessions, keys, &underWay); err != nil {
			results <- trailResult{err: err}
		}
	})
	for range parallel {
		all.Go(func() {
			for key := range keys {
				file, err := c.downloadInto(ctx, key, dir, opts)
				underWay.Delete(key)
				results <- trailResult{file, err}
			}
		})
	}
	go func() {
		all.Wait()
		close(results)
	}()
	return results
}

// feed hands out the keys of sessions that are not under way, until ctx ends.
func feed(ctx context.Context, sessions iter.Seq2[Session, error], keys chan<- string, underWay *sync.Map) error {
	for session, err := range sessions {
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		if _, twice := underWay.LoadOrStore(session.Key, true); twice {
			continue
		}
		select {
		case keys <- session.Key:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (c *Client) downloadInto(ctx context.Context, key, dir string, opts TrailOptions) (TrailFile, error) {
	if err := checkKey(key); err != nil {
		return TrailFile{Key: key}, fmt.Errorf("downloadTrail: %w", err)
	}
	file := TrailFile{Key: key, Path: filepath.Join(dir, pathName(key)+"."+pathName(string(opts.Format.orDefault())))}
	if there, err := os.Stat(file.Path); err == nil && there.Mode().IsRegular() {
		file.Info, err = c.trailInfo(ctx, key, opts.Format)
		file.Skipped = err == nil && file.Info.Size == there.Size()
		if err != nil || file.Skipped {
			return file, err
		}
	}
	var err error
	file.Info, err = c.DownloadTrailFile(ctx, key, file.Path, opts)
	return file, err
}

// trailInfo asks for nothing but the headers, which is no download. If that fails, it
// begins one: the answer to HEAD doesn't say why, not even that the login has expired,
// and not every server may know it.
func (c *Client) trailInfo(ctx context.Context, key string, format TrailFormat) (_ TrailInfo, err error) {
	ctx, observed := c.observe(ctx, "downloadTrail")
	defer func() { observed(err) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := trailRequest{key: key, format: format, head: true}
	resp, err := c.beginTrail(ctx, cancel, r)
	if err != nil {
		r.head = false
		resp, err = c.beginTrail(ctx, cancel, r)
	}
	if err != nil {
		return TrailInfo{}, fmt.Errorf("downloadTrail: %w", err)
	}
	_ = resp.Body.Close() // unread
	return trailInfo(resp, r), nil
}

// pathName makes a file name of a key, another one of each.
func pathName(key string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	var b strings.Builder
	for i, c := range []byte(key) {
		if strings.IndexByte(plain, c) < 0 || (i == 0 && c == '.') {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	const most = 200 // leaves room for what is put after it, within 255
	if b.Len() <= most {
		return b.String()
	}
	return fmt.Sprintf("%s-%x", b.String()[:most-65], sha256.Sum256([]byte(key)))
}
