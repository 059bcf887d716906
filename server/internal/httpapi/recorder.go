package httpapi

import (
	"io"
	"net/http"
	"time"
)

// writePatience is how long a client may take over one piece of an answer.
// Progress renews it, so a slow download goes on, and a stalled one ends.
const (
	writePatience = 60 * time.Second
	writePiece    = 1 << 20
)

// recorder notes status and size of an answer. It keeps the fast path of the
// response writer below: ReadFrom still ends in sendfile.
type recorder struct {
	http.ResponseWriter
	control  *http.ResponseController
	status   int
	written  int64
	deadline time.Time
}

func (w *recorder) begun() bool { return w.status != 0 }

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.renew() // an answer without a body is written by nobody else
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.renew()
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// ReadFrom hands src to the connection in pieces, each with a deadline of its
// own.
func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	// net/http recognises a file behind one LimitedReader only, so the pieces
	// are cut out of the caller's, not wrapped around it.
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	var total int64
	for limited.N > 0 {
		w.renew()
		piece := io.LimitedReader{R: limited.R, N: min(limited.N, writePiece)}
		want := piece.N
		n, err := io.Copy(w.ResponseWriter, &piece)
		limited.N -= n
		total += n
		w.written += n
		if err != nil || n < want {
			return total, err
		}
	}
	return total, nil
}

func (w *recorder) renew() {
	now := time.Now()
	if w.deadline.Sub(now) > writePatience/2 {
		return
	}
	w.deadline = now.Add(writePatience)
	_ = w.control.SetWriteDeadline(w.deadline) // not every test writer has one
}
