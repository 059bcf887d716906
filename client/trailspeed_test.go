package client_test

import (
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/spskit/spskit/client"
)

// A trail is never in memory, however long it is.
func TestTrailMemory(t *testing.T) {
	const size = 256 << 20
	var most uint64
	c := synthetic(t, size)
	opts := client.TrailOptions{Progress: func(client.TrailProgress) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.TotalAlloc)
	}}
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	if n, _, err := c.DownloadTrail(t.Context(), "1", discard{}, opts); err != nil || n != size {
		t.Fatalf("got %d bytes, %v", n, err)
	}
	if allocated := most - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("it allocates %d bytes", allocated)
	}
}

// synthetic makes a client whose trails come from no network.
func synthetic(t testing.TB, size int64) *client.Client {
	t.Helper()
	c, err := client.New("http://sps.example.com", client.WithPassword(user, password),
		client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
			resp := response(r, 200, "application/octet-stream", &io.LimitedReader{R: zeros{}, N: size})
			resp.ContentLength = size
			return resp, nil
		})))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Progress is told once of a trail that comes at once, and even of an empty one.
func TestTrailProgressOfLittle(t *testing.T) {
	for _, size := range []int64{0, 1} {
		var told []client.TrailProgress
		opts := client.TrailOptions{Progress: func(p client.TrailProgress) { told = append(told, p) }}
		if _, _, err := synthetic(t, size).DownloadTrail(t.Context(), "1", discard{}, opts); err != nil {
			t.Error(err)
		}
		if len(told) != 1 || told[0] != (client.TrailProgress{Key: "1", Done: size, Total: size}) {
			t.Errorf("told %+v", told)
		}
	}
}

// discard takes what it gets, with no more methods than any writer has.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkDownloadTrail(b *testing.B) {
	const size = 64 << 20
	for name, opts := range map[string]client.TrailOptions{
		"plain":           {},
		"with progress":   {Progress: func(client.TrailProgress) {}},
		"without timeout": {IdleTimeout: -1},
	} {
		b.Run(name, func(b *testing.B) {
			c := synthetic(b, size)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.DownloadTrail(b.Context(), "1", discard{}, opts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
