package client

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/spskit/spskit/gen/api"
)

// trailRequest asks for a trail, or the rest of it.
type trailRequest struct {
	key    string
	format TrailFormat
	from   int64  // first byte that is wanted
	etag   string // of the file that it is wanted of, if from is not 0
	head   bool   // only the headers
}

// beginTrail waits for the beginning of the answer, for as long as the timeout allows.
func (c *Client) beginTrail(ctx context.Context, cancel context.CancelCauseFunc, r trailRequest) (*http.Response, error) {
	ctx, begun := c.awaitAnswer(ctx, cancel)
	defer begun()
	params := &api.DownloadTrailParams{Format: optional(api.TrailFormat(r.format))}
	resp, err := c.api.DownloadTrail(ctx, r.key, params, func(_ context.Context, req *http.Request) error {
		if r.head {
			req.Method = http.MethodHead
		}
		if r.from > 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", r.from))
			req.Header.Set("If-Range", r.etag)
		}
		req.Header.Set("Accept", "application/octet-stream, application/json;q=0.5")
		req.Header.Set("Accept-Encoding", "identity") // keeps the length that is checked
		return nil
	})
	if err == nil {
		err = c.login.explain(ctx, checkTrail(resp, r))
	}
	if err == nil && ctx.Err() == nil { // else it came of the server's seeing the request end
		return resp, nil
	}
	if resp != nil {
		_ = resp.Body.Close()
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return nil, err
}

// checkTrail refuses what cannot be a trail: a failure, a part that was not asked for,
// a page, something packed.
func checkTrail(resp *http.Response, r trailRequest) error {
	const operation = "downloadTrail"
	if r.head && resp.StatusCode != http.StatusOK {
		return failure(resp, operation, nil) // it has no body that would say more
	}
	if err := checkStatus(resp, operation); err != nil {
		return err
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	packed := resp.Header.Get("Content-Encoding")
	rest := resp.StatusCode == http.StatusPartialContent && r.from > 0
	var reason string
	switch {
	case resp.StatusCode != http.StatusOK && !rest:
		reason = "the answer is not the whole file"
	case media == "text/html", isJSON(resp.Header), strings.HasPrefix(media, "multipart/"):
		reason = "the answer is " + printable(media) + ", not a trail"
	case packed != "" && !strings.EqualFold(packed, "identity"):
		reason = "the answer is encoded as " + printable(packed) + ", which was not asked for"
	default:
		return nil
	}
	return failure(resp, operation, &unexpectedError{reason: reason})
}

// checkRest tells whether an answer of status 206 is the rest of a file, from an offset
// to its end, and nothing else.
func checkRest(resp *http.Response, from int64, file TrailInfo) error {
	if got := resp.Header.Get("ETag"); got != file.ETag {
		return fmt.Errorf("%w: its ETag was %s and is %s", ErrTrailChanged, printable(file.ETag), printable(got))
	}
	want := fmt.Sprintf("bytes %d-%d/%d", from, file.Size-1, file.Size)
	got := resp.Header.Get("Content-Range")
	if strings.EqualFold(got, want) && (resp.ContentLength < 0 || resp.ContentLength == file.Size-from) {
		return nil
	}
	return failure(resp, "downloadTrail", &unexpectedError{reason: fmt.Sprintf(
		"the answer is %q with %d bytes, where %q was asked for", printable(got), resp.ContentLength, want)})
}

// strong tells whether an ETag stands for the very bytes of a file. A weak one says
// only that two versions are equivalent.
func strong(etag string) bool {
	return len(etag) > 2 && strings.HasPrefix(etag, `"`) && strings.HasSuffix(etag, `"`)
}

func trailInfo(resp *http.Response, r trailRequest) TrailInfo {
	info := TrailInfo{Size: resp.ContentLength, ETag: resp.Header.Get("ETag")}
	info.LastModified, _ = http.ParseTime(resp.Header.Get("Last-Modified"))
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		info.Name = fileName(params["filename"])
	}
	if info.Name == "" {
		info.Name = fileName(r.key + "." + string(r.format.orDefault()))
	}
	return info
}

func (f TrailFormat) orDefault() TrailFormat {
	if f == "" {
		return TrailZAT
	}
	return f
}

// fileName makes a harmless file name of whatever the server proposes.
func fileName(proposed string) string {
	name := path.Base(strings.ReplaceAll(printable(proposed), `\`, "/"))
	name = strings.TrimLeft(name, ".")
	if name == "/" || len(name) > 255 {
		return ""
	}
	return name
}
