package spec_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

// change is what makes a document one that almost fits.
type change struct {
	at    string // JSON pointer of the member to set
	value string // JSON; "" removes the member
	place string // where the contract is broken, if not there
}

// nearMisses are changes that break documents which fit: fixtures by their name,
// examples of the contract by that of their place.
var nearMisses = map[string][]change{
	"ProtocolOptionsDocument/sample": {
		{at: "/key", value: ""},
		{at: "/key", value: "1"},
		{at: "/body", value: ""},
		{at: "/body", value: "null"},
		{at: "/body/service/enabled", value: `"true"`},
		{at: "/body/service/log_level", value: "4.5"},
		{at: "/body/service/log_level", value: "11"},
		{at: "/body/service/log_level", value: "-1"},
		{at: "/meta/href", value: "null"},
		{at: "/meta/next", value: "false"},
		{at: "/meta/next", value: ""},
		{at: "/meta/transaction", value: ""},
		{at: "/meta/remaining_seconds", value: "-1"},
	},
	"ProtocolOptions/local": {
		{at: "/service", value: ""},
		{at: "/service", value: "true"},
		{at: "/audit/cleanup", value: ""},
		{at: "/audit/cleanup/enabled", value: "true", place: "/audit/cleanup/channel_database_cleanup_days"},
		{at: "/audit/cleanup/enabled", value: "0"},
		{at: "/audit/cleanup/enabled", value: ""},
		{at: "/audit/timestamping/selection", value: `"remote"`, place: "/audit/timestamping/server_url"},
		{at: "/audit/timestamping/selection", value: `"LOCAL"`},
		{at: "/audit/timestamping/selection", value: ""},
		{at: "/audit/timestamping/signing_interval", value: ""},
		{at: "/audit/timestamping/signing_interval", value: "9"},
		{at: "/audit/timestamping/signing_interval", value: "100001"},
		{at: "/audit/timestamping/signing_interval", value: `"30"`},
	},
	"ProtocolOptions/cleanup": {
		{at: "/audit/cleanup/channel_database_cleanup_days", value: ""},
		{at: "/audit/cleanup/channel_database_cleanup_days", value: "0"},
		{at: "/audit/cleanup/channel_database_cleanup_days", value: `"10"`},
		{at: "/audit/cleanup/channel_database_cleanup_days", value: "null"},
		{at: "/audit/cleanup/enabled", value: `"true"`},
	},
	"ProtocolOptions/remote": {
		{at: "/audit/timestamping/server_url", value: ""},
		{at: "/audit/timestamping/server_url", value: `""`},
		{at: "/audit/timestamping/server_url", value: "1"},
		{at: "/audit/timestamping/oid", value: ""},
		{at: "/audit/timestamping/oid/enabled", value: "true", place: "/audit/timestamping/oid/policy_oid"},
	},
	"ProtocolOptions/remote_policy": {
		{at: "/audit/timestamping/oid/policy_oid", value: ""},
		{at: "/audit/timestamping/oid/policy_oid", value: "1.2"},
		{at: "/audit/timestamping/oid/policy_oid", value: `"policy"`},
		{at: "/audit/timestamping/oid/policy_oid", value: `"1."`},
		{at: "/audit/timestamping/oid/enabled", value: "null"},
	},
	"SessionList/keys": {
		{at: "/items", value: ""},
		{at: "/items", value: "{}"},
		{at: "/items/0/key", value: "2"},
		{at: "/items/1/meta", value: ""},
		{at: "/items/1/meta/href", value: ""},
		{at: "/items/0/body", value: "[]"},
		{at: "/meta/fields", value: `""`},
		{at: "/meta/fields", value: ""},
		{at: "/meta/limit", value: "501"},
		{at: "/meta/match_count", value: "10001"},
		{at: "/meta/offset", value: "-1"},
		{at: "/meta/previous", value: ""},
	},
	"SessionDocument/ssh": {
		{at: "/body/active", value: `"false"`},
		{at: "/body/active", value: ""},
		{at: "/body/channels", value: `"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/channels"`},
		{at: "/body/channels/href", value: ""},
		{at: "/body/client/port", value: `"59125"`},
		{at: "/body/client/port", value: "65536"},
		{at: "/body/duration", value: "57.5"},
		{at: "/body/start_time", value: "1537005180"},
		{at: "/body/start_time", value: `"2018-09-15 15:53:00"`},
		{at: "/body/start_time", value: "null"},
		{at: "/body/end_time", value: ""},
		{at: "/body/end_time", value: `""`},
		{at: "/body/origin", value: `"SPACE"`},
		{at: "/body/protocol", value: `"ssh"`},
		{at: "/body/verdict", value: `"Accepted"`},
		{at: "/body/recording/verdict", value: `"accept"`},
		{at: "/body/recording/index_status", value: `"indexed"`},
		{at: "/body/recording/audit_trail/archive", value: "false"},
		{at: "/body/recording/audit_trail/download", value: "null"},
		{at: "/body/recording/content_reference_id", value: `"30"`},
		{at: "/body/analytics/tags", value: "null"},
		{at: "/body/analytics/interesting_events", value: "[1]", place: "/body/analytics/interesting_events/0"},
		{at: "/body/user/server_username", value: "null"},
		{at: "/body/user/server_username", value: `["a",1]`, place: "/body/user/server_username/1"},
		{at: "/body/revision", value: ""},
		{at: "/body/indexing", value: `"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/indexing"`},
		{at: "/body/indexer", value: "null"},
		{at: "/body/indexer", value: "{}", place: "/body/indexer/href"},
		{at: "/meta/href", value: ""},
		{at: "/meta/remaining_seconds", value: `"594"`},
	},
	"ChannelList/ssh": {
		{at: "/items/0/body/type", value: `"session_shell"`},
		{at: "/items/0/body/type", value: `"session exec"`, place: "/items/0/body/command"},
		{at: "/items/0/body/start_time", value: `"2016-01-04T10:06:28Z"`},
		{at: "/items/0/body/end_time", value: ""},
		{at: "/items/0/body/verdict", value: `"ACCEPT"`},
		{at: "/items/1/body/command", value: ""},
		{at: "/items/2/body/scp_path", value: "null"},
		{at: "/items/3/body/subsystem_name", value: ""},
		{at: "/items/4/body/originator.address", value: ""},
		{at: "/items/4/body/connected.port", value: `"22"`},
		{at: "/items/5/body/type", value: `"dynamic virtual"`, place: "/items/5/body/dynamic_channel"},
		{at: "/items/6/key", value: "7"},
		{at: "/items/6/body", value: ""},
		{at: "/meta/match_count", value: ""},
	},
	"ChannelList/rdp": {
		{at: "/items/0/body/duration", value: ""},
		{at: "/items/4/body/dynamic_channel", value: ""},
		{at: "/items/6/body/device_name", value: "1"},
		{at: "/items/8/body/device_name", value: ""},
		{at: "/items/10/body/type", value: `"card redirect"`},
	},
	"SessionListMeta/first_page": {
		{at: "/match_count", value: `"10000"`},
		{at: "/next", value: ""},
		{at: "/fields", value: "[1]", place: "/fields/0"},
		{at: "/remaining_seconds", value: "-1"},
	},
	"SessionListMeta/snapshot": {
		{at: "/first", value: ""},
		{at: "/last", value: "0"},
		{at: "/next", value: "7"},
		{at: "/previous", value: ""},
		{at: "/limit", value: "0"},
		{at: "/fields", value: "null"},
	},
	"SessionCount/many": {
		{at: "/count", value: ""},
		{at: "/count", value: `"12345"`},
		{at: "/count", value: "-1"},
		{at: "/count", value: "1.5"},
	},
	"SnapshotDocument/bare": {
		{at: "/body", value: ""},
		{at: "/body", value: `"a"`},
		{at: "/body/snapshot", value: ""},
		{at: "/body/snapshot", value: "1"},
		{at: "/meta", value: "{}", place: "/meta/href"},
	},
	"Link/alerts":          {{at: "/href", value: ""}, {at: "/href", value: "null"}},
	"Link/channels":        {{at: "/href", value: ""}, {at: "/href", value: "1"}},
	"Link/events":          {{at: "/href", value: ""}, {at: "/href", value: "[]"}},
	"Link/indexer":         {{at: "/href", value: ""}, {at: "/href", value: "{}"}},
	"Link/trail_downloads": {{at: "/href", value: ""}, {at: "/href", value: "true"}},

	"GET /api/audit/sessions/{key}/alerts 200 command": {
		{at: "/items/0/channel_id", value: "0"},
		{at: "/items/0/time", value: `"2017-04-25T13:26:39.144356Z"`},
		{at: "/items/0/alert_type", value: `"command"`},
		{at: "/items/0/time", value: `"2017-13-25T13:26:39"`},
		{at: "/items/0/time", value: `"2017-04-32T13:26:39"`},
		{at: "/items/0/time", value: `"2017-04-25T24:26:39"`},
		{at: "/items/0/time", value: `"2017-04-25T13:60:39"`},
		{at: "/items/0/record_id", value: ""},
	},
	"GET /api/audit/sessions/{key}/events 200 command": {
		{at: "/items/0/channels_id", value: ""},
		{at: "/items/0/time", value: `"2017-04-11"`},
		{at: "/items/0/time", value: `"2017-04-11T09:21:10.1234567"`},
		{at: "/items/0/type", value: `"adp.event.command"`},
	},
	"GET /api/audit/sessions/{key}/indexing 200 completed": {
		{at: "/items/0/statistics/start_time", value: `"2018-11-13T13:42:04.143Z"`},
		{at: "/items/0/status", value: `"completed"`},
		{at: "/items/0/config/screen/omnipage_trade_off", value: `"TO_SLOW"`},
		{at: "/items/0/config/ocr_languages", value: "null"},
	},
	"GET /api/audit/sessions/{key}/trail_downloads 200 web": {
		{at: "/items/0/from_api", value: `"no"`},
		{at: "/items/0/time", value: `"2018-11-20"`},
		{at: "/items/0/username", value: ""},
	},
	"GET /api/audit/sessions/stats 200 protocol": {
		{at: "/items/0/value", value: "3"},
		{at: "/items/0/value", value: ""},
		{at: "/items/0/count", value: "0"},
		{at: "/items/1/sub_items", value: "null"},
		{at: "/meta/field", value: `"protocols"`},
		{at: "/meta/field", value: "null"},
		{at: "/meta/sub_fields", value: ""},
		{at: "/meta/sub_fields", value: "1"},
		{at: "/meta/size", value: "1001"},
		{at: "/meta/match_count", value: ""},
		{at: "/meta/missing_count", value: "-1"},
		{at: "/meta/other_count", value: ""},
	},
	"GET /api/audit/sessions/stats 200 subField": {
		{at: "/items/0/sub_items/0/count", value: ""},
		{at: "/items/0/sub_items/1/value", value: "false"},
		{at: "/items/1/sub_items", value: `["joe"]`, place: "/items/1/sub_items/0"},
	},
	"GET /api/audit/sessions/histogram 200 hours": {
		{at: "/items/0/start", value: `"2018-02-12T14:00"`},
		{at: "/items/0/start", value: "1518444000"},
		{at: "/items/1/end", value: ""},
		{at: "/items/1/count", value: "-1"},
		{at: "/meta/bin-size", value: `"fortnight"`},
		{at: "/meta/bin-size", value: ""},
		{at: "/meta/start", value: ""},
		{at: "/meta/end", value: `""`},
		{at: "/meta/time_zone", value: ""},
	},
	"GET /api/audit/sessions/{key}/content 200 command": {
		{at: "/items/0/channel_id", value: "0"},
		{at: "/items/0/matched", value: `"sudo su"`},
		{at: "/items/0/matched", value: ""},
		{at: "/items/0/record_id", value: `"46"`},
		{at: "/items/0/time", value: `"2017-04-11T09:21:10.832"`},
		{at: "/items/0/type", value: `"window_title"`},
		{at: "/items/0/content", value: ""},
		{at: "/meta/match_count", value: ""},
	},
	"GET /api/transaction 200 open": {
		{at: "/body/status", value: `"opened"`},
		{at: "/transaction/status", value: ""},
		{at: "/body/commit_message", value: `"never"`},
	},
	"GET /api/transaction/changes 200 some": {
		{at: "/changes/0/type", value: `"rename"`},
		{at: "/changes/0/path", value: ""},
		{at: "/changes/1/type", value: ""},
		{at: "/changes/3/new_order", value: `"2,1"`},
		{at: "/changes", value: "null"},
		{at: "/meta", value: ""},
	},
	"PUT /api/transaction body commit": {{at: "/status", value: `"rollback"`}, {at: "/commit_message", value: "null"}},
	"GET /api/audit/sessions/{key} 404 session": {
		{at: "/error", value: ""},
		{at: "/error/type", value: `"Lost"`},
		{at: "/error/message", value: ""},
		{at: "/error/details/path", value: "[]"},
	},
}

