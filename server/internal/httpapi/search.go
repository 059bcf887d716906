package httpapi

import (
	"context"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/audit"
)

type statisticsItem struct {
	Count    int               `json:"count"`
	SubItems *[]statisticsItem `json:"sub_items,omitempty"`
	Value    string            `json:"value"`
}

// statisticsItems has the values with those of the second field, if there is one.
func statisticsItems(values []audit.ValueCount, sub bool) []statisticsItem {
	items := make([]statisticsItem, len(values))
	for i, v := range values {
		items[i] = statisticsItem{Count: v.Count, Value: v.Value}
		if sub {
			inner := statisticsItems(v.Sub, false)
			items[i].SubItems = &inner
		}
	}
	return items
}

// GetSessionStatistics counts sessions by the values of a field.
func (h handlers) GetSessionStatistics(ctx context.Context, r apiserver.GetSessionStatisticsRequestObject) (apiserver.GetSessionStatisticsResponseObject, error) {
	x := exchangeIn(ctx)
	given := x.request.URL.Query()
	statistics, err := h.audit.Statistics(ctx, audit.StatisticsParams{
		Criteria: x.criteria(given), Field: given.Get("field"), SubFields: given.Get("sub_fields"), Size: r.Params.Size,
	})
	if err != nil {
		return nil, err
	}
	return ok(listDocument{
		statisticsItems(statistics.Values, statistics.Sub != nil), x.statistics(x.path, sessionsPath, &statistics),
	}), nil
}

type histogramBin struct {
	Count int    `json:"count"`
	End   string `json:"end"`
	Start string `json:"start"`
}

// GetSessionHistogram counts sessions by time.
func (h handlers) GetSessionHistogram(ctx context.Context, _ apiserver.GetSessionHistogramRequestObject) (apiserver.GetSessionHistogramResponseObject, error) {
	x := exchangeIn(ctx)
	given := x.request.URL.Query()
	histogram, err := h.audit.Histogram(ctx, audit.HistogramParams{
		Criteria: x.criteria(given), Field: given.Get("field"), BinSize: given.Get("bin-size"),
	})
	if err != nil {
		return nil, err
	}
	items := make([]histogramBin, len(histogram.Bins))
	for i, b := range histogram.Bins {
		items[i] = histogramBin{Count: b.Count, End: audit.FormatTime(b.End), Start: audit.FormatTime(b.Start)}
	}
	return ok(listDocument{items, x.histogram(x.path, sessionsPath, &histogram)}), nil
}

// CountSessions counts the sessions that match, however many there are.
func (h handlers) CountSessions(ctx context.Context, _ apiserver.CountSessionsRequestObject) (apiserver.CountSessionsResponseObject, error) {
	x := exchangeIn(ctx)
	n, err := h.audit.Count(ctx, x.criteria(x.request.URL.Query()))
	if err != nil {
		return nil, err
	}
	return ok(struct {
		Count int `json:"count"`
	}{n}), nil
}

// OpenSnapshot opens the client's snapshot, or renews it.
func (h handlers) OpenSnapshot(ctx context.Context, _ apiserver.OpenSnapshotRequestObject) (apiserver.OpenSnapshotResponseObject, error) {
	x := exchangeIn(ctx)
	id, err := h.audit.OpenSnapshot(ctx, x.client())
	if err != nil {
		return nil, err
	}
	type body struct {
		Snapshot string `json:"snapshot"`
	}
	return ok(struct {
		Body body       `json:"body"`
		Meta objectMeta `json:"meta"`
	}{body{id}, x.meta(x.path, sessionsPath)}), nil
}

type contentHit struct {
	ChannelID string   `json:"channel_id"`
	Content   string   `json:"content"`
	Matched   []string `json:"matched"`
	RecordID  int64    `json:"record_id"`
	Time      string   `json:"time"`
	Type      string   `json:"type"`
}

// SearchSessionContent searches in the content of one session.
func (h handlers) SearchSessionContent(ctx context.Context, r apiserver.SearchSessionContentRequestObject) (apiserver.SearchSessionContentResponseObject, error) {
	window, err := audit.ParseWindow(r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	x := exchangeIn(ctx)
	q := x.request.URL.Query().Get("q")
	hits, err := h.audit.SearchContent(ctx, r.Key, q, window)
	if err != nil {
		return nil, err
	}
	items := make([]contentHit, len(hits.Items))
	for i, hit := range hits.Items {
		items[i] = contentHit{
			ChannelID: hit.ChannelID, Content: hit.Text, Matched: hit.Matched, RecordID: hit.RecordID,
			Time: audit.FormatTime(hit.Time), Type: string(hit.Kind),
		}
		if hit.Matched == nil {
			items[i].Matched = []string{}
		}
	}
	return ok(listDocument{items, x.pages(x.path, sessionsPath+"/"+r.Key, hits.Paging, contentSuffix(q))}), nil
}
