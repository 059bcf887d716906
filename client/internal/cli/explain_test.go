package cli

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	m := &machine{env: map[string]string{"HOME": t.TempDir()}} // --explain needs no appliance
	for flags, want := range map[string]string{
		"":                        "",
		"--since 7d":              "start_time:[now-7d TO now]",
		"--since 90m":             "start_time:[now-90m TO now]",
		"--since 2026-01-02":      "start_time:[2026-01-02T00:00:00.000000Z TO *]",
		"--until 2026-01-02":      "start_time:[* TO 2026-01-02T00:00:00.000000Z}",
		"--user joe":              `user.name:"joe"`,
		"--user joe --user jane":  `user.name:"joe" OR user.name:"jane"`,
		"--user j*":               "user.name:j*",
		`--user a"b`:              `user.name:"a\"b"`,
		`--user DOM\j*`:           `user.name:DOM\\j*`,
		"--server 10.0.0.1":       `server.ip:"10.0.0.1"`,
		"--server 10.0.0.0/8":     `server.ip:"10.0.0.0/8"`,
		"--client *.example.com":  "client.name:*.example.com",
		"--protocol ssh":          `protocol:"SSH"`,
		"--verdict gw-auth-fail":  `verdict:"GW_AUTH_FAIL"`,
		"--active":                "active:true",
		"--active=false":          "active:false",
		"--content sudo":          `screen.content:"sudo"`,
		"--command sudo":          `screen.content:(command:"sudo")`,
		"--min-duration 10m":      "duration:[600 TO *]",
		"--max-duration 1d":       "duration:[* TO 86400]",
		"--channel-policy shell*": "recording.channel_policy:shell*",
		"-q a:b":                  "a:b",
		"-q a -q b":               "(a) AND (b)",
		"--user joe -q a:b":       `user.name:"joe" AND (a:b)`,
		"--since 7d --user joe --protocol ssh --verdict deny": `start_time:[now-7d TO now] AND user.name:"joe" AND protocol:"SSH" AND verdict:"DENY"`,
	} {
		args := append(strings.Fields("sessions count --explain"), strings.Fields(flags)...)
		if o := m.run(t, args...); o.out != want+"\n" || o.code != 0 {
			t.Errorf("%s: %q, want %q; code %d, %s", flags, o.out, want, o.code, o.err)
		}
	}
	for flags, code := range map[string]int{
		"--since soon": 2, "--min-duration x": 2, "--content ...": 7, "--user joe -q a)": 7, "--server 10.0.0.0/8 -q": 2,
	} {
		args := append(strings.Fields("sessions count --explain"), strings.Fields(flags)...)
		if o := m.run(t, args...); o.code != code || o.out != "" {
			t.Errorf("%s: code %d, want %d; %q", flags, o.code, code, o.out)
		}
	}
}
