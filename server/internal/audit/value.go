package audit

import (
	"net/netip"
	"strconv"
	"time"
)

// timeFormat has as many digits of a fraction as the time needs.
const timeFormat = "2006-01-02T15:04:05.999999Z"

// FormatTime writes a time as the answers do that are this project's own: in UTC,
// with as many digits of a second as it needs.
func FormatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// formatValue writes the value of a field as text.
func formatValue(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return FormatTime(v)
	case netip.Addr:
		return v.String()
	default:
		return ""
	}
}
