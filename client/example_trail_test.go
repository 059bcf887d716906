package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/spskit/spskit/client"
)

// exampleDir is a new directory that goes when all examples have run.
func exampleDir() string {
	dir, err := os.MkdirTemp("", "trails")
	if err != nil {
		log.Fatal(err)
	}
	examples.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func ExampleClient_DownloadTrail() {
	sps := connect()
	var file bytes.Buffer // or whatever takes bytes
	n, trail, err := sps.DownloadTrail(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq", &file, client.TrailOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(trail.Name, n == trail.Size, n == int64(file.Len()))
	// Output: rUhhQZ3jYsY1NDWYp9DEpq.zat true true
}

// A trail goes through a hash on its way to the file.
func ExampleClient_DownloadTrail_hash() {
	sps := connect()
	var file bytes.Buffer
	hash := sha256.New()
	_, _, err := sps.DownloadTrail(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq", io.MultiWriter(&file, hash), client.TrailOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(fmt.Sprintf("%x", hash.Sum(nil))), "hexadecimal digits")
	// Output: 64 hexadecimal digits
}

func ExampleClient_DownloadTrailFile() {
	sps := connect()
	path := filepath.Join(exampleDir(), "my-session.zat")
	trail, err := sps.DownloadTrailFile(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq", path, client.TrailOptions{})
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Stat(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.Name(), file.Size() == trail.Size)
	// Output: my-session.zat true
}

// What a download that was broken off has brought is not asked for again.
func ExampleClient_DownloadTrailFile_resume() {
	sps := connect()
	path := filepath.Join(exampleDir(), "my-session.zat")

	ctx, cancel := context.WithCancel(context.Background())
	_, err := sps.DownloadTrailFile(ctx, "rUhhQZ3jYsY1NDWYp9DEpq", path, client.TrailOptions{
		Progress: func(client.TrailProgress) { cancel() }, // as Ctrl-C would
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}

	// The same call, perhaps by another process, and perhaps days later.
	_, err = sps.DownloadTrailFile(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq", path, client.TrailOptions{Overwrite: true})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_DownloadTrails() {
	sps := connect()
	ctx := context.Background()
	sessions := sps.Sessions(ctx, client.SessionQuery{
		Q: client.And(client.Text("protocol").Is("SSH"), client.Bool("active").Is(false)),
	})
	files, without := 0, 0
	for trail, err := range sps.DownloadTrails(ctx, sessions, exampleDir(), client.TrailOptions{Parallel: 8}) {
		switch {
		case errors.Is(err, client.ErrNotFound):
			without++ // it was not recorded, and the others go on
		case err != nil:
			log.Fatal(trail.Key, ": ", err)
		default:
			files++
		}
	}
	fmt.Println(files > 0, without > 0)
	// Output: true true
}

func ExampleClient_FollowTrail() {
	sps := connect()
	trail, _, err := sps.FollowTrail(context.Background(), "svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29")
	if err != nil {
		log.Fatal(err)
	}
	defer trail.Close()
	// What has been recorded so far comes at once. Reading on waits for more, until
	// io.EOF says that the session has ended.
	begin := make([]byte, 4)
	_, err = io.ReadFull(trail, begin)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleTrailProgress() {
	sps := connect()
	_, _, err := sps.DownloadTrail(context.Background(), "rUhhQZ3jYsY1NDWYp9DEpq", io.Discard, client.TrailOptions{
		Progress: func(p client.TrailProgress) {
			if p.Done == p.Total {
				fmt.Println(p.Key, "is complete")
				return
			}
			fmt.Fprintf(os.Stderr, "\r%s: %d of %d bytes", p.Key, p.Done, p.Total)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: rUhhQZ3jYsY1NDWYp9DEpq is complete
}
