package client_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
	contracts "github.com/spskit/spskit/tests/contract"
)

// called is the operation of the contract that a request calls, or "".
func called(r *http.Request) string {
	given := strings.Split(r.URL.EscapedPath(), "/")
	var best contracts.Operation
	for _, op := range contracts.Operations() {
		segments := strings.Split(op.Path, "/")
		fits := op.Method == r.Method && len(segments) == len(given)
		for i := 0; fits && i < len(segments); i++ {
			fits = segments[i] == given[i] || strings.HasPrefix(segments[i], "{")
		}
		if fits && (best.ID == "" || strings.Count(op.Path, "{") < strings.Count(best.Path, "{")) {
			best = op
		}
	}
	return best.ID
}

// protocols are those that the contract lists.
var protocols = []client.Protocol{
	client.ProtocolSSH, client.ProtocolRDP, client.ProtocolICA, client.ProtocolVNC, client.ProtocolTelnet,
	client.ProtocolHTTP, client.ProtocolMSSQL,
}

// collect reads all that an iterator gives.
func collect[T any](seq func(yield func(T, error) bool)) error {
	_, err := client.Collect(seq)
	return err
}

// only is the error of a call that gives something else too.
func only[T any](_ T, err error) error { return err }

// reads are calls of every method that reads, each with the session that it is about.
func reads(ctx context.Context, c *client.Client) map[string]func() error {
	const session = "rUhhQZ3jYsY1NDWYp9DEpq"
	march := time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC)
	calls := map[string]func() error{
		"Login":               func() error { return c.Login(ctx) },
		"UserInfo":            func() error { return only(c.UserInfo(ctx)) },
		"Info":                func() error { return only(c.Info(ctx)) },
		"AuthenticationTypes": func() error { return only(c.AuthenticationTypes(ctx)) },
		"LoginMethods":        func() error { return only(c.LoginMethods(ctx)) },
		"Setup":               func() error { return only(c.Setup(ctx)) },
		"Endpoints":           func() error { return only(c.Endpoints(ctx)) },
		"TransactionStatus":   func() error { return only(c.TransactionStatus(ctx)) },
		"Changes":             func() error { return only(c.Changes(ctx)) },
		"WebInterface":        func() error { return only(c.WebInterface(ctx)) },
		"Accounting":          func() error { return only(c.Accounting(ctx)) },
		"AuditPolicies":       func() error { return collect(c.AuditPolicies().List(ctx)) },
		"TimePolicies":        func() error { return collect(c.TimePolicies().List(ctx)) },
		"LocalUsers":          func() error { return collect(c.LocalUsers().List(ctx)) },
		"LocalGroups":         func() error { return collect(c.LocalGroups().List(ctx)) },
		"AuditDataRules":      func() error { return collect(c.AuditDataRules().List(ctx)) },
		"Sessions":            func() error { return collect(c.Sessions(ctx, client.SessionQuery{})) },
		"Sessions, snapshot":  func() error { return collect(c.Sessions(ctx, client.SessionQuery{Snapshot: true})) },
		"Session":             func() error { return only(c.Session(ctx, session)) },
		"Channels":            func() error { return collect(c.Channels(ctx, "1")) },
		"Channel":             func() error { return only(c.Channel(ctx, "1", "1")) },
		"Alerts":              func() error { return collect(c.Alerts(ctx, session)) },
		"Events":              func() error { return collect(c.Events(ctx, session)) },
		"IndexingJobs":        func() error { return collect(c.IndexingJobs(ctx, session)) },
		"TrailDownloads":      func() error { return collect(c.TrailDownloads(ctx, session)) },
		"SearchContent":       func() error { return collect(c.SearchContent(ctx, session, client.Screen.Phrase("a"))) },
		"Count":               func() error { return only(c.Count(ctx, client.SessionQuery{})) },
		"Stats":               func() error { return only(c.Stats(ctx, client.StatsQuery{Field: "protocol"})) },
		"Histogram": func() error {
			return only(c.Histogram(ctx, client.HistogramQuery{BinSize: client.BinMonth, Start: march, End: march.AddDate(1, 0, 0)}))
		},
		"DownloadTrail": func() error {
			_, _, err := c.DownloadTrail(ctx, session, io.Discard, client.TrailOptions{})
			return err
		},
	}
	for _, path := range []string{
		"/api", "/api/acl", "/api/audit", "/api/configuration", "/api/configuration/aaa", "/api/configuration/aaa/local_database",
		"/api/configuration/management", "/api/configuration/policies",
	} {
		calls["Children of "+path] = func() error { return collect(c.Children(ctx, path)) }
	}
	for _, p := range protocols {
		name := string(p)
		calls["Children of "+name] = func() error { return collect(c.Children(ctx, "/api/configuration/"+strings.ToLower(name))) }
		calls["Options of "+name] = func() error { return only(c.Options(ctx, p)) }
		calls["ChannelPolicies of "+name] = func() error { return collect(c.ChannelPolicies(p).List(ctx)) }
	}
	return calls
}

