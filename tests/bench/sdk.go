//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// measureSDK downloads the large trail with the SDK, beside curl from the same server.
// Both run as a process of their own, and are logged in already. The first row throws
// the trail away, and is about the SDK; the second is about what people do with it.
func (b *bench) measureSDK(ctx context.Context, d *daemon, s scheme) ([]row, error) {
	what := fmt.Sprintf("SDK downloads %s, %s", size(int64(b.trailMiB)<<20), s)
	away, err := b.measureDownload(ctx, d, what, os.DevNull)
	if err != nil || s == secure {
		return []row{away}, err
	}
	kept, err := b.measureDownload(ctx, d, what+", to a file", b.file("trail.zat"))
	return []row{away, kept}, err
}

func (b *bench) measureDownload(ctx context.Context, d *daemon, what, output string) (row, error) {
	sdk, peak, err := b.downloadBySDK(ctx, d, output)
	if err != nil {
		return row{}, err
	}
	curl, err := exec.LookPath("curl")
	if errors.Is(err, exec.ErrNotFound) {
		return row{
			what: what, ours: b.downloaded(&target{samples: []sample{sdk}}), floor: "-",
			notes: fmt.Sprintf("peak RSS %s; there is no curl here to compare with", size(peak)),
		}, nil
	}
	if err != nil {
		return row{}, err
	}
	config, err := b.curlConfig(d, output)
	if err != nil {
		return row{}, err
	}
	ours, floor := &target{}, &target{}
	c := comparison{ours: ours, floors: []*target{floor}}
	for i := range b.rounds + 1 { // such that each of ours lies between two of curl's
		f, err := b.downloadByCurl(ctx, curl, config, output)
		if err != nil {
			return row{}, err
		}
		floor.samples = append(floor.samples, f)
		if i == b.rounds {
			break
		}
		o, p, err := b.downloadBySDK(ctx, d, output)
		if err != nil {
			return row{}, err
		}
		ours.samples = append(ours.samples, o)
		peak = max(peak, p)
	}
	r := row{what: what, ours: b.downloaded(ours), floor: b.downloaded(floor), rate: c.rate(floor), cpu: c.cpu(floor)}
	r.bar = atLeast(0.9, r.rate) + "; " + atMost("32 MiB", float64(peak), 32<<20)
	r.notes = fmt.Sprintf("peak RSS %s; CPU of the client; floor: curl, same server", size(peak))
	if output != os.DevNull {
		r.notes += ", and sync"
	}
	return r, nil
}

// downloadBySDK also tells the most memory that the process had.
func (b *bench) downloadBySDK(ctx context.Context, d *daemon, output string) (sample, int64, error) {
	args := []string{"-url", d.url.String(), "-key", trailKey, "-output", output}
	if d.ca != "" {
		args = append(args, "-tls-cert", d.ca)
	}
	out, took, err := execute(ctx, b.floor("download"), args...)
	if err != nil {
		return sample{}, 0, err
	}
	if err := throwAway(output); err != nil {
		return sample{}, 0, err
	}
	var told struct{ Bytes, Nanoseconds, Peak int64 }
	if err := json.Unmarshal(out, &told); err != nil {
		return sample{}, 0, err
	}
	if err := b.checkLength(told.Bytes); err != nil {
		return sample{}, 0, err
	}
	return sample{requests: 1, elapsed: time.Duration(told.Nanoseconds), cpu: took.cpu}, told.Peak, nil
}

// curlConfig is a file, because others can read what is on the command line.
func (b *bench) curlConfig(d *daemon, output string) (string, error) {
	config := fmt.Sprintf("url = %q\ncookie = \"session_id=%s\"\noutput = %q\nwrite-out = \"%%{size_download} %%{time_total}\"\nfail\nno-progress-meter\n",
		d.url.String()+trailPath, d.cookie, output)
	if d.ca != "" {
		config += fmt.Sprintf("cacert = %q\n", d.ca)
	}
	return b.write("curl.conf", []byte(config))
}

func (b *bench) downloadByCurl(ctx context.Context, curl, config, output string) (sample, error) {
	out, took, err := execute(ctx, curl, "--disable", "--config", config)
	if err != nil {
		return sample{}, err
	}
	var n int64
	var seconds float64
	if _, err := fmt.Sscan(string(out), &n, &seconds); err != nil {
		return sample{}, err
	}
	f := sample{requests: 1, elapsed: time.Duration(seconds * float64(time.Second)), cpu: took.cpu}
	if output != os.DevNull {
		_, took, err := execute(ctx, "sync", output)
		if err != nil {
			return sample{}, err
		}
		f.elapsed += took.wall
		f.cpu += took.cpu
	}
	return f, errors.Join(b.checkLength(n), throwAway(output))
}

// throwAway removes what was downloaded, so that all begin alike.
func throwAway(output string) error {
	if output == os.DevNull {
		return nil
	}
	return os.Remove(output)
}

func (b *bench) checkLength(n int64) error {
	if want := int64(b.trailMiB) << 20; n != want {
		return fmt.Errorf("%d bytes were downloaded, not %d", n, want)
	}
	return nil
}
