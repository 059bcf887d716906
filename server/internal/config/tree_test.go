package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultTree(t *testing.T) {
	const conf, vnc = "/api/configuration", "/api/configuration/vnc"
	tests := []struct {
		path     string
		kind     Kind
		schema   string
		writable bool
		children []string
		links    Links
	}{
		{conf, Category, "", false, []string{"vnc"}, Links{First: conf, Last: conf}},
		{
			vnc, Category, "", false,
			[]string{"channel_policies", "options"},
			Links{First: vnc, Last: vnc, Parent: conf},
		},
		{vnc + "/options", Object, "VncOptions", true, nil, Links{
			First: vnc + "/channel_policies", Last: vnc + "/options",
			Previous: vnc + "/channel_policies", Parent: vnc,
		}},
		{
			vnc + "/channel_policies", Collection, "VncChannelPolicy", false,
			[]string{"-100"},
			Links{
				First: vnc + "/channel_policies", Last: vnc + "/options",
				Next: vnc + "/options", Parent: vnc,
			},
		},
		{vnc + "/channel_policies/-100", Item, "VncChannelPolicy", false, nil, Links{
			First: vnc + "/channel_policies/-100", Last: vnc + "/channel_policies/-100",
			Parent: vnc + "/channel_policies",
		}},
	}
	for _, tt := range tests {
		n, ok := Default().Node(tt.path)
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
	for _, p := range []string{"", "/", "/api", conf + "/", vnc + "/nothing", vnc + "/channel_policies/1"} {
		if n, ok := Default().Node(p); ok {
			t.Errorf("node %q: %v", p, n)
		}
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
	n, _ := Default().Node("/api/configuration/vnc/options")
	const want = `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":30}},` +
		`"service":{"enabled":true,"log_level":4}}`
	if string(n.Default) != want {
		t.Errorf("got %s\nwant %s", n.Default, want)
	}
}

// A resource is one row and its default document; the rest follows.
func TestAddedRows(t *testing.T) {
	const policies = "/api/configuration/ssh/channel_policies"
	tree, err := NewTree(append([]Resource{
		{Path: policies, Kind: Collection, Schema: "SshChannelPolicy", Default: []byte(`{"7f":{}, "-2":{ }, "-1":{"name": "x"}}`)},
		{Path: "/api/configuration/ssh", Kind: Category},
	}, table...))
	if err != nil {
		t.Fatal(err)
	}
	root, _ := tree.Node("/api/configuration")
	if d := cmp.Diff([]string{"ssh", "vnc"}, keys(root)); d != "" {
		t.Errorf("children (-want +got):\n%s", d)
	}
	for path, want := range map[string]Links{
		"/api/configuration/vnc": {
			First: "/api/configuration/ssh", Last: "/api/configuration/vnc",
			Previous: "/api/configuration/ssh", Parent: "/api/configuration",
		},
		policies + "/-1": {First: policies + "/-1", Last: policies + "/7f", Next: policies + "/-2", Parent: policies},
		policies + "/-2": {
			First: policies + "/-1", Last: policies + "/7f",
			Next: policies + "/7f", Previous: policies + "/-1", Parent: policies,
		},
	} {
		n, _ := tree.Node(path)
		if d := cmp.Diff(want, n.Links); d != "" {
			t.Errorf("%s: links (-want +got):\n%s", path, d)
		}
	}
	if n, _ := tree.Node(policies + "/-1"); string(n.Default) != `{"name":"x"}` || n.Schema != "SshChannelPolicy" {
		t.Errorf("item: %s, schema %s", n.Default, n.Schema)
	}
}

func TestNewTreeRefuses(t *testing.T) {
	root := Resource{Path: "/c", Kind: Category}
	tests := []struct {
		name string
		rows []Resource
		want string
	}{
		{"nothing", nil, "0 roots"},
		{"two roots", []Resource{root, {Path: "/d/e", Kind: Object}}, "2 roots"},
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
		{Name: "6.0", ExplicitTransaction: true, ExclusiveTransaction: true, ListBodies: false},
		{Name: "8.0", ExplicitTransaction: false, ExclusiveTransaction: false, ListBodies: true},
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
