package spec_test

import (
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

// tolerated are changes after which a document still fits, for what no guide
// shows everywhere is not required of a server. Names are those of nearMisses.
var tolerated = map[string][]change{
	"SessionDocument/ssh": {
		{at: "/body/indexing", value: ""},
		{at: "/body/indexer", value: `{"href":"/api/audit/sessions/rUhhQZ3jYsY1NDWYp9DEpq/indexer"}`},
		{at: "/body/analytics", value: ""},
		{at: "/meta/parent", value: "null"},
		{at: "/meta/parent", value: ""},
	},
	"SessionList/keys":                      {{at: "/meta/search_after", value: "null"}},
	"SessionListMeta/first_page":            {{at: "/match_count", value: ""}, {at: "/offset", value: ""}},
	"SessionListMeta/snapshot":              {{at: "/search_after", value: `"a"`}, {at: "/search_after", value: ""}, {at: "/next", value: "null"}},
	"SnapshotDocument/bare":                 {{at: "/key", value: `"a"`}, {at: "/meta", value: `{"href":"/api/audit/sessions/_snapshot"}`}},
	"GET /api/user_info 200 admin":          {{at: "/user", value: ""}, {at: "/endpoints", value: ""}, {at: "/body", value: ""}},
	"GET /api/info 200 anonymous":           {{at: "/body", value: `{"hostname":"sps"}`}, {at: "/body/plugin_sdk_version", value: "{}"}},
	"GET /api/transaction/changes 200 some": {{at: "/changes", value: ""}, {at: "/changes", value: `[{"type":"replace","path":"/api"}]`}},
	"GET /api/audit/sessions/{key}/alerts 200 command": {
		{at: "/items/0/matched_content", value: ""},
		{at: "/items/0/matched_regexp", value: ""},
		{at: "/items/0/rule_name", value: ""},
	},
	"GET /api/audit/sessions/{key}/indexing 200 completed": {
		{at: "/items/0/statistics/start_time", value: ""},
		{at: "/items", value: `[{"status":"QUEUED"}]`},
	},
}

func TestTolerance(t *testing.T) {
	bases := map[string]fixture{}
	for _, f := range append(fixtures(t), examples(t)...) {
		bases[f.name] = f
	}
	for _, name := range sorted(tolerated) {
		base, ok := bases[name]
		if !ok {
			t.Errorf("there is no %q", name)
			continue
		}
		for _, c := range tolerated[name] {
			t.Run(name+c.at+"="+c.value, func(t *testing.T) {
				if err := contract.Validate(base.schema, changed(t, base.raw, c)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
