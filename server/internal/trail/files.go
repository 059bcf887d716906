package trail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"github.com/spskit/spskit/server/store"
)

// ErrMissing says that a trail file is not where the database says it is. It
// matches store.ErrNotFound.
var ErrMissing = fmt.Errorf("the trail file is missing: %w", store.ErrNotFound)

// pollInterval is how often a trail that still grows is looked at.
const pollInterval = 250 * time.Millisecond

// Files is where trail files are kept. It is safe for concurrent use.
type Files struct {
	bucket *blob.Bucket
	pause  func(ctx context.Context) error // between two looks at a growing trail
}

// New keeps trail files in a bucket, which Close closes.
func New(bucket *blob.Bucket) *Files { return &Files{bucket: bucket, pause: pause} }

// Open keeps trail files in the bucket that a URL of gocloud.dev/blob names.
func Open(ctx context.Context, url string) (*Files, error) {
	bucket, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, err
	}
	return New(bucket), nil
}

// OpenDir keeps trail files in a directory, which is made when it is missing.
func OpenDir(dir string) (*Files, error) {
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{
		CreateDir:   true,
		DirFileMode: 0o700,
		NoTempDir:   true, // so that the final rename stays on one file system
		Metadata:    fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, err
	}
	return New(bucket), nil
}

// Close releases the bucket.
func (f *Files) Close() error { return f.bucket.Close() }

// PutSession stores a session's trail file under a name made of the session's key
// and of what the file holds: storing the same again changes nothing, and then
// fresh is false. A trail that was stored before stays, under its own name, until
// it is deleted. modified is when the trail is to count as stored.
func (f *Files) PutSession(ctx context.Context, key string, file io.ReadSeeker, modified time.Time) (t store.Trail, fresh bool, err error) {
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return store.Trail{}, false, fmt.Errorf("read the trail: %w", err)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	t = store.Trail{Blob: key + "/" + sum, Size: size, SHA256: sum, Modified: modified}
	switch there, err := f.bucket.Attributes(ctx, t.Blob); {
	case err == nil && there.Size == size:
		return t, false, nil
	case err != nil && gcerrors.Code(err) != gcerrors.NotFound:
		return store.Trail{}, false, fmt.Errorf("look for trail %s: %w", t.Blob, err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return store.Trail{}, false, fmt.Errorf("read the trail again: %w", err)
	}
	if err := f.write(ctx, t, file); err != nil {
		return store.Trail{}, false, fmt.Errorf("write trail %s: %w", t.Blob, err)
	}
	return t, true, nil
}

// write puts the blob in place as a whole, or not at all.
func (f *Files) write(ctx context.Context, t store.Trail, r io.Reader) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	w, err := f.bucket.NewWriter(ctx, t.Blob, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(w, hash), r)
	if err == nil && hex.EncodeToString(hash.Sum(nil)) != t.SHA256 {
		err = errors.New("the file changed while it was read")
	}
	if err != nil {
		abort() // tells Close to drop what was written
		_ = w.Close()
		return err
	}
	return w.Close()
}

// Append makes a trail longer: it stores the old bytes and the new ones as
// another blob, whose description the caller then gives to the session, and
// leaves the old blob to be deleted after that. It copies the whole trail each
// time, which suits the small ones of demonstrations and tests.
func (f *Files) Append(ctx context.Context, key string, old store.Trail, data []byte, modified time.Time) (store.Trail, error) {
	r, err := f.Open(ctx, old)
	if err != nil {
		return store.Trail{}, err
	}
	defer r.Close()
	whole, err := io.ReadAll(r)
	if err != nil {
		return store.Trail{}, fmt.Errorf("read trail %s: %w", old.Blob, err)
	}
	t, _, err := f.PutSession(ctx, key, bytes.NewReader(append(whole, data...)), modified)
	return t, err
}

// Delete removes a trail file; one that is not there is no error.
func (f *Files) Delete(ctx context.Context, name string) error {
	if err := f.bucket.Delete(ctx, name); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("delete trail %s: %w", name, err)
	}
	return nil
}
