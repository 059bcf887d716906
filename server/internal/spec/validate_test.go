package spec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/spec"
)

func decode(tb testing.TB, document string) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(document)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestValidateDocument(t *testing.T) {
	const (
		local  = `{"audit":{"cleanup":CLEANUP,"timestamping":TIMESTAMPING},"service":{"enabled":true,"log_level":4}}`
		off    = `{"enabled":false}`
		own    = `{"selection":"local","signing_interval":30}`
		remote = `{"selection":"remote","signing_interval":30,"server_url":"http://tsa","oid":OID}`
	)
	options := func(cleanup, timestamping string) string {
		return strings.NewReplacer("CLEANUP", cleanup, "TIMESTAMPING", timestamping).Replace(local)
	}
	withOID := func(oid string) string { return options(off, strings.Replace(remote, "OID", oid, 1)) }
	violation := func(path, reason string) spec.Violation { return spec.Violation{Path: path, Reason: reason} }

	for _, test := range []struct {
		name, schema, document string
		want                   []spec.Violation
	}{
		{"local", "ProtocolOptions", options(off, own), nil},
		{"cleanup", "ProtocolOptions", options(`{"enabled":true,"channel_database_cleanup_days":10}`, own), nil},
		{"remote", "ProtocolOptions", withOID(off), nil},
		{"remote with policy", "ProtocolOptions", withOID(`{"enabled":true,"policy_oid":"1.2.3"}`), nil},
		{"unknown members", "ProtocolOptions", options(`{"enabled":false,"extra":1}`, own), nil},

		{"missing while enabled", "ProtocolOptions", options(`{"enabled":true}`, own), []spec.Violation{
			violation("/audit/cleanup/channel_database_cleanup_days", "is missing"),
		}},
		{"missing while enabled, in a variant", "ProtocolOptions", withOID(`{"enabled":true}`), []spec.Violation{
			violation("/audit/timestamping/oid/policy_oid", "is missing"),
		}},
		{"no switch", "ProtocolOptions", options(`{"enabled":"yes"}`, own), []spec.Violation{
			violation("/audit/cleanup/enabled", "value must be a boolean"),
		}},
		{"unknown variant", "ProtocolOptions", options(off, `{"selection":"mars","signing_interval":30}`), []spec.Violation{
			violation("/audit/timestamping/selection", `must be one of "local", "remote"`),
		}},
		{"unnamed variant", "ProtocolOptions", options(off, `{"signing_interval":30}`), []spec.Violation{
			violation("/audit/timestamping/selection", "is missing"),
		}},
		{"no object", "ProtocolOptions", options(off, `"local"`), []spec.Violation{
			violation("/audit/timestamping", "must be one of TimestampingLocal, TimestampingRemote"),
		}},
		{"several", "ProtocolOptions", options(off, `{"selection":"local","signing_interval":5}`) + " ", []spec.Violation{
			violation("/audit/timestamping/signing_interval", "number must be at least 10"),
		}},
		{"several places", "ProtocolOptions", `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":1.5}}}`, []spec.Violation{
			violation("/service", "is missing"),
			violation("/audit/timestamping/signing_interval", "value must be an integer"),
		}},
		{"wrong type", "ProtocolOptions", `[]`, []spec.Violation{violation("", "value must be an object")}},
		{"null", "ProtocolOptions", `null`, []spec.Violation{violation("", "Value is not nullable")}},
		{"enum", "TransactionCommit", `{"status":"open"}`, []spec.Violation{violation("/status", `must be one of "commit"`)}},
		{"through allOf", "Session", `{"active":1}`, []spec.Violation{
			violation("/active", "value must be a boolean"),
			violation("/alerts", "is missing"),
			violation("/channels", "is missing"),
			violation("/creation_time", "is missing"),
			violation("/duration", "is missing"),
			violation("/end_time", "is missing"),
			violation("/events", "is missing"),
			violation("/origin", "is missing"),
			violation("/protocol", "is missing"),
			violation("/revision", "is missing"),
			violation("/start_time", "is missing"),
			violation("/verdict", "is missing"),
		}},
		{"date", "SessionProperties", `{"start_time":"2018-09-15"}`, []spec.Violation{
			violation("/start_time", "is not a date-time"),
		}},
		{"in a list", "ChannelList", `{"items":[{"key":"1","meta":{"href":"/a"},"body":{"type":"session exec","verdict":"accept","start_time":1,"end_time":null,"duration":0}}],
			"meta":{"first":"/","href":"/","last":"/","limit":500,"match_count":1,"next":null,"offset":0,"parent":"/","previous":null}}`, []spec.Violation{
			violation("/items/0/body/command", "is missing"),
		}},
		{"list of names", "SessionUser", `{"server_username":["yoda",1]}`, []spec.Violation{
			violation("/server_username/1", "value must be a string"),
		}},
		{"odd names", "ForwardChannel", `{"type":"local forward","verdict":"accept","start_time":1,"end_time":2,"duration":1,
			"originator.address":"::1","originator.port":70000,"connected.address":"a","connected.port":22}`, []spec.Violation{
			violation("/originator.port", "number must be at most 65535"),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := spec.ValidateDocument(test.schema, decode(t, test.document))
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var invalid *spec.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("error is %v", err)
			}
			if diff := cmp.Diff(test.want, invalid.Violations); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			for _, v := range test.want {
				if !strings.Contains(err.Error(), v.Path) || !strings.Contains(err.Error(), test.schema) {
					t.Errorf("message %q doesn't name %s of %s", err, v.Path, test.schema)
				}
			}
		})
	}
	if err := spec.ValidateDocument("Nothing", nil); err == nil || errors.As(err, new(*spec.ValidationError)) {
		t.Errorf("unknown schema: %v", err)
	}
}

