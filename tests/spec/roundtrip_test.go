package spec_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/gen/api"
)

// types makes a value of the generated type for each schema that is the root of
// a document.
var types = map[string]func() any{
	"Accounting":                  func() any { return new(api.Accounting) },
	"AccountingDocument":          func() any { return new(api.AccountingDocument) },
	"AlertList":                   func() any { return new(api.AlertList) },
	"AuditDataRule":               func() any { return new(api.AuditDataRule) },
	"AuditDataRuleDocument":       func() any { return new(api.AuditDataRuleDocument) },
	"AuditDataRuleList":           func() any { return new(api.AuditDataRuleList) },
	"AuditPolicy":                 func() any { return new(api.AuditPolicy) },
	"AuditPolicyDocument":         func() any { return new(api.AuditPolicyDocument) },
	"AuditPolicyList":             func() any { return new(api.AuditPolicyList) },
	"AuthenticationTypesDocument": func() any { return new(api.AuthenticationTypesDocument) },
	"CategoryList":                func() any { return new(api.CategoryList) },
	"ChannelDocument":             func() any { return new(api.ChannelDocument) },
	"ChannelList":                 func() any { return new(api.ChannelList) },
	"ChannelPolicyDocument":       func() any { return new(api.ChannelPolicyDocument) },
	"ChannelPolicyInput":          func() any { return new(api.ChannelPolicyInput) },
	"ChannelPolicyList":           func() any { return new(api.ChannelPolicyList) },
	"ContentHitList":              func() any { return new(api.ContentHitList) },
	"EndpointList":                func() any { return new(api.EndpointList) },
	"ErrorDocument":               func() any { return new(api.ErrorDocument) },
	"EventList":                   func() any { return new(api.EventList) },
	"IndexingList":                func() any { return new(api.IndexingList) },
	"InfoDocument":                func() any { return new(api.InfoDocument) },
	"Link":                        func() any { return new(api.Link) },
	"LocalGroup":                  func() any { return new(api.LocalGroup) },
	"LocalGroupDocument":          func() any { return new(api.LocalGroupDocument) },
	"LocalGroupList":              func() any { return new(api.LocalGroupList) },
	"LocalUserDocument":           func() any { return new(api.LocalUserDocument) },
	"LocalUserInput":              func() any { return new(api.LocalUserInput) },
	"LocalUserList":               func() any { return new(api.LocalUserList) },
	"LoginMethodList":             func() any { return new(api.LoginMethodList) },
	"MetaDocument":                func() any { return new(api.MetaDocument) },
	"NavigationList":              func() any { return new(api.NavigationList) },
	"PasswordDocument":            func() any { return new(api.PasswordDocument) },
	"PasswordInput":               func() any { return new(api.PasswordInput) },
	"ProtocolOptions":             func() any { return new(api.ProtocolOptions) },
	"ProtocolOptionsDocument":     func() any { return new(api.ProtocolOptionsDocument) },
	"RemovedDocument":             func() any { return new(api.RemovedDocument) },
	"RuleRemovedDocument":         func() any { return new(api.RuleRemovedDocument) },
	"SessionCount":                func() any { return new(api.SessionCount) },
	"SessionDocument":             func() any { return new(api.SessionDocument) },
	"SessionHistogram":            func() any { return new(api.SessionHistogram) },
	"SessionList":                 func() any { return new(api.SessionList) },
	"SessionListMeta":             func() any { return new(api.SessionListMeta) },
	"SessionStatistics":           func() any { return new(api.SessionStatistics) },
	"SetupDocument":               func() any { return new(api.SetupDocument) },
	"SnapshotDocument":            func() any { return new(api.SnapshotDocument) },
	"SshOptions":                  func() any { return new(api.SSHOptions) },
	"SshOptionsDocument":          func() any { return new(api.SSHOptionsDocument) },
	"TimePolicy":                  func() any { return new(api.TimePolicy) },
	"TimePolicyDocument":          func() any { return new(api.TimePolicyDocument) },
	"TimePolicyList":              func() any { return new(api.TimePolicyList) },
	"TrailDownloadList":           func() any { return new(api.TrailDownloadList) },
	"TransactionChanges":          func() any { return new(api.TransactionChanges) },
	"TransactionCommit":           func() any { return new(api.TransactionCommit) },
	"TransactionDocument":         func() any { return new(api.TransactionDocument) },
	"TransactionOpening":          func() any { return new(api.TransactionOpening) },
	"UserInfo":                    func() any { return new(api.UserInfo) },
	"WebInterface":                func() any { return new(api.WebInterface) },
	"WebInterfaceDocument":        func() any { return new(api.WebInterfaceDocument) },
}

