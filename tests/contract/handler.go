package contract

import (
	"bytes"
	"io"
	"net/http"
)

// Handler returns a handler that passes requests to h and fails the test on every
// request and response that breaks the contract. The client gets every response,
// broken or not.
//
// JSON responses are remembered until they are complete. Of others, such as
// trails, status and headers are checked, and the body streams. Requests whose
// context comes from Deliberate are not checked, their responses are. Nothing is
// checked when h panics.
func Handler(t T, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Helper()
		called, parameters := find(r.Method, r.URL)
		if err := checkRequest(r, called, parameters); err != nil {
			t.Error(err)
		}
		rec := &recorder{ResponseWriter: w, method: r.Method}
		h.ServeHTTP(rec, r)
		if rec.status == 0 {
			rec.note(http.StatusOK)
		}
		if err := checkResponse(r, called, answer{status: rec.status, header: rec.header, body: rec.body.Bytes()}); err != nil {
			t.Error(err)
		}
	})
}

// recorder notes the answer on its way to the client.
type recorder struct {
	http.ResponseWriter
	method string
	status int
	header http.Header // as it was sent
	keep   bool        // the body is JSON
	body   bytes.Buffer
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) note(status int) {
	if w.status != 0 || status < http.StatusOK {
		return
	}
	w.status = status
	w.header = w.Header().Clone()
	w.keep = isJSON(w.method, status, w.header)
}

func (w *recorder) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	w.note(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	if w.keep {
		w.body.Write(p[:n])
	}
	return n, err
}

// Flush sends what has been written so far.
func (w *recorder) Flush() {
	w.note(http.StatusOK)
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a writer that can't has nothing to flush
}

// ReadFrom keeps the fast path of the writer below for bodies that stream.
func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	w.note(http.StatusOK)
	if w.keep {
		src = io.TeeReader(src, &w.body)
	}
	return io.Copy(w.ResponseWriter, src)
}
