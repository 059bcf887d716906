// Package query is the search language: the registry of the fields that sessions
// can be searched by, the parser that turns a client's text into a checked
// expression (Parse, ParseContent), what its values mean (dates, patterns, words
// of content), and the way back (Format). It is pure: it holds no SQL and no
// HTTP, so that every store and the API agree on it.
package query

import (
	"slices"
	"strings"
)

// Type is the type of a field's values.
type Type int

// The types, with the Go type in which a value travels.
const (
	Keyword Type = iota // string, compared as a whole
	Long                // int64
	Bool                // bool
	Date                // time.Time
	IP                  // netip.Addr
)

// Field is a searchable property of a session's body.
type Field struct {
	Path string // dotted path in the body, such as "recording.server_local.ip"
	Type Type
	List bool // the property may hold several values
	// Fold says that the values are names which the API writes in capitals, and
	// that Equal, Pattern and Similar ignore the case of ASCII letters in them.
	Fold bool
}

// Column returns the field's name as an SQL column.
func (f *Field) Column() string { return strings.ReplaceAll(f.Path, ".", "_") }

// InVault reports whether the field belongs to the access-request data, which
// few sessions have.
func (f *Field) InVault() bool { return strings.HasPrefix(f.Path, "vault.") }

// Fields lists every field, ordered by path. Stores rely on the order: append
// nothing without a migration.
var Fields = registry()

// FieldAt returns the field at path, or nil.
func FieldAt(path string) *Field {
	if i, ok := slices.BinarySearchFunc(Fields, path, func(f Field, p string) int { return strings.Compare(f.Path, p) }); ok {
		return &Fields[i]
	}
	return nil
}

func registry() []Field {
	fields := make([]Field, 0, 128)
	add := func(t Type, paths ...string) {
		for _, p := range paths {
			fields = append(fields, Field{Path: p, Type: t})
		}
	}
	add(Bool, "active", "analytics.scripted", "hidden", "phantom", "recording.archived",
		"recording.command_extracted", "recording.has_accepted_channel", "recording.window_title_extracted")
	add(Date, "analytics.score.time", "creation_time", "end_time", "log.syslog_time",
		"recording.archive.date", "start_time")
	add(Long, "analytics.score.aggregated", "client.port", "duration", "recording.content_reference_id",
		"recording.server_local.port", "recording.target.port", "revision", "server.port")
	for _, detail := range []string{"command", "fis", "hostlogin", "keystroke", "logintime", "mouse", "windowtitle"} {
		add(Long, "analytics.score.details."+detail+".score")
	}
	add(IP, "client.ip", "recording.server_local.ip", "recording.target.ip", "server.ip")
	add(Keyword, "analytics.bucketed_duration", "analytics.bucketed_starting_hour",
		"client.name", "log.adapter_name", "log.auth_method", "node_id", "origin", "protocol",
		"recording.archive.path", "recording.archive.policy", "recording.archive.server",
		"recording.auth_method", "recording.channel_policy", "recording.connection_policy",
		"recording.connection_policy_id", "recording.deny_reason", "recording.index_status",
		"recording.network_id", "recording.server_local.name", "recording.session_id",
		"recording.target.name", "recording.verdict", "server.address", "server.id", "server.name",
		"trail_download_link", "user.gateway_username", "user.gateway_username_domain", "user.id",
		"user.name", "user.name_domain", "user.server_username_domain", "verdict")
	for _, p := range []string{"analytics.interesting_events", "analytics.similar_sessions", "analytics.tags", "user.server_username"} {
		fields = append(fields, Field{Path: p, Type: Keyword, List: true})
	}
	add(Keyword, "vault.access_request_type", "vault.account_name", "vault.appliance_id", "vault.appliance_name",
		"vault.asset_partition_name", "vault.broker_name", "vault.reason_name", "vault.system_name", "vault.ticket_number")
	add(Long, "vault.account_id", "vault.asset_partition_id", "vault.broker_id", "vault.system_id")
	add(Bool, "vault.is_emergency", "vault.offline_workflow")
	add(Date, "vault.auto_approved", "vault.available", "vault.checked_in", "vault.emergency_access_granted", "vault.expired")
	for _, step := range []string{"approved", "closed", "created", "denied", "reviewed", "revoked"} {
		add(Keyword, "vault."+step+".comment", "vault."+step+".user.domain_name",
			"vault."+step+".user.user_display_name", "vault."+step+".user.user_name")
		add(Long, "vault."+step+".user.user_id")
		add(Date, "vault."+step+".timestamp")
		add(IP, "vault."+step+".user.client_ip_address")
	}
	for i := range fields {
		switch fields[i].Path {
		case "origin", "protocol", "recording.index_status", "recording.verdict", "vault.access_request_type", "verdict":
			fields[i].Fold = true
		}
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return fields
}
