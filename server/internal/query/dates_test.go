package query

import (
	"errors"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2017-01-25", "2017-01-25T00:00:00Z"},
		{"2017-01-25T10:00", "2017-01-25T10:00:00Z"},
		{"2017-01-25T10:00Z", "2017-01-25T10:00:00Z"},
		{"2017-01-25T10:00+02:00", "2017-01-25T08:00:00Z"},
		{"2017-01-25t10:00:07z", "2017-01-25T10:00:07Z"},
		{"2018-11-14T12:26:59.244Z", "2018-11-14T12:26:59.244Z"},
		{"2018-09-15T14:22:00+05:00", "2018-09-15T09:22:00Z"},
		{"2018-09-15T14:22:00+0500", "2018-09-15T09:22:00Z"},
		{"2018-09-15T14:22:00+05", "2018-09-15T09:22:00Z"},
		{"2018-09-15T14:22:00 05:00", "2018-09-15T09:22:00Z"},
		{"2018-09-15T14:22:00-03:30", "2018-09-15T17:52:00Z"},
		{"2018-10-11T09:23:38.000+02:00", "2018-10-11T07:23:38Z"},
		{"2022-12-12T00:00:00.0000000+00:00", "2022-12-12T00:00:00Z"},
		{"2022-12-12T12:12:12.1234567+10:00", "2022-12-12T02:12:12.1234567Z"},
		{"2022-12-12T12:12:12.123456789", "2022-12-12T12:12:12.123456789Z"},
		{"2022-12-12T12:12:12,5", "2022-12-12T12:12:12.5Z"},
		{"2017-04-25T13:26:39.144356", "2017-04-25T13:26:39.144356Z"},
		{"2024-02-29", "2024-02-29T00:00:00Z"},
		{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
		{"2200-12-31T23:59:59.999999999Z", "2200-12-31T23:59:59.999999999Z"},
		{"1969-12-31T23:00:00-05:00", "1970-01-01T04:00:00Z"},
	}
	for _, tt := range tests {
		got, err := ParseDate(tt.in)
		if err != nil {
			t.Errorf("ParseDate(%q): %v", tt.in, err)
			continue
		}
		if s := got.Format(time.RFC3339Nano); s != tt.want {
			t.Errorf("ParseDate(%q) = %s, want %s", tt.in, s, tt.want)
		}
		if got.Location() != time.UTC {
			t.Errorf("ParseDate(%q) is not in UTC", tt.in)
		}
	}
}

func TestParseDateErrors(t *testing.T) {
	tests := []struct {
		in       string
		position int
		expected string
	}{
		{"", 0, "a year of four digits"},
		{"yesterday", 0, "a year of four digits"},
		{"1451901988", 4, `"-" after the year`},
		{"201-01-25", 3, "a year of four digits"},
		{"2017", 4, `"-" after the year`},
		{"2017-13-01", 5, "a month from 01 to 12"},
		{"2017-1-01", 6, "a month from 01 to 12"},
		{"2017-02-29", 8, "a day of that month"},
		{"2017-01-25 10:00", 10, `"T" and a time, or the end`},
		{"2017-01-25Z", 10, `"T" and a time, or the end`},
		{"2017-01-25T", 11, "an hour from 00 to 23"},
		{"2017-01-25T24:00", 11, "an hour from 00 to 23"},
		{"2017-01-25T10", 13, `":" after the hour`},
		{"2017-01-25T10:60", 14, "a minute from 00 to 59"},
		{"2017-01-25T10:00:60", 17, "a second from 00 to 59"},
		{"2017-01-25T10:00:00.", 20, "1 to 9 digits of a second"},
		{"2017-01-25T10:00:00.1234567890", 29, `"Z", a zone such as "+05:00", or the end`},
		{"2017-01-25T10:00:00+5", 21, "the hours of a zone, from 00 to 23"},
		{"2017-01-25T10:00:00+24:00", 20, "the hours of a zone, from 00 to 23"},
		{"2017-01-25T10:00:00+05:", 23, "the minutes of a zone, from 00 to 59"},
		{"2017-01-25T10:00:00+05:001", 25, "the end"},
		{"2017-01-25T10:00:00Z ", 20, "the end"},
		{"1969-12-31", 0, "a date from 1970 to 2200"},
		{"1970-01-01T00:00:00+05:00", 0, "a date from 1970 to 2200"},
		{"2201-01-01", 0, "a date from 1970 to 2200"},
		{"٢٠١٧-01-25", 0, "a year of four digits"},
	}
	for _, tt := range tests {
		got, err := ParseDate(tt.in)
		var dateError *DateError
		if !errors.As(err, &dateError) {
			t.Errorf("ParseDate(%q) = %v, %v; want a *DateError", tt.in, got, err)
			continue
		}
		if dateError.Value != tt.in || dateError.Position != tt.position || dateError.Expected != tt.expected {
			t.Errorf("ParseDate(%q): expected %s at %d, want %s at %d",
				tt.in, dateError.Expected, dateError.Position, tt.expected, tt.position)
		}
	}
}

// FuzzParseDate: never a panic; an error points into the value; and what is
// accepted names the same instant when it is written in the canonical form.
func FuzzParseDate(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseDate(s)
		if err != nil {
			var dateError *DateError
			if !errors.As(err, &dateError) || dateError.Position < 0 || dateError.Position > len(s) || dateError.Expected == "" {
				t.Fatalf("ParseDate(%q): bad error %#v", s, err)
			}
			return
		}
		if y := got.Year(); y < firstYear || y > lastYear {
			t.Fatalf("ParseDate(%q) = %v, out of range", s, got)
		}
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000000000-0700"} {
			again, err := ParseDate(got.Format(layout))
			if err != nil || !again.Equal(got) {
				t.Fatalf("ParseDate(%q) = %v, but written as %q it is %v, %v", s, got, layout, again, err)
			}
		}
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && !want.Equal(got) {
			t.Fatalf("ParseDate(%q) = %v, package time says %v", s, got, want)
		}
	})
}

func BenchmarkParseDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseDate("2022-12-12T12:12:12.1234567+10:00"); err != nil {
			b.Fatal(err)
		}
	}
}
