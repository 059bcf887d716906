// Command bare is the floor that does nothing: a net/http handler that answers
// every request with the same bytes, or with the same file.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/spskit/spskit/tests/bench/floors/serve"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run() error {
	var flags serve.Flags
	flags.Register(flag.CommandLine)
	body := flag.String("body", "", "file to answer with, read once and kept in memory")
	file := flag.String("file", "", "file to answer with, by http.ServeContent")
	flag.Parse()
	if *file != "" {
		return flags.Serve(content(*file))
	}
	raw, err := os.ReadFile(*body)
	if err != nil {
		return err
	}
	return flags.Serve(static(raw))
}

func static(body []byte) http.HandlerFunc {
	contentType := []string{"application/json"}
	length := []string{strconv.Itoa(len(body))}
	return func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"] = contentType
		h["Content-Length"] = length
		_, _ = w.Write(body) // the client went away
	}
}

func content(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", info.ModTime(), f)
	}
}
