package seed

// protocol is a kind of protocol with the servers that speak it.
type protocol struct {
	protocolKind
	targets     weighted[*target]
	connections weighted[policy]
}

// activity is how a session is worked in.
type activity struct {
	event, alert string     // type of what is extracted, and of what is found in it
	lines        []template // what is typed or opened
	screens      []template // what the screen shows
	rare         template   // a line with a word that few sessions have
	prompt       func(s *session) string
}

var (
	shell = &activity{
		event: "command", alert: "adp.event.command", lines: commandTemplates, screens: shellOutput,
		rare:   line("./deploy-%.sh"),
		prompt: func(s *session) string { return s.account + "@" + s.target.host() + ":~$ " },
	}
	network = &activity{
		event: "command", alert: "adp.event.command", lines: networkTemplates, screens: networkOutput,
		rare:   line("show access-list %"),
		prompt: func(s *session) string { return s.target.host() + "#" },
	}
	statements = &activity{
		event: "command", alert: "adp.event.command", lines: statementTemplates, screens: statementOutput,
		rare: line("USE %"),
	}
	browsing = &activity{
		event: "command", alert: "adp.event.screen.content", lines: requestTemplates, screens: pageTexts,
		rare: line("GET /wiki/projects/%"),
	}
	desktop = &activity{
		event: "window_title", alert: "adp.event.screen.windowtitle", lines: windowTemplates, screens: desktopTexts,
		rare: line("%.docx - Word"),
	}
)

type protocolKind struct {
	name            string
	share           float64 // of all sessions
	port            int64
	activity        *activity
	servers         int
	roles           []string // what the servers' names begin with
	policies        []string // connection policies, the common ones first
	channelPolicies []string
	authMethods     []string
	accounts        []string // on the servers
	channels        []channelKind
}

// channelKind is a type of channel. The first one of a protocol is in every
// session, and the others in a share of them.
type channelKind struct {
	kind  string
	share float64
	extra func(d *dice, c *channel)
}

var protocolKinds = []protocolKind{
	{
		name: "SSH", share: 0.55, port: 22, activity: shell, servers: 2600,
		roles:           []string{"web", "app", "db", "mail", "git", "build", "cache", "queue"},
		policies:        []string{"ssh-production", "ssh-staging", "ssh_gateway_auth", "ssh-databases", "ssh-pilot", "ssh-dmz", "ssh-vendors", "ssh-backup"},
		channelPolicies: []string{"shell-only", "shell-only", "shell-and-files", "all"},
		authMethods:     []string{"password", "publickey", "publickey", "keyboard-interactive", "kerberos"},
		accounts:        []string{"root", "root", "oracle", "postgres", "deploy", "admin", ""},
		channels: []channelKind{
			{kind: "session shell"},
			{kind: "session exec", share: 0.12, extra: func(d *dice, c *channel) { c.command = pick(d, execs) }},
			{kind: "session exec scp", share: 0.08, extra: func(d *dice, c *channel) { c.scpPath = pick(d, paths) }},
			{kind: "session subsystem sftp", share: 0.06, extra: func(_ *dice, c *channel) { c.subsystemName = "sftp" }},
			{kind: "local forward", share: 0.04, extra: forward},
			{kind: "remote forward", share: 0.01, extra: forward},
			{kind: "x11 forward", share: 0.01},
		},
	},
	{
		name: "RDP", share: 0.25, port: 3389, activity: desktop, servers: 1300,
		roles:           []string{"win", "ts", "dc", "fs", "jump"},
		policies:        []string{"safeguard_rdp", "rdp-servers", "rdp-desktops", "rdp-vendors"},
		channelPolicies: []string{"desktop-only", "desktop-and-clipboard", "all"},
		authMethods:     []string{"password", "password", "kerberos", "smartcard"},
		accounts:        []string{"Administrator", "Administrator", "opadmin", ""},
		channels: []channelKind{
			{kind: "drawing"},
			{kind: "clipboard", share: 0.5},
			{kind: "sound", share: 0.2},
			{kind: "dynamic virtual", share: 0.3, extra: func(d *dice, c *channel) { c.dynamicChannel = pick(d, dynamicChannels) }},
			{kind: "disk redirect", share: 0.1, extra: func(d *dice, c *channel) { c.deviceName = pick(d, []string{"C:", "D:", "J:"}) }},
			{kind: "printer redirect", share: 0.05, extra: func(_ *dice, c *channel) { c.deviceName = "PRN22" }},
			{kind: "scard redirect", share: 0.05, extra: func(_ *dice, c *channel) { c.deviceName = "SCARD" }},
			{kind: "serial redirect", share: 0.01, extra: func(_ *dice, c *channel) { c.deviceName = "COM1" }},
			{kind: "parallel redirect", share: 0.01, extra: func(_ *dice, c *channel) { c.deviceName = "LPT1" }},
			{kind: "seamless", share: 0.01},
			{kind: "custom", share: 0.01},
		},
	},
	{
		name: "HTTP", share: 0.07, port: 443, activity: browsing, servers: 300,
		roles:           []string{"wiki", "portal", "console", "shop"},
		policies:        []string{"http-consoles", "http-intranet"},
		channelPolicies: []string{"all"},
		authMethods:     []string{"password", "none"},
		accounts:        []string{""},
		channels:        []channelKind{{kind: "http"}},
	},
	{
		name: "VNC", share: 0.04, port: 5900, activity: desktop, servers: 200,
		roles:           []string{"lab", "kvm"},
		policies:        []string{"vnc-lab"},
		channelPolicies: []string{"all", "no-audit"},
		authMethods:     []string{"password"},
		accounts:        []string{""},
		channels:        []channelKind{{kind: "vnc"}},
	},
	{
		name: "TELNET", share: 0.03, port: 23, activity: network, servers: 250,
		roles:           []string{"sw", "rtr"},
		policies:        []string{"telnet-network", "telnet-legacy"},
		channelPolicies: []string{"all"},
		authMethods:     []string{"password"},
		accounts:        []string{"admin", "enable", "operator"},
		channels:        []channelKind{{kind: "telnet"}},
	},
	{
		name: "ICA", share: 0.03, port: 1494, activity: desktop, servers: 150,
		roles:           []string{"ctx"},
		policies:        []string{"ica-farm", "ica-vendors"},
		channelPolicies: []string{"drawing-only", "all"},
		authMethods:     []string{"password", "kerberos"},
		accounts:        []string{"Administrator", ""},
		channels: []channelKind{
			{kind: "CTXTW"},
			{kind: "CTXCLIP", share: 0.4},
			{kind: "CTXCDM", share: 0.1},
			{kind: "CTXCPM", share: 0.05},
		},
	},
	{
		name: "MSSQL", share: 0.03, port: 1433, activity: statements, servers: 200,
		roles:           []string{"mssql", "dwh"},
		policies:        []string{"mssql-production", "mssql-reporting"},
		channelPolicies: []string{"all"},
		authMethods:     []string{"password", "kerberos"},
		accounts:        []string{"sa", "reporting", "etl"},
		channels:        []channelKind{{kind: "mssql"}},
	},
}

func forward(d *dice, c *channel) {
	c.originatorAddress, c.originatorPort = "::1", d.port()
	c.connectedAddress, c.connectedPort = pick(d, []string{"localhost", "127.0.0.1", "db01.lab.example.com"}), int64(pick(d, []int{22, 5432, 8080, 9898}))
}
