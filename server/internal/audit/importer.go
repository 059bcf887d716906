package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spskit/spskit/server/store"
)

// Bounds of an import.
const (
	defaultBatchSize = 1000
	maxLineSize      = 16 << 20
	maxBatchBytes    = 4 << 20 // of lines, so that storing a batch takes little memory and is soon over: nobody else can write meanwhile
)

// Sessions is what an import needs of the store.
type Sessions interface {
	PutSessions(ctx context.Context, batch []store.Session) (store.PutResult, error)
	SessionTrail(ctx context.Context, key string) (t store.Trail, active bool, err error)
}

// Trails keeps trail files.
type Trails interface {
	// PutSession stores a session's trail file, and reports whether it had not
	// been there before.
	PutSession(ctx context.Context, key string, file io.ReadSeeker, modified time.Time) (t store.Trail, fresh bool, err error)
	// Delete removes a stored trail file; one that is not there is no error.
	Delete(ctx context.Context, blob string) error
}

// Importer stores sessions that are written as lines of JSON, in batches. A
// batch is stored as a whole or not at all.
type Importer struct {
	Sessions  Sessions
	Trails    Trails
	Validate  Validate       // nil for lines that are trusted
	BatchSize int            // sessions in a batch; 0 for 1000
	Progress  func(Progress) // called after each batch; may be nil
	Now       func() time.Time
}

// Progress tells how far an import has come.
type Progress struct {
	Imported
	Read, Size int64 // bytes of all files
}

// Imported counts what an import did.
type Imported struct {
	Stored     int   // new sessions, and newer revisions
	Skipped    int   // sessions that were not newer than what was stored
	Trails     int   // trail files that their sessions did not have before
	TrailBytes int64 // in those
}

// LineError says which line of an import is bad, and why.
type LineError struct {
	File string
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Import stores the sessions of a file, or of all *.ndjson files of a directory
// in the order of their names. Trail files are found relative to the file that
// names them, and cannot lie outside of its directory.
//
// Import stops at the first bad line, with a *LineError: the batches before stay
// stored, nothing of the line's own batch is. Importing the same again changes
// nothing that is stored already.
func (i *Importer) Import(ctx context.Context, name string) (Imported, error) {
	run, err := i.open(name)
	if err != nil {
		return Imported{}, fmt.Errorf("import %s: %w", name, err)
	}
	defer func() { _ = run.root.Close() }()
	for _, file := range run.files {
		if err := run.importFile(ctx, file); err != nil {
			return run.done.Imported, err
		}
	}
	return run.done.Imported, run.flush(ctx)
}

// importRun is one call of Import.
type importRun struct {
	*Importer
	root  *os.Root // what trail files are opened in
	files []importFile
	batch batch
	done  Progress
}

// importFile is a file of lines. Those of a directory are opened in its root;
// one that was named by the operator may be a link to anywhere.
type importFile struct {
	name string // for messages
	open func() (*os.File, error)
}

func (i *Importer) open(name string) (*importRun, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	run := &importRun{Importer: i}
	if !info.IsDir() {
		run.files = []importFile{{name, func() (*os.File, error) { return openRegular(os.OpenFile, name) }}}
		run.done.Size = info.Size()
		run.root, err = os.OpenRoot(filepath.Dir(name))
		return run, err
	}
	if run.root, err = os.OpenRoot(name); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(run.root.FS(), ".")
	if err != nil {
		return nil, errors.Join(err, run.root.Close())
	}
	for _, entry := range entries {
		if entry.IsDir() || path.Ext(entry.Name()) != ".ndjson" {
			continue
		}
		if info, err := run.root.Stat(entry.Name()); err == nil {
			run.done.Size += info.Size()
		}
		run.files = append(run.files, importFile{
			filepath.Join(name, entry.Name()), func() (*os.File, error) { return openRegular(run.root.OpenFile, entry.Name()) },
		})
	}
	if len(run.files) == 0 {
		return nil, errors.Join(errors.New("the directory holds no *.ndjson file"), run.root.Close())
	}
	return run, nil
}

// openRegular opens a regular file. Anything else is refused rather than waited
// for, as opening a named pipe otherwise would.
func openRegular(open func(name string, flag int, perm fs.FileMode) (*os.File, error), name string) (*os.File, error) {
	f, err := open(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (r *importRun) importFile(ctx context.Context, file importFile) error {
	f, err := file.open()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := lineReader{reader: bufio.NewReaderSize(f, 1<<20)}
	for {
		line, err := lines.next()
		r.done.Read += int64(lines.size)
		number := lines.number // a trail's error comes up only after other lines have been read
		at := func(err error) error { return &LineError{File: file.name, Line: number, Err: err} }
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return at(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		parsed, err := ParseLine(line, r.Validate)
		if err != nil {
			return at(err)
		}
		session, err := parsed.Document.Compose()
		if err != nil {
			return at(err)
		}
		r.batch.add(session, parsed.TrailFile, at, len(line))
		if r.batch.full(r.BatchSize) {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// lineReader reads lines of bounded length.
type lineReader struct {
	reader *bufio.Reader
	long   []byte // a line that did not fit into the reader's buffer
	number int    // of the line that was read last
	size   int    // of that line, with its end
}

// next returns a line without its end, valid until the next call; io.EOF after
// the last one.
func (r *lineReader) next() ([]byte, error) {
	r.long, r.size = r.long[:0], 0
	r.number++
	for {
		piece, err := r.reader.ReadSlice('\n')
		r.size += len(piece)
		if r.size > maxLineSize {
			return nil, fmt.Errorf("the line is longer than %d bytes", maxLineSize)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			r.long = append(r.long, piece...)
			continue
		case errors.Is(err, io.EOF) && r.size > 0, err == nil:
		default:
			return nil, err
		}
		if len(r.long) == 0 {
			return piece, nil
		}
		r.long = append(r.long, piece...)
		return r.long, nil
	}
}