// TestRoundTrip shows that the generated types keep every document as it is.
func TestRoundTrip(t *testing.T) {
	for _, f := range append(fixtures(t), examples(t)...) {
		t.Run(f.name, func(t *testing.T) {
			make, ok := types[f.schema]
			if !ok {
				t.Fatalf("no type for %s", f.schema)
			}
			value := make()
			if err := json.Unmarshal(f.raw, value); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(exact(t, f.raw), exact(t, again), sameInstant); diff != "" {
				t.Errorf("document changed (-before +after):\n%s", diff)
			}
		})
	}
}

// sameInstant takes two ways to write one point in time as equal: the types keep
// the instant and the offset, not the number of digits.
var sameInstant = cmp.Comparer(func(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := time.Parse(time.RFC3339Nano, a)
	y, errY := time.Parse(time.RFC3339Nano, b)
	return errX == nil && errY == nil && x.Equal(y)
})

// exact decodes JSON without losing digits.
func exact(tb testing.TB, raw []byte) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// TestUnions shows that the variants come out of the generated unions as what
// they are.
func TestUnions(t *testing.T) {
	var channels api.ChannelList
	var options api.ProtocolOptions
	for _, f := range fixtures(t) {
		switch f.name {
		case "ChannelList/ssh":
			if err := json.Unmarshal(f.raw, &channels); err != nil {
				t.Fatal(err)
			}
		case "ProtocolOptions/remote_policy":
			if err := json.Unmarshal(f.raw, &options); err != nil {
				t.Fatal(err)
			}
		}
	}
	forward, err := channels.Items[4].Body.ValueByDiscriminator()
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := forward.(api.ForwardChannel); !ok || f.OriginatorAddress != "::1" || f.ConnectedPort != 22 || f.Type != api.ForwardChannelTypeLocalForward {
		t.Errorf("channel 5 is %#v", forward)
	}
	shell, err := channels.Items[0].Body.ValueByDiscriminator()
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := shell.(api.PlainChannel); !ok || s.Verdict != api.ChannelVerdictAccept || s.EndTime.MustGet() != 1451902145 {
		t.Errorf("channel 1 is %#v", shell)
	}
	timestamping, err := options.Audit.Timestamping.AsTimestampingRemote()
	if err != nil {
		t.Fatal(err)
	}
	if oid := timestamping.Oid; !oid.Enabled || oid.PolicyOid == nil || *oid.PolicyOid != "1.2.3" {
		t.Errorf("policy is %+v", oid)
	}
}

// TestUnionsAreBuilt shows that unions made in Go fit the contract, and that the
// ones with a discriminator write it themselves.
func TestUnionsAreBuilt(t *testing.T) {
	options := api.ProtocolOptions{Audit: new(api.AuditSettings)}
	options.Service.LogLevel = new(4)
	options.Audit.Cleanup = api.Cleanup{Enabled: true, ChannelDatabaseCleanupDays: new(10)}
	if err := options.Audit.Timestamping.FromTimestampingLocal(api.TimestampingLocal{SigningInterval: 30}); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"audit":{"cleanup":{"channel_database_cleanup_days":10,"enabled":true},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":false,"log_level":4}}`
	if diff := cmp.Diff(exact(t, []byte(want)), exact(t, got)); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}