func TestNearMisses(t *testing.T) {
	bases := map[string]fixture{}
	for _, f := range append(fixtures(t), examples(t)...) {
		bases[f.name] = f
	}
	for _, f := range fixtures(t) {
		if len(nearMisses[f.name]) == 0 {
			t.Errorf("no near misses of %s", f.name)
		}
	}
	for _, name := range sorted(nearMisses) {
		base, ok := bases[name]
		if !ok {
			t.Errorf("there is no %q", name)
			continue
		}
		for _, c := range nearMisses[name] {
			t.Run(name+c.at+"="+c.value, func(t *testing.T) {
				err := contract.Validate(base.schema, changed(t, base.raw, c))
				var broken *contract.Error
				if !errors.As(err, &broken) {
					t.Fatalf("passed: %v", err)
				}
				place := c.place
				if place == "" {
					place = c.at
				}
				if !slices.ContainsFunc(broken.Violations, func(v contract.Violation) bool { return v.Place == place }) {
					t.Errorf("want %s among the places of: %v", place, err)
				}
			})
		}
	}
}

// changed returns a document with one member set or removed.
func changed(tb testing.TB, raw []byte, c change) []byte {
	tb.Helper()
	doc := exact(tb, raw)
	steps := strings.Split(c.at, "/")[1:]
	target := doc
	for _, step := range steps[:len(steps)-1] {
		switch t := target.(type) {
		case object:
			target = t[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(t) {
				tb.Fatalf("%s leads nowhere", c.at)
			}
			target = t[i]
		}
	}
	parent, ok := target.(object)
	if !ok {
		tb.Fatalf("%s leads nowhere", c.at)
	}
	last := steps[len(steps)-1]
	if c.value == "" {
		if _, ok := parent[last]; !ok {
			tb.Fatalf("%s is not there to be removed", c.at)
		}
		delete(parent, last)
	} else {
		parent[last] = exact(tb, []byte(c.value))
	}
	out, err := json.Marshal(doc)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}
