package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	const conf, vnc = "/api/configuration", "/api/configuration/vnc"
	categories := []string{"aaa", "http", "ica", "management", "passwords", "policies", "rdp", "ssh", "telnet", "vnc"}
	tests := []struct {
		path     string
		kind     Kind
		schema   string
		writable bool
		children []string
		links    Links
	}{
		{conf, Category, "", false, categories, Links{First: conf, Last: conf}},
		{"/api/acl", Category, "", false, []string{"audit_data"}, Links{First: "/api/acl", Last: "/api/acl"}},
		{
			vnc, Category, "", false,
			[]string{"channel_policies", "options"},
			Links{First: conf + "/aaa", Last: vnc, Previous: conf + "/telnet", Parent: conf},
		},
		{vnc + "/options", Object, "ProtocolOptions", true, nil, Links{
			First: vnc + "/channel_policies", Last: vnc + "/options",
			Previous: vnc + "/channel_policies", Parent: vnc,
		}},
		{
			vnc + "/channel_policies", Collection, "ChannelPolicy", true, nil,
			Links{First: vnc + "/channel_policies", Last: vnc + "/options", Next: vnc + "/options", Parent: vnc},
		},
		{vnc + "/channel_policies/-100", Item, "ChannelPolicy", true, nil, Links{Parent: vnc + "/channel_policies"}},
		{vnc + "/channel_policies/1", Item, "ChannelPolicy", true, nil, Links{Parent: vnc + "/channel_policies"}},
	}
	for _, tt := range tests {
		n, ok := TreeFor(60).Node(tt.path)
		if !ok {
			t.Errorf("no node %s", tt.path)
			continue
		}
		if n.Path != tt.path || n.Key != tt.path[strings.LastIndex(tt.path, "/")+1:] {
			t.Errorf("%s: path %s, key %s", tt.path, n.Path, n.Key)
		}
		if n.Kind != tt.kind || n.Schema != tt.schema || n.Writable != tt.writable {
			t.Errorf("%s: kind %v, schema %q, writable %v", tt.path, n.Kind, n.Schema, n.Writable)
		}
		if d := cmp.Diff(tt.children, keys(n)); d != "" {
			t.Errorf("%s: children (-want +got):\n%s", tt.path, d)
		}
		if d := cmp.Diff(tt.links, n.Links); d != "" {
			t.Errorf("%s: links (-want +got):\n%s", tt.path, d)
		}
	}
	for _, p := range []string{"", "/", "/api", conf + "/", vnc + "/nothing", conf + "/mssql", vnc + "/channel_policies/1/2"} {
		if n, ok := TreeFor(60).Node(p); ok {
			t.Errorf("node %q: %v", p, n)
		}
	}
	if _, ok := TreeFor(65).Node(conf + "/mssql/options"); !ok {
		t.Error("6.5 has no MSSQL")
	}
}

func keys(n *Node) []string {
	var ks []string
	for _, c := range n.Children {
		ks = append(ks, c.Key)
	}
	return ks
}

// The documented options are what counts before anybody wrote any.
func TestDefaultOptions(t *testing.T) {
	n, _ := TreeFor(60).Node("/api/configuration/vnc/options")
	const want = `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},` +
		`"service":{"enabled":true,"log_level":4}}`
	if string(n.Default) != want {
		t.Errorf("got %s\nwant %s", n.Default, want)
	}
}

// The default of each row has the members that the row asks for.
func TestDefaultsFit(t *testing.T) {
	for _, v := range []Version{60, 69, 70, 80} {
		for _, n := range TreeFor(v).nodes {
			documents := [][]byte{n.Default}
			for _, doc := range n.items {
				documents = append(documents, doc)
			}
			for _, doc := range documents {
				if doc == nil {
					continue
				}
				document, _ := mustDecode(t, doc).(map[string]any)
				if violations := n.checkMembers(document); len(violations) > 0 {
					t.Errorf("%d: %s: %v", v, n.Path, violations)
				}
				if n.Check != nil && n.Check(document) != nil {
					t.Errorf("%d: %s: %v", v, n.Path, n.Check(document))
				}
			}
		}
	}
}

func TestNewTreeRefuses(t *testing.T) {
	root := Resource{Path: "/c", Kind: Category}
	tests := []struct {
		name string
		rows []Resource
		want string
	}{
		{"nothing", nil, "without a root"},
		{
			"a reference to nowhere",
			[]Resource{root, {Path: "/c/l", Kind: Collection, Rules: Rules{References: []Reference{{Member: []string{"a"}, Collection: "/c"}}}}},
			"refers to",
		},
		{"twice", []Resource{root, root}, "twice"},
		{"a relative path", []Resource{{Path: "c", Kind: Category}}, "clean"},
		{"a slash at the end", []Resource{{Path: "/c/", Kind: Category}}, "clean"},
		{"a fragment", []Resource{{Path: "/c#d", Kind: Category}}, "clean"},
		{"a writable category", []Resource{{Path: "/c", Kind: Category, Writable: true}}, "writable"},
		{"a category's document", []Resource{{Path: "/c", Kind: Category, Default: []byte(`{}`)}}, "default"},
		{"no JSON", []Resource{root, {Path: "/c/o", Kind: Object, Default: []byte(`{`)}}, "JSON"},
		{"items in a list", []Resource{root, {Path: "/c/l", Kind: Collection, Default: []byte(`[]`)}}, "items"},
		{"an item's key", []Resource{root, {Path: "/c/l", Kind: Collection, Default: []byte(`{"a/b":{}}`)}}, "key"},
		{"an object's child", []Resource{root, {Path: "/c/o", Kind: Object}, {Path: "/c/o/p", Kind: Object}}, "parent"},
		{"a collection's resource", []Resource{root, {Path: "/c/l", Kind: Collection}, {Path: "/c/l/o", Kind: Object}}, "parent"},
	}
	for _, tt := range tests {
		if _, err := NewTree(tt.rows); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestProfiles(t *testing.T) {
	tests := []Profile{
		{Name: "6.0", Version: 60, ExplicitTransaction: true, ExclusiveTransaction: true, ListBodies: false},
		{Name: "8.0", Version: 80, ExplicitTransaction: false, ExclusiveTransaction: false, ListBodies: true},
	}
	for _, want := range tests {
		got, err := ProfileFor(want.Name)
		if err != nil || got != want {
			t.Errorf("ProfileFor(%q) = %+v, %v, want %+v", want.Name, got, err, want)
		}
	}
	_, err := ProfileFor("7")
	if want := `no appliance version "7": there is 6.0 and 8.0`; err == nil || err.Error() != want {
		t.Errorf("ProfileFor(7): %v, want %s", err, want)
	}
}
