package config

import (
	"embed"
	"sync"
)

//go:embed defaults
var defaults embed.FS

// The table of resources. To add one, add its row, and its default document
// below defaults; lists, links, transactions and the change log follow.
var table = []Resource{
	{Path: "/api/configuration", Kind: Category},
	{Path: "/api/configuration/vnc", Kind: Category},
	{
		Path: "/api/configuration/vnc/channel_policies", Kind: Collection,
		Schema: "VncChannelPolicy", Default: document("vnc/channel_policies.json"),
	},
	{
		Path: "/api/configuration/vnc/options", Kind: Object, Writable: true,
		Schema: "VncOptions", Default: document("vnc/options.json"),
	},
}

func document(name string) []byte {
	b, err := defaults.ReadFile("defaults/" + name)
	if err != nil {
		panic(err) // a row names a file that was not built in
	}
	return b
}

// Default returns the configuration tree of the product.
var Default = sync.OnceValue(func() *Tree {
	t, err := NewTree(table)
	if err != nil {
		panic(err) // the table itself is wrong
	}
	return t
})
