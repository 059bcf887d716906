//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
)

const (
	trailKey  = "bench-trail"
	trailPath = "/api/audit/sessions/" + trailKey + "/audit_trail"
)

// measureTrail downloads one large trail, beside http.ServeContent on the same
// file, and then with the SDK.
func (b *bench) measureTrail(ctx context.Context) ([]row, error) {
	file, err := b.importTrail(ctx)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, s := range schemes {
		r, err := b.measureTrailOver(ctx, s, file)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r...)
	}
	return rows, nil
}

// importTrail stores a session with a trail, and returns where spsd keeps that.
func (b *bench) importTrail(ctx context.Context) (string, error) {
	dir := b.file("import")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := writeTrail(filepath.Join(dir, "trail.zat"), int64(b.trailMiB)<<20); err != nil {
		return "", err
	}
	line := `{"key":"` + trailKey + `","body":{"active":false,"creation_time":"2020-01-02T03:04:05Z",` +
		`"start_time":"2020-01-02T03:04:05Z","end_time":"2020-01-02T04:04:05Z","duration":3600,` +
		`"origin":"RECORDING","protocol":"RDP","revision":1,"verdict":"ACCEPT"},"trail":"trail.zat"}`
	if err := os.WriteFile(filepath.Join(dir, "session.ndjson"), []byte(line+"\n"), 0o600); err != nil {
		return "", err
	}
	if _, _, err := execute(ctx, b.spsd, "import", "--data", b.data, dir); err != nil {
		return "", err
	}
	return findFile(filepath.Join(b.data, "trails"), int64(b.trailMiB)<<20)
}

// writeTrail makes a file that looks encrypted.
func writeTrail(path string, size int64) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	source := rand.NewChaCha8([32]byte{1})
	var word [8]byte
	for range size / int64(len(word)) {
		binary.LittleEndian.PutUint64(word[:], source.Uint64())
		if _, err := w.Write(word[:]); err != nil {
			return err
		}
	}
	return w.Flush()
}

// findFile finds the one file of that size.
func findFile(dir string, size int64) (found string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() == size {
			found = path
		}
		return err
	})
	if err == nil && found == "" {
		err = fmt.Errorf("no file below %s has %d bytes", dir, size)
	}
	return found, err
}

func (b *bench) measureTrailOver(ctx context.Context, s scheme, file string) ([]row, error) {
	syscall.Sync() // so that the disk has no part in what follows
	d, err := b.serve(ctx, s)
	if err != nil {
		return nil, err
	}
	defer d.stop()
	bare, err := b.startFloor(ctx, d, "bare", "-file", file)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	before, err := d.resident()
	if err != nil {
		return nil, err
	}
	c, err := b.compare(ctx, 1, [][]byte{d.request(trailPath)}, d, bare)
	if err != nil {
		return nil, err
	}
	after, err := d.resident()
	if err != nil {
		return nil, err
	}
	if err := d.checkRange(ctx, file); err != nil {
		return nil, err
	}
	r := row{
		what: fmt.Sprintf("trail of %s, %s", size(int64(b.trailMiB)<<20), s),
		ours: b.downloaded(c.ours), floor: b.downloaded(c.floors[0]),
		rate: c.rate(c.floors[0]), cpu: c.cpu(c.floors[0]),
		notes: fmt.Sprintf("RSS %s -> peak %s; Range: 206; floor: http.ServeContent, same file", size(before.now), size(after.peak)),
	}
	sdk, err := b.measureSDK(ctx, d, s)
	if err != nil || s == secure {
		return append([]row{r}, sdk...), err
	}
	r.bar = atLeast(0.9, r.rate)
	kept, err := b.measureSendfile(ctx, d, bare, file)
	return append([]row{r, kept}, sdk...), err
}

// downloaded describes how fast a server sent the trail.
func (b *bench) downloaded(t *target) string {
	gib := float64(b.trailMiB) / 1024
	return fmt.Sprintf("%s MiB/s  %s CPU/GiB", count(t.typical(sample.rate)*float64(b.trailMiB)),
		duration(t.typical(sample.cpuEach)/gib))
}

// checkRange asks for a piece out of the middle.
func (d *daemon) checkRange(ctx context.Context, file string) error {
	const from, to = 5_000_001, 5_002_000
	got, err := d.get(ctx, trailPath, http.StatusPartialContent, http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", from, to)}})
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	want := make([]byte, to-from+1)
	if _, err := f.ReadAt(want, from); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errors.New("a range of the trail is not what the file has there")
	}
	return nil
}
