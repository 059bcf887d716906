package sqlite

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// hotFields stand first in their table: SQLite has to step over all columns
// before the one it looks for.
var hotFields = []string{
	"start_time", "end_time", "active", "protocol", "verdict", "user.name", "server.name", "server.ip", "client.ip",
	"recording.connection_policy", "duration", "analytics.score.aggregated", "analytics.scripted", "origin",
	"recording.auth_method", "recording.channel_policy", "recording.archived", "recording.index_status",
}

// sessionFields and vaultFields are the fields, as indexes into query.Fields,
// in the order of the columns of sessions and of session_vault.
var sessionFields, vaultFields = fieldColumns()

var endField = fieldIndex("end_time")

// listFields are the fields with several values, as indexes into query.Fields. In
// session_lists they go by their place here, from 1 on.
var listFields = []int{
	fieldIndex("analytics.interesting_events"), fieldIndex("analytics.similar_sessions"),
	fieldIndex("analytics.tags"), fieldIndex("user.server_username"),
}

func fieldColumns() (sessions, vault []int) {
	for _, path := range hotFields {
		sessions = append(sessions, fieldIndex(path))
	}
	for i := range query.Fields {
		switch {
		case query.Fields[i].InVault():
			vault = append(vault, i)
		case !slices.Contains(hotFields, query.Fields[i].Path):
			sessions = append(sessions, i)
		}
	}
	return sessions, vault
}

func fieldIndex(path string) int {
	i := slices.IndexFunc(query.Fields, func(f query.Field) bool { return f.Path == path })
	if i < 0 {
		panic("sqlite: the registry lost the field " + path)
	}
	return i
}

// columnList lists the columns of the fields, each in the given form.
func columnList(fields []int, form string) string {
	var b strings.Builder
	for _, i := range fields {
		b.WriteString(", ")
		b.WriteString(strings.ReplaceAll(form, "*", query.Fields[i].Column()))
	}
	return b.String()
}

// listSeparator stands before, between and after the values of a list.
const listSeparator = "\x1f"

// appendValues appends the session's values of the fields to args, in the form
// in which they are kept, and reports whether there is any.
func appendValues(args []any, s *store.Session, fields []int) (_ []any, some bool, err error) {
	for _, i := range fields {
		v := s.Values[i]
		if v != nil {
			if v, err = columnValue(&query.Fields[i], v); err != nil {
				return nil, false, fmt.Errorf("session %q: %w", s.Key, err)
			}
			some = some || v != nil
		}
		args = append(args, v)
	}
	return args, some, nil
}

func columnValue(f *query.Field, v any) (any, error) {
	switch x := v.(type) {
	case string:
		if f.Type == query.Keyword && !f.List {
			return v, nil
		}
	case int64:
		if f.Type == query.Long {
			return v, nil
		}
	case bool:
		if f.Type == query.Bool {
			return v, nil // bound as 0 or 1
		}
	case time.Time:
		if f.Type == query.Date {
			return toMicros(x), nil
		}
	case netip.Addr:
		if f.Type == query.IP {
			bytes := x.As16()
			return bytes[:], nil
		}
	case []string:
		if f.List {
			if len(x) == 0 {
				return nil, nil
			}
			list := strings.Join(x, listSeparator)
			if strings.Count(list, listSeparator) >= len(x) {
				return nil, fmt.Errorf("field %s cannot hold the character U+001F", f.Path)
			}
			return listSeparator + list + listSeparator, nil
		}
	}
	return nil, fmt.Errorf("field %s cannot hold a %T", f.Path, v)
}
