//go:build linux

// Command download is the SDK as the benchmark measures it: a process that logs in,
// downloads one trail, and tells what that took. The password is in the environment,
// where spsd has it too.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/spskit/spskit/client"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "download:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	url := flag.String("url", "", "address of the server")
	ca := flag.String("tls-cert", "", "PEM file of the certificate; without one plain HTTP is spoken")
	key := flag.String("key", "", "key of the session")
	output := flag.String("output", os.DevNull, "what the trail is written to; a file is written as DownloadTrailFile does")
	profile := flag.String("cpuprofile", "", "file for a CPU profile of the download")
	flag.Parse()
	opts := []client.Option{client.WithPassword("admin", os.Getenv("SPSD_ADMIN_PASSWORD"))}
	if *ca != "" {
		opts = append(opts, client.WithCAFile(*ca))
	}
	sps, err := client.New(*url, opts...)
	if err != nil {
		return err
	}
	if err := sps.Login(ctx); err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	began := time.Now()
	n, err := download(ctx, sps, *key, *output)
	if err != nil {
		return err
	}
	took := time.Since(began)
	peak, err := peakMemory()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]int64{"bytes": n, "nanoseconds": took.Nanoseconds(), "peak": peak})
}

func download(ctx context.Context, sps *client.Client, key, output string) (int64, error) {
	if output != os.DevNull {
		info, err := sps.DownloadTrailFile(ctx, key, output, client.TrailOptions{Overwrite: true})
		return info.Size, err
	}
	f, err := os.OpenFile(output, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	n, _, err := sps.DownloadTrail(ctx, key, f, client.TrailOptions{})
	return n, errors.Join(err, f.Close())
}

// peakMemory is the most memory that this process has occupied, in bytes. The kernel
// tells it to the parent too, but counts what the parent itself had when it forked.
func peakMemory() (int64, error) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(raw) {
		if value, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, err := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte("kB")))), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("/proc/self/status has no VmHWM")
}
