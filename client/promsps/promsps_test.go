package promsps_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/promsps"
)

// series lists the series of a metric by their labels, with how often it was observed.
func series(t *testing.T, registry prometheus.Gatherer, name string) []string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			all = append(all, strings.Join(labels, " ")+strings.Repeat("+", int(m.GetHistogram().GetSampleCount())))
		}
	}
	slices.Sort(all)
	return all
}

func TestMetrics(t *testing.T) {
	var requests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch n := requests.Add(1); {
		case n == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case strings.HasSuffix(r.URL.Path, "lost"):
			panic(http.ErrAbortHandler)
		case strings.HasSuffix(r.URL.Path, "odd"):
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte(`{"error":{"type":"Made up by a server"}}`))
		default:
			_, _ = w.Write([]byte(`{"body":{}}`))
		}
	}))
	defer s.Close()
	registry := prometheus.NewRegistry()
	for range 2 { // clients may share the registry
		metrics, err := promsps.New(registry)
		if err != nil {
			t.Fatal(err)
		}
		policy := client.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond}
		c, err := client.New(s.URL, client.WithObserver(metrics), client.WithRetry(policy))
		if err != nil {
			t.Fatal(err)
		}
		var into any
		for _, path := range []string{"/api/secret?q=secret", "/api/lost", "/api/odd"} {
			_ = c.Get(t.Context(), path, &into) // the metrics tell how it went
		}
	}
	for name, want := range map[string][]string{
		"sps_client_call_duration_seconds":    {"get network++", "get ok++", "get other++"},
		"sps_client_request_duration_seconds": {"GET get 200++", "GET get 418++", "GET get 503+", "GET get none++++"},
	} {
		if diff := cmp.Diff(want, series(t, registry, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	want := `
		# HELP sps_client_response_bytes_total Bytes read of the answers of the SPS API.
		# TYPE sps_client_response_bytes_total counter
		sps_client_response_bytes_total{operation="get"} 102
	`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "sps_client_response_bytes_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// Whoever calls Raw cannot make labels without end.
func TestMethods(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	registry := prometheus.NewRegistry()
	metrics, err := promsps.New(registry)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(s.URL, client.WithObserver(metrics))
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"PATCH", "BREW", "get", "X1", "X2"} {
		resp, err := c.Raw(t.Context(), method, "/api/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	if diff := cmp.Diff([]string{"PATCH raw 404+", "other raw 404++++"}, series(t, registry, "sps_client_request_duration_seconds")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Downloads take minutes, and shall not all be in the last bucket.
func TestBuckets(t *testing.T) {
	registry := prometheus.NewRegistry()
	metrics, err := promsps.New(registry)
	if err != nil {
		t.Fatal(err)
	}
	_, ended := metrics.ObserveCall(t.Context(), "downloadTrail")
	ended(client.CallResult{Duration: 9 * time.Minute})
	_, ended2 := metrics.ObserveAttempt(t.Context(), client.Attempt{Method: "GET"})
	ended2(client.AttemptResult{Wait: 9 * time.Minute})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			buckets := m.GetHistogram().GetBucket()
			if len(buckets) > 0 && buckets[len(buckets)-1].GetCumulativeCount() != 1 {
				t.Errorf("%s: 9 minutes are beyond its last bucket", f.GetName())
			}
		}
	}
}

func TestRegistration(t *testing.T) {
	if _, err := promsps.New(nil); err == nil {
		t.Error("nil is taken")
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "sps_client_response_bytes_total", Help: "Something else."}))
	if _, err := promsps.New(registry); err == nil {
		t.Error("a metric of somebody else's is taken for ours")
	}
}
