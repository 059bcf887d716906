package config

import (
	"embed"
	"fmt"
)

//go:embed defaults
var defaults embed.FS

const (
	root       = "/api/configuration"
	timePolicy = root + "/policies/time_policies"
	groups     = root + "/aaa/local_database/groups"
	users      = root + "/aaa/local_database/users"
	passwords  = root + "/passwords"
	accounting = root + "/management/accounting"
	auditRules = "/api/acl/audit_data"

	// WebInterface is the object that says how long a login may be idle.
	WebInterface = root + "/management/webinterface"
)

// The table of resources. To add one, add its row, and its default document
// below defaults; lists, links, transactions and the change log follow.
var table = append(protocols(), []Resource{
	{Path: root, Kind: Category},

	{Path: root + "/aaa", Kind: Category},
	{Path: root + "/aaa/local_database", Kind: Category},
	{
		Path: groups, Kind: Collection, Writable: true, Schema: "LocalGroup", Default: document("groups.json"),
		Rules: Rules{UniqueName: true, Check: checkGroup},
	},
	{
		Path: users, Kind: Collection, Writable: true, Schema: "LocalUser",
		Rules: Rules{
			UniqueName: true, Accounts: true,
			References: []Reference{{Member: []string{"password"}, Collection: passwords, Exclusive: true}},
		},
	},

	{Path: root + "/management", Kind: Category},
	{Path: accounting, Kind: Object, Writable: true, Schema: "Accounting", Default: document("accounting.json")},
	{Path: WebInterface, Kind: Object, Writable: true, Schema: "WebInterface", Default: document("webinterface.json")},

	{Path: passwords, Kind: Collection, Writable: true, Schema: "Password", Rules: Rules{Secret: true}},

	{Path: root + "/policies", Kind: Category},
	{
		Path: root + "/policies/audit_policies", Kind: Collection, Writable: true, Until: 69,
		Schema: "AuditPolicy", Default: document("6/audit_policies.json"),
		Rules: Rules{UniqueName: true, Members: []string{"encryption", "name", "signing"}},
	},
	{
		Path: root + "/policies/audit_policies", Kind: Collection, Writable: true, Since: 70,
		Schema: "AuditPolicy", Default: document("7/audit_policies.json"),
		Rules: Rules{
			UniqueName: true,
			Members:    []string{"encryption", "name", "signing", "signing_and_timestamping_interval", "timestamping"},
		},
	},
	{
		Path: timePolicy, Kind: Collection, Writable: true, Schema: "TimePolicy", Default: document("time_policies.json"),
		Rules: Rules{UniqueName: true, Check: checkTimes},
	},

	{Path: "/api/acl", Kind: Category},
	{
		Path: auditRules, Kind: Collection, Writable: true, Schema: "AuditDataRule", Default: document("audit_data.json"),
		Rules: Rules{UniqueName: true, Check: checkRule},
	},
}...)

// protocols are the rows of each protocol, which differ in name only; SSH has an
// option more.
func protocols() []Resource {
	var rows []Resource
	for _, name := range []string{"http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"} {
		at := root + "/" + name
		options, schema, defaults := []string{"service"}, "ProtocolOptions", "options.json"
		var since Version
		switch name {
		case "mssql":
			since = 65
		case "ssh":
			options, schema, defaults = []string{"gssapi", "service"}, "SshOptions", "ssh_options.json"
		}
		rows = append(rows,
			Resource{Path: at, Kind: Category, Since: since},
			Resource{
				Path: at + "/channel_policies", Kind: Collection, Writable: true, Since: since,
				Schema: "ChannelPolicy", Default: document("channel_policies.json"),
				Rules: Rules{
					UniqueName: true,
					References: []Reference{{Member: []string{"rules", "*", "time_policy"}, Collection: timePolicy}},
				},
			},
			Resource{
				Path: at + "/options", Kind: Object, Writable: true, Since: since, Until: 69,
				Schema: schema, Default: document("6/" + defaults),
				Rules: Rules{Members: append([]string{"audit"}, options...)},
			},
			Resource{
				Path: at + "/options", Kind: Object, Writable: true, Since: max(since, 70),
				Schema: schema, Default: document("7/" + defaults),
				Rules: Rules{Members: append([]string{"channel_database_cleanup"}, options...)},
			},
		)
	}
	return rows
}

func document(name string) []byte {
	b, err := defaults.ReadFile("defaults/" + name)
	if err != nil {
		panic(err) // a row names a file that was not built in
	}
	return b
}

// TreeFor returns the configuration tree of the product, as a version of the
// appliance has it.
func TreeFor(v Version) *Tree {
	var rows []Resource
	for _, r := range table {
		if r.Since <= v && (r.Until == 0 || v <= r.Until) {
			rows = append(rows, r)
		}
	}
	t, err := NewTree(rows)
	if err != nil {
		panic(fmt.Errorf("the table itself is wrong: %w", err))
	}
	return t
}