// edit calls every method of a collection that is about one object, in a transaction.
func edit[T any](ctx context.Context, c client.TxCollection[T], object *T) error {
	key, err := c.Create(ctx, object)
	if err != nil {
		return err
	}
	got, err := c.Get(ctx, key)
	if err != nil {
		return err
	}
	return errors.Join(c.Replace(ctx, got), c.Delete(ctx, key))
}

// writes are calls of every method of a transaction that writes.
func writes(ctx context.Context, c *client.Client, tx *client.Tx, eight bool) map[string]func() error {
	audit := &client.AuditPolicy{Name: "new"}
	if eight {
		audit.SigningInterval, audit.Timestamping = 30, &client.AuditTimestamping{
			Enabled: true, Server: &client.Timestamping{Selection: client.TimestampingLocal},
		}
	}
	calls := map[string]func() error{
		"AuditPolicies": func() error { return edit(ctx, tx.AuditPolicies(), audit) },
		"TimePolicies": func() error {
			return edit(ctx, tx.TimePolicies(), &client.TimePolicy{Name: "new", Days: client.TimePolicyDays{Monday: []client.TimeRange{{From: "08:00", To: "18:00"}}}})
		},
		"LocalGroups":    func() error { return edit(ctx, tx.LocalGroups(), &client.LocalGroup{Name: "new"}) },
		"AuditDataRules": func() error { return edit(ctx, tx.AuditDataRules(), &client.AuditDataRule{Name: "new"}) },
		"LocalUsers": func() error {
			key, err := tx.CreatePassword(ctx, "s3cret-passphrase")
			if err != nil {
				return err
			}
			if stored, err := tx.HasPassword(ctx, key); err != nil || !stored {
				return cmp.Or(err, errors.New("the password is not there"))
			}
			if stored, err := c.HasPassword(ctx, "nothing"); err != nil || stored {
				return cmp.Or(err, errors.New("there is a password that is not"))
			}
			return edit(ctx, tx.LocalUsers(), &client.LocalUser{Name: "new", Password: key})
		},
		"WebInterface": func() error {
			settings, err := tx.WebInterface(ctx)
			return cmp.Or(err, tx.SetWebInterface(ctx, settings))
		},
		"Accounting": func() error {
			settings, err := tx.Accounting(ctx)
			return cmp.Or(err, tx.SetAccounting(ctx, settings))
		},
		"Changes":  func() error { return only(tx.Diff(ctx)) },
		"Children": func() error { return collect(tx.Children(ctx, "/api/configuration")) },
	}
	for _, p := range protocols {
		calls["Options of "+string(p)] = func() error {
			options, err := tx.Options(ctx, p)
			if err != nil {
				return err
			}
			return tx.SetOptions(ctx, p, options)
		}
		calls["ChannelPolicies of "+string(p)] = func() error {
			rule := client.ChannelRule{Actions: &client.ChannelActions{Audit: new(true)}, TimePolicy: "-100"}
			return edit(ctx, tx.ChannelPolicies(p), &client.ChannelPolicy{Name: "new", Rules: []client.ChannelRule{rule}})
		}
	}
	return calls
}

// recorder notes which operations are called. It takes two paths of three from the
// indexing jobs and one of two from the user information, as an appliance might.
type recorder struct {
	next   http.RoundTripper
	mu     sync.Mutex
	served map[string]int // the best status of each
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	operation := called(req)
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.served[operation] = min(cmp.Or(r.served[operation], resp.StatusCode), resp.StatusCode)
	switch operation {
	case "getUserInfo", "listSessionIndexing", "listSessionIndexer":
		_ = resp.Body.Close()
		resp.StatusCode, resp.ContentLength = http.StatusNotFound, -1
		resp.Body = io.NopCloser(strings.NewReader(`{"error":{"type":"NotFound","message":"","details":{}},"meta":{"href":"/"}}`))
	}
	return resp, nil
}

