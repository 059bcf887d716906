package trail

import (
	"context"
	"fmt"
	"io"
	"os"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/spskit/spskit/server/store"
)

// Open opens a trail file, at its beginning. ErrMissing when it is not there, and
// another error when it has not the size that it should have.
//
// When the file is a local one, the reader is also a syscall.Conn, which lets the
// kernel copy it to a socket.
func (f *Files) Open(ctx context.Context, t store.Trail) (io.ReadSeekCloser, error) {
	r, err := f.bucket.NewReader(ctx, t.Blob, nil)
	if err != nil {
		if gcerrors.Code(err) == gcerrors.NotFound {
			return nil, fmt.Errorf("%s: %w", t.Blob, ErrMissing)
		}
		return nil, fmt.Errorf("open trail %s: %w", t.Blob, err)
	}
	if r.Size() != t.Size {
		_ = r.Close()
		return nil, fmt.Errorf("trail %s has %d bytes, expected %d", t.Blob, r.Size(), t.Size)
	}
	var local io.Reader
	if r.As(&local) {
		if file, ok := local.(*os.File); ok {
			return &localReader{File: file, blob: r}, nil
		}
	}
	return r, nil
}

// localReader reads a local file past its blob, which closes it.
type localReader struct {
	*os.File
	blob *blob.Reader
}

func (r *localReader) Close() error { return r.blob.Close() }
