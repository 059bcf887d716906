package httpapi

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// BenchmarkServeSessions reads sessions over kept connections, as clients do.
func BenchmarkServeSessions(b *testing.B) {
	bench := newBench(b)
	bench.api.log = slog.New(slog.DiscardHandler)
	const sessions = 200
	for i := range sessions {
		bench.importSession(b, fmt.Sprintf("session-%d", i), "")
	}
	server := httptest.NewServer(bench.api)
	defer server.Close()
	var turn atomic.Int64
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		answers := bufio.NewReader(conn)
		for pb.Next() {
			fmt.Fprintf(conn, "GET /api/audit/sessions/session-%d HTTP/1.1\r\nHost: x\r\nCookie: session_id=%s\r\n\r\n", turn.Add(1)%sessions, bench.cookie)
			resp, err := http.ReadResponse(answers, nil)
			if err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("%v, %v", resp, err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}
