package client

import (
	"slices"
	"strings"
)

// fieldType is what the values of a search field are.
type fieldType int

const (
	textField fieldType = iota
	numberField
	timeField
	boolField
	addressField
)

// The words of errors, by type: what a field is, and what makes conditions on it.
var (
	fieldIs  = [...]string{"a text", "a number", "a time", "true or false", "an IP address"}
	fieldUse = [...]string{"Text", "Number", "Time", "Bool", "Address"}
)

// searchFields has the type of every field that the contract lists. The content of
// sessions is no field; see ContentKind.
var searchFields = typed(map[fieldType]string{
	boolField: `
		active analytics.scripted hidden phantom recording.archived recording.command_extracted
		recording.has_accepted_channel recording.window_title_extracted
		vault.is_emergency vault.offline_workflow`,
	timeField: `
		analytics.score.time creation_time end_time log.syslog_time recording.archive.date start_time
		vault.auto_approved vault.available vault.checked_in vault.emergency_access_granted vault.expired
		vault.approved.timestamp vault.closed.timestamp vault.created.timestamp vault.denied.timestamp
		vault.reviewed.timestamp vault.revoked.timestamp`,
	numberField: `
		analytics.score.aggregated analytics.score.details.command.score analytics.score.details.fis.score
		analytics.score.details.hostlogin.score analytics.score.details.keystroke.score
		analytics.score.details.logintime.score analytics.score.details.mouse.score
		analytics.score.details.windowtitle.score
		client.port duration recording.content_reference_id recording.server_local.port recording.target.port
		revision server.port
		vault.account_id vault.asset_partition_id vault.broker_id vault.system_id
		vault.approved.user.user_id vault.closed.user.user_id vault.created.user.user_id
		vault.denied.user.user_id vault.reviewed.user.user_id vault.revoked.user.user_id`,
	addressField: `
		client.ip recording.server_local.ip recording.target.ip server.ip
		vault.approved.user.client_ip_address vault.closed.user.client_ip_address
		vault.created.user.client_ip_address vault.denied.user.client_ip_address
		vault.reviewed.user.client_ip_address vault.revoked.user.client_ip_address`,
	textField: `
		analytics.bucketed_duration analytics.bucketed_starting_hour analytics.interesting_events
		analytics.similar_sessions analytics.tags
		client.name log.adapter_name log.auth_method node_id origin protocol
		recording.archive.path recording.archive.policy recording.archive.server recording.auth_method
		recording.channel_policy recording.connection_policy recording.connection_policy_id
		recording.deny_reason recording.index_status recording.network_id recording.server_local.name
		recording.session_id recording.target.name recording.verdict
		server.address server.id server.name trail_download_link
		user.gateway_username user.gateway_username_domain user.id user.name user.name_domain
		user.server_username user.server_username_domain verdict
		vault.access_request_type vault.account_name vault.appliance_id vault.appliance_name
		vault.asset_partition_name vault.broker_name vault.reason_name vault.system_name vault.ticket_number
		vault.approved.comment vault.approved.user.domain_name vault.approved.user.user_display_name
		vault.approved.user.user_name
		vault.closed.comment vault.closed.user.domain_name vault.closed.user.user_display_name
		vault.closed.user.user_name
		vault.created.comment vault.created.user.domain_name vault.created.user.user_display_name
		vault.created.user.user_name
		vault.denied.comment vault.denied.user.domain_name vault.denied.user.user_display_name
		vault.denied.user.user_name
		vault.reviewed.comment vault.reviewed.user.domain_name vault.reviewed.user.user_display_name
		vault.reviewed.user.user_name
		vault.revoked.comment vault.revoked.user.domain_name vault.revoked.user.user_display_name
		vault.revoked.user.user_name`,
})

func typed(paths map[fieldType]string) map[string]fieldType {
	fields := map[string]fieldType{}
	for t, list := range paths {
		for path := range strings.FieldsSeq(list) {
			fields[path] = t
		}
	}
	return fields
}

// SearchFields lists the fields that this package knows, in order.
func SearchFields() []string {
	paths := make([]string, 0, len(searchFields))
	for path := range searchFields {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// field is the search field that a condition is on.
type field struct {
	path string
	err  error // why there can be no condition
}

func fieldOf(path string, want fieldType) field {
	is, known := searchFields[path]
	switch {
	case !known:
		return field{path, mistake("%q is no search field that this package knows; other fields can be asked for with Raw", path)}
	case is != want:
		return field{path, mistake("%s is %s; conditions on it are made with %s, not with %s", path, fieldIs[is], fieldUse[is], fieldUse[want])}
	}
	return field{path: path}
}

// where is the condition, unless there is something wrong with the field or with it.
func (f field) where(condition string, err error) Query {
	if f.err != nil {
		return Query{err: f.err}
	}
	if err != nil {
		return wrong("%s: %w", f.path, err)
	}
	text := f.path + ":" + condition
	return Query{text: text, property: f.path, rank: rankClause}
}

// Exists selects the sessions that have a value in a field, or in any of the fields of
// an object such as "vault". Sessions without it are Not(Exists(path)).
func Exists(path string) Query {
	_, known := searchFields[path]
	for other := range searchFields {
		known = known || strings.HasPrefix(other, path+".")
	}
	if !known {
		return wrong("%q is no search field and no object that this package knows; others can be asked for with Raw", path)
	}
	return Query{text: "_exists_:" + path, property: path, rank: rankClause}
}
