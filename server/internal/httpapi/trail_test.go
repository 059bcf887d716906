package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

func TestTrailHeadersAndRanges(t *testing.T) {
	b := newBench(t)
	const content = "0123456789abcdef"
	b.importSession(t, "one", content)
	const path = "/api/audit/sessions/one/audit_trail"

	whole := b.do("GET", path)
	if whole.Code != http.StatusOK || whole.Body.String() != content {
		t.Fatalf("answered %d %q", whole.Code, whole.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Length": "16", "Accept-Ranges": "bytes",
		"Content-Disposition": "attachment; filename=one.zat", "Allow": "GET", "Content-Language": "en",
	} {
		if got := whole.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	etag := whole.Header().Get("ETag")
	if len(etag) != 66 {
		t.Errorf("ETag is %s", etag)
	}
	if part := b.do("GET", path, "Range", "bytes=10-12"); part.Code != http.StatusPartialContent || part.Body.String() != "abc" ||
		part.Header().Get("Content-Range") != "bytes 10-12/16" {
		t.Errorf("a range answered %d %q %v", part.Code, part.Body, part.Header())
	}
	if same := b.do("GET", path, "If-None-Match", etag); same.Code != http.StatusNotModified || same.Body.Len() != 0 {
		t.Errorf("a known file answered %d %q", same.Code, same.Body)
	}
	if srs := b.do("GET", path+"?format=srs"); srs.Header().Get("Content-Disposition") != "attachment; filename=one.srs" || srs.Body.String() != content {
		t.Errorf("srs of a closed session answered %v %q", srs.Header(), srs.Body)
	}
	wantProblem(t, b.do("GET", path, "Range", "bytes=99-"), rangeNotSatisfiable)
	wantProblem(t, b.do("GET", path, "If-Match", `"other"`), preconditionFailed)
	wantProblem(t, b.do("GET", path+"?format=mp4"), invalidQuery)
	if head := b.do("HEAD", path); head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") != "16" {
		t.Errorf("HEAD answered %d %q %v", head.Code, head.Body, head.Header())
	}

	log := b.do("GET", "/api/audit/sessions/one/trail_downloads")
	if n := strings.Count(log.Body.String(), `"from_api":true`); n != 3 {
		t.Errorf("the log has %d downloads, want the 3 that sent bytes: %s", n, log.Body)
	}
	if body := b.do("GET", "/api/audit/sessions/one").Body.String(); !strings.Contains(body, `"trail_downloads":{"href":`) {
		t.Errorf("a downloaded session has no link to its downloads: %s", body)
	}
}

func TestTrailThatIsNotThere(t *testing.T) {
	b := newBench(t)
	b.importSession(t, "without", "")
	wantProblem(t, b.do("GET", "/api/audit/sessions/without/audit_trail"), notFound)
	wantProblem(t, b.do("GET", "/api/audit/sessions/nobody/audit_trail"), notFound)

	b.importSession(t, "vanished", "some bytes")
	file, _, err := b.store.SessionTrail(context.Background(), "vanished")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.trails.Delete(context.Background(), file.Blob); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, b.do("GET", "/api/audit/sessions/vanished/audit_trail"), notFound)
}
