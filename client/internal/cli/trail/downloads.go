package trail

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// file is what became of one trail.
type file struct {
	Key    string `json:"key"`
	Path   string `json:"path,omitempty"` // empty if there is none
	Size   *int64 `json:"size,omitempty"` // in bytes; nil if there is no file
	Status status `json:"status"`
	Error  string `json:"error,omitempty"`
}

type status string

const (
	downloaded status = "downloaded"
	present    status = "present" // it was there already
	failed     status = "failed"
)

var columns = []output.Column[file]{
	{Name: "key", Value: func(f file) any { return f.Key }},
	{Name: "path", Value: func(f file) any { return f.Path }},
	{Name: "size", Value: func(f file) any {
		if f.Size == nil {
			return nil
		}
		return *f.Size
	}},
	{Name: "status", Value: func(f file) any { return string(f.Status) }, Tone: func(f file) output.Tone {
		if f.Status == failed {
			return output.Bad
		}
		return output.Good
	}},
	{Name: "error", Wide: true, Value: func(f file) any { return f.Error }},
}

// downloads is one run of the command.
type downloads struct {
	app   *app.App
	sps   *client.Client
	flags *flags
	bar   *progress
	keys  []string
	named map[string]bool // keys that the command line has

	fetched, there, without int
	bytes                   int64
	failures                []error
}

// all downloads the trails, and gives what became of each.
func (d *downloads) all(ctx context.Context) iter.Seq2[file, error] {
	trails := d.sps.DownloadTrails(ctx, d.sessions(), d.flags.dir, d.options())
	if d.flags.path != "" {
		trails = d.one(ctx)
	}
	return func(yield func(file, error) bool) {
		defer d.bar.end()
		for trail, err := range trails {
			if ctx.Err() != nil {
				err, trail.Key = context.Cause(ctx), ""
			}
			if err != nil && trail.Key == "" {
				yield(file{}, err)
				return
			}
			d.bar.done(trail.Key)
			row, shown := d.outcome(trail, err)
			if !shown {
				continue
			}
			d.bar.clear()
			if !yield(row, nil) {
				return
			}
		}
	}
}

// one downloads into the file that the command line names.
func (d *downloads) one(ctx context.Context) iter.Seq2[client.TrailFile, error] {
	return func(yield func(client.TrailFile, error) bool) {
		info, err := d.sps.DownloadTrailFile(ctx, d.keys[0], d.flags.path, d.options())
		yield(client.TrailFile{Key: d.keys[0], Path: d.flags.path, Info: info}, err)
	}
}

// outcome counts a trail, and tells whether there is something to show of it.
func (d *downloads) outcome(trail client.TrailFile, err error) (file, bool) {
	switch {
	case errors.Is(err, client.ErrNotFound) && !d.named[trail.Key]:
		d.without++
		return file{}, false
	case err != nil:
		err = explain(err)
		d.failures = append(d.failures, err)
		if len(d.keys) > 1 { // else it is the error of the command
			d.bar.clear()
			d.app.Warnf("%s: %v", trail.Key, err)
		}
		return file{Key: trail.Key, Status: failed, Error: output.Clean(err.Error())}, true
	}
	row := file{Key: trail.Key, Path: trail.Path, Size: &trail.Info.Size, Status: downloaded}
	if trail.Skipped {
		row.Status = present
		d.there++
		return row, true
	}
	d.fetched++
	d.bytes += max(0, trail.Info.Size)
	return row, true
}

// summary says what became of all, and is the error of the command.
func (d *downloads) summary() error {
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, plural(n, one, many))
		}
	}
	add(d.fetched, "trail downloaded ("+size(d.bytes)+")", "trails downloaded ("+size(d.bytes)+")")
	add(d.there, "was there already", "were there already")
	add(d.without, "session has no trail", "sessions have no trail")
	add(len(d.failures), "failed", "failed")
	if len(parts) > 0 && !d.flags.quiet {
		d.app.Notef("%s.", strings.Join(parts, ", "))
	}
	switch {
	case len(d.failures) == 0:
		return nil
	case len(d.keys) == 1:
		return d.failures[0]
	}
	code := failure.CodeOf(d.failures[0])
	for _, err := range d.failures {
		if failure.CodeOf(err) != code {
			code = failure.Failed
		}
	}
	return failure.WithHint(errSome(len(d.failures), len(d.keys)), code,
		"see the warnings above; the same command, given again, fetches what is missing")
}

func errSome(n, of int) error {
	return errors.New(plural(n, "trail of ", "trails of ") + plural(of, "session", "sessions") + " could not be downloaded")
}