func TestPrune(t *testing.T) {
	for _, test := range []struct {
		name, schema, document, want string
		unknown                      []string
	}{
		{"nothing", "TransactionCommit", `{"status":"commit"}`, `{"status":"commit"}`, nil},
		{"top", "TransactionCommit", `{"status":"commit","a/b":1}`, `{"status":"commit"}`, []string{"/a~1b"}},
		{"no members", "TransactionOpening", `{"a":1}`, `{}`, []string{"/a"}},
		{
			"nested, by variant, and while disabled", "ProtocolOptions",
			`{"x":0,"audit":{"cleanup":{"enabled":false,"channel_database_cleanup_days":10},
			  "timestamping":{"selection":"local","signing_interval":30,"server_url":"u"}},"service":{"enabled":true,"log_level":4,"y":[1]}}`,
			`{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},"service":{"enabled":true,"log_level":4}}`,
			[]string{"/audit/cleanup/channel_database_cleanup_days", "/audit/timestamping/server_url", "/service/y", "/x"},
		},
		{
			"unknown variant is kept", "ProtocolOptions",
			`{"audit":{"timestamping":{"selection":"mars","z":1}}}`, `{"audit":{"timestamping":{"selection":"mars","z":1}}}`, nil,
		},
		{
			"while enabled", "AuditSettings",
			`{"cleanup":{"enabled":true,"z":1}}`, `{"cleanup":{"enabled":true}}`,
			[]string{"/cleanup/z"},
		},
		{
			"items, allOf and free objects", "SessionList",
			`{"items":[{"key":"1","body":{"client":{"ip":"a","mac":"b"},"analytics":{"scripted_results":{"free":1}},"user":{"server_username":["a"]}}}]}`,
			`{"items":[{"key":"1","body":{"client":{"ip":"a"},"analytics":{"scripted_results":{"free":1}},"user":{"server_username":["a"]}}}]}`,
			[]string{"/items/0/body/client/mac"},
		},
		{"allOf", "Session", `{"active":true,"b":1}`, `{"active":true}`, []string{"/b"}},
		{"any value", "ChangeCreate", `{"new_value":{"free":1},"c":1}`, `{"new_value":{"free":1}}`, []string{"/c"}},
		{"wrong types stay", "ProtocolOptions", `{"audit":[{"a":1}],"service":1}`, `{"audit":[{"a":1}],"service":1}`, nil},
		{"no such schema", "Nothing", `{"a":1}`, `{"a":1}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			value := decode(t, test.document)
			got, unknown := spec.Prune(test.schema, value)
			if diff := cmp.Diff(decode(t, test.want), got); diff != "" {
				t.Errorf("pruned (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.unknown, unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(decode(t, test.document), value); diff != "" {
				t.Errorf("the argument changed:\n%s", diff)
			}
		})
	}
}

const session = `{"active":false,"alerts":{"href":"/api/audit/sessions/r/alerts"},
 "analytics":{"interesting_events":[],"scripted":false,"scripted_results":{},"similar_sessions":[],"tags":[]},
 "channels":{"href":"/api/audit/sessions/r/channels"},"client":{"ip":"10.20.30.40","name":"10.20.30.40","port":59125},
 "creation_time":"2018-11-14T12:26:59.244Z","duration":57,"end_time":"2018-09-15T14:22:00+05:00",
 "events":{"href":"/api/audit/sessions/r/events"},"hidden":false,"indexing":{"href":"/api/audit/sessions/r/indexing"},
 "node_id":"6fed7872-065e-41d2-9cfa-ba75e8cad901","origin":"RECORDING","phantom":false,"protocol":"SSH",
 "recording":{"archived":false,"audit_trail":{"archive":null,"download":{"href":"/api/audit/sessions/r/audit_trail"}},
  "auth_method":"password","channel_policy":"shell-only","command_extracted":false,"connection_policy":"p","connection_policy_id":"1",
  "content_reference_id":30,"has_accepted_channel":true,"index_status":"INDEXED",
  "server_local":{"ip":"10.20.30.40","name":"10.20.30.40","port":55386},"session_id":"svc/r/a:29",
  "target":{"ip":"10.20.30.40","name":"10.20.30.40","port":221},"verdict":"Accepted","window_title_extracted":false},
 "revision":15,"server":{"ip":"10.20.30.40","name":"10.20.30.40","port":22},"start_time":"2018-09-15T15:53:00+05:00",
 "user":{"id":"myid","name":"myname","server_username":"myserver"},"verdict":"ACCEPT"}`

func BenchmarkValidateDocument(b *testing.B) {
	valid, invalid := decode(b, session), decode(b, strings.Replace(session, `"revision":15`, `"revision":"15"`, 1))
	b.Run("valid session", func(b *testing.B) {
		for b.Loop() {
			if err := spec.ValidateDocument("Session", valid); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("invalid session", func(b *testing.B) {
		for b.Loop() {
			if err := spec.ValidateDocument("Session", invalid); err == nil {
				b.Fatal("took it")
			}
		}
	})
}