// Every operation of the contract has a method, which sends and takes what the contract
// says.
func TestEveryOperation(t *testing.T) {
	for _, generation := range []string{"6.0", "8.0"} {
		t.Run(generation, func(t *testing.T) {
			s := servertest.Start(t, servertest.WithDemo(), servertest.WithStrict(), servertest.WithAppliance(generation))
			r := &recorder{next: contracts.Transport(t, trusting(t, s)), served: map[string]int{}}
			c := newClient(t, s.URL, client.WithPassword(servertest.Username, servertest.Password), client.WithHTTPClient(&http.Client{Transport: r}))
			// 6.0 knows no MSSQL, which came with 6.5.
			check := func(name string, err error) {
				t.Helper()
				if lacking := generation == "6.0" && strings.HasSuffix(strings.ToUpper(name), "MSSQL"); lacking && errors.Is(err, client.ErrNotFound) {
					return
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			for name, call := range reads(t.Context(), c) {
				check(name, call())
			}
			err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
				for name, call := range writes(ctx, c, tx, generation == "8.0") {
					check(name, call())
				}
				return nil
			})
			check("Transaction", err)
			check("RollBack", c.RollBack(t.Context()))
			check("Logout", c.Logout(t.Context()))

			var missing, failed []string
			for _, op := range contracts.Operations() {
				status, ok := r.served[op.ID]
				switch {
				case !ok && generation == "6.0" && op.Method != http.MethodGet && strings.Contains(op.Path, "mssql"):
				case !ok && generation == "6.0" && op.ID == "getMssqlChannelPolicy":
				case !ok:
					missing = append(missing, op.ID)
				case status >= 300 && (generation != "6.0" || !strings.Contains(op.Path, "mssql")):
					failed = append(failed, op.ID)
				}
			}
			if len(missing) > 0 {
				t.Errorf("no method calls %v", missing)
			}
			if len(failed) > 0 {
				t.Errorf("nothing but failures of %v", failed)
			}
		})
	}
}

// Errors name the operation that failed, as the contract does.
func TestErrorsNameTheirOperation(t *testing.T) {
	operations := map[string]bool{}
	for _, op := range contracts.Operations() {
		operations[op.ID] = true
	}
	f := newFake(t)
	f.HandleFunc("GET /api/", func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalError", "{}") })
	check := func(name string, err error) {
		t.Helper()
		var failure *client.Error
		switch last := called(f.last()); {
		case strings.HasPrefix(name, "Children"):
			if !errors.As(err, &failure) || failure.Operation != "get" {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.As(err, &failure), failure.Operation != last, !operations[last], !errors.Is(err, client.ErrInternal):
			t.Errorf("%s: %s is called, and %v", name, last, err)
		}
	}
	c := f.client(t)
	for name, call := range reads(t.Context(), c) {
		if name != "Login" {
			check(name, call())
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		f.HandleFunc(method+" /api/", func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalError", "{}") })
	}
	f.on("DELETE /api/transaction", `{}`)
	f.inTransaction(t, func(ctx context.Context, tx *client.Tx) error {
		all := writes(ctx, c, tx, true)
		for name, call := range map[string]func() error{
			"Replace": func() error { return tx.LocalGroups().Replace(ctx, &client.LocalGroup{Key: "1"}) },
			"Delete":  func() error { return tx.LocalGroups().Delete(ctx, "1") },
			"Get":     func() error { return only(tx.LocalGroups().Get(ctx, "1")) },
			"SetOptions": func() error {
				return tx.SetOptions(ctx, client.ProtocolSSH, &client.ProtocolOptions{})
			},
			"SetWebInterface": func() error { return tx.SetWebInterface(ctx, &client.WebInterface{}) },
			"SetAccounting":   func() error { return tx.SetAccounting(ctx, &client.Accounting{}) },
			"HasPassword":     func() error { return only(tx.HasPassword(ctx, "1")) },
		} {
			all[name] = call
		}
		delete(all, "WebInterface") // their calls go on after a failure
		delete(all, "Accounting")
		for name, call := range all {
			check(name, call())
		}
		return nil
	})
}

// The table of calls has no protocol less than the contract.
func TestProtocolsOfTheContract(t *testing.T) {
	for _, op := range contracts.Operations() {
		if name, ok := strings.CutSuffix(strings.TrimPrefix(op.Path, "/api/configuration/"), "/options"); ok {
			if !slices.Contains(protocols, client.Protocol(strings.ToUpper(name))) {
				t.Errorf("%s is no protocol of the client", name)
			}
		}
	}
}
