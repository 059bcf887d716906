package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"time"
)

// IndexingStatus says how far an indexing job has come. Values that this package
// doesn't know are kept as they came.
type IndexingStatus string

// The states that the contract lists.
const (
	IndexingCompleted  IndexingStatus = "COMPLETED"
	IndexingFailed     IndexingStatus = "FAILED"
	IndexingInProgress IndexingStatus = "IN_PROGRESS"
	IndexingQueued     IndexingStatus = "QUEUED"
)

// IndexingJob is one pass of the indexer over a trail.
type IndexingJob struct {
	Status        IndexingStatus
	StartTime     time.Time // zero if the server doesn't say
	Duration      time.Duration
	CPUTime       time.Duration
	WorkerVersion string
	ADPVersion    string // of the library that reads trails
	Config        IndexingConfig
	Raw           json.RawMessage // the job as the server sent it
}

// IndexingConfig is what a job was to index.
type IndexingConfig struct {
	Command      IndexingPart `json:"command"`
	Title        IndexingPart `json:"title"`
	Screen       IndexingPart `json:"screen"`
	Keyboard     IndexingPart `json:"keyboard"`
	Mouse        IndexingPart `json:"mouse"`
	NearRealtime bool         `json:"near_realtime"` // while the session went on
	OCRLanguages []string     `json:"ocr_languages"` // none means all that suit
}

// IndexingPart says whether something was to be indexed, and how.
type IndexingPart struct {
	Enabled          bool   `json:"enabled"`
	BufferInterval   int    `json:"buffer_interval"`    // of keyboard and mouse, in seconds
	OmnipageTradeOff string `json:"omnipage_trade_off"` // of the screen, such as "TO_ACCURATE"
}

// MarshalJSON writes the job as the server sent it.
func (j IndexingJob) MarshalJSON() ([]byte, error) { return orNull(j.Raw), nil }

// UnmarshalJSON reads a job, as it is in the API's lists.
func (j *IndexingJob) UnmarshalJSON(value []byte) error {
	var wire struct {
		Status     IndexingStatus
		Config     IndexingConfig
		Statistics struct {
			StartTime *int64  `json:"start_time"` // in milliseconds, unlike all the others
			Duration  seconds `json:"duration"`
			CPUTime   seconds `json:"cpu_time"`
		}
		Version struct{ Worker, ADP string }
	}
	if err := json.Unmarshal(value, &wire); err != nil {
		return err
	}
	*j = IndexingJob{
		Status:        wire.Status,
		Duration:      wire.Statistics.Duration.duration(),
		CPUTime:       wire.Statistics.CPUTime.duration(),
		WorkerVersion: wire.Version.Worker,
		ADPVersion:    wire.Version.ADP,
		Config:        wire.Config,
		Raw:           keep(value),
	}
	if ms := wire.Statistics.StartTime; ms != nil {
		j.StartTime = time.UnixMilli(*ms).UTC()
	}
	return nil
}

// IndexingJobs goes through the passes of the indexer over the trail of a session. The
// guides spell its path in three ways; it asks the next one when there is nothing at one,
// which is so of a session that isn't there as well.
func (c *Client) IndexingJobs(ctx context.Context, sessionKey string) iter.Seq2[IndexingJob, error] {
	paths := []iter.Seq2[IndexingJob, error]{
		sublist[IndexingJob](ctx, c, "listSessionIndexing", sessionKey, func(ctx context.Context) (*http.Response, error) {
			return c.api.ListSessionIndexing(ctx, sessionKey, nil)
		}),
		sublist[IndexingJob](ctx, c, "listSessionIndexer", sessionKey, func(ctx context.Context) (*http.Response, error) {
			return c.api.ListSessionIndexer(ctx, sessionKey, nil)
		}),
		sublist[IndexingJob](ctx, c, "listSessionIndexers", sessionKey, func(ctx context.Context) (*http.Response, error) {
			return c.api.ListSessionIndexers(ctx, sessionKey, nil)
		}),
	}
	return func(yield func(IndexingJob, error) bool) {
		var missing error
	paths:
		for _, path := range paths {
			begun := false
			for job, err := range path {
				if !begun && errors.Is(err, ErrNotFound) {
					missing = cmp.Or(missing, err)
					continue paths
				}
				if begun = true; !yield(job, err) {
					return
				}
			}
			return
		}
		yield(IndexingJob{}, missing)
	}
}

// TrailDownload is one download of a session's trail.
type TrailDownload struct {
	Time      time.Time       `json:"-"`
	Username  string          `json:"username"`
	IPAddress string          `json:"ip_address"`
	FromAPI   bool            `json:"from_api"` // not from the web interface
	Raw       json.RawMessage `json:"-"`        // the download as the server sent it
}

// MarshalJSON writes the download as the server sent it.
func (d TrailDownload) MarshalJSON() ([]byte, error) { return orNull(d.Raw), nil }

// UnmarshalJSON reads a download, as it is in the API's lists.
func (d *TrailDownload) UnmarshalJSON(value []byte) error {
	type plain TrailDownload // has no methods
	wire := struct {
		*plain
		Time stamp `json:"time"`
	}{plain: (*plain)(d)}
	err := json.Unmarshal(value, &wire)
	d.Time, d.Raw = wire.Time.Time, keep(value)
	return err
}

// TrailDownloads goes through the downloads of a session's trail, the oldest first.
func (c *Client) TrailDownloads(ctx context.Context, sessionKey string) iter.Seq2[TrailDownload, error] {
	return sublist[TrailDownload](ctx, c, "listSessionTrailDownloads", sessionKey, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListSessionTrailDownloads(ctx, sessionKey, nil)
	})
}
