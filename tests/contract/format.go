package contract

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

var (
	dateTime      = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)
	dateTimeLocal = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$`)
)

// formats makes kin-openapi check that dates are in the calendar, which its own
// check of the format does not: 30 February passes it. It applies to single
// checks, not to whatever else the process validates.
func formats() openapi3.SchemaValidationOption {
	return openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
		"date-time":       openapi3.NewCallbackValidator(func(v string) error { return checkTime(dateTime, time.RFC3339, v) }),
		"date-time-local": openapi3.NewCallbackValidator(func(v string) error { return checkTime(dateTimeLocal, "2006-01-02T15:04:05", v) }),
	})
}

func checkTime(form *regexp.Regexp, layout, value string) error {
	if !form.MatchString(value) {
		return errors.New("wrong form")
	}
	_, err := time.Parse(layout, strings.Replace(value, ":60", ":59", 1)) // leap seconds exist
	return err
}

// formatNames is what the formats are called in reports.
var formatNames = map[string]string{
	"date-time":       "a date-time of RFC 3339, such as 2018-09-15T09:22:00Z",
	"date-time-local": "a date-time without a zone, such as 2018-09-15T09:22:00",
}
