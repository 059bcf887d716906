package query

import (
	"testing"
	"time"
)

// The stretches of time that dates stand for, and what is left and right of them.
func TestParseDates(t *testing.T) {
	for _, tt := range []struct{ in, from, to string }{
		{"2017", "2017-01-01T00:00:00", "2018-01-01T00:00:00"},
		{"2017-02", "2017-02-01T00:00:00", "2017-03-01T00:00:00"},
		{"2017-01-25", "2017-01-25T00:00:00", "2017-01-26T00:00:00"},
		{"2017-01-25T10:00", "2017-01-25T10:00:00", "2017-01-25T10:01:00"},
		{`2017-01-25T10\:00`, "2017-01-25T10:00:00", "2017-01-25T10:01:00"},
		{`"2017-01-25T10:00"`, "2017-01-25T10:00:00", "2017-01-25T10:01:00"},
		{"2017-01-25T10:00:07", "2017-01-25T10:00:07", "2017-01-25T10:00:08"},
		{"2017-01-25T10:00:07.2", "2017-01-25T10:00:07.2", "2017-01-25T10:00:07.3"},
		{"2018-11-14T12:26:59.244Z", "2018-11-14T12:26:59.244", "2018-11-14T12:26:59.245"},
		{"2017-04-25T13:26:39.144356", "2017-04-25T13:26:39.144356", "2017-04-25T13:26:39.144357"},
		{"2022-12-12T12:12:12.1234567+10:00", "2022-12-12T02:12:12.123456", "2022-12-12T02:12:12.123457"},
		{"2018-09-15T14:22:00+05:00", "2018-09-15T09:22:00", "2018-09-15T09:22:01"},
		{`"2018-09-15T14:22:00 05:00"`, "2018-09-15T09:22:00", "2018-09-15T09:22:01"},
		{"2018-09-15T14:22-0330", "2018-09-15T17:52:00", "2018-09-15T17:53:00"},
		{"1451901988", "2016-01-04T10:06:28", "2016-01-04T10:06:29"},
		{"100000000", "1973-03-03T09:46:40", "1973-03-03T09:46:41"},
		{"1542116524143", "2018-11-13T13:42:04.143", "2018-11-13T13:42:04.144"},
		{"100000000000", "1973-03-03T09:46:40", "1973-03-03T09:46:40.001"},
		{"now", "2018-02-14T13:05:07.123456", "2018-02-14T13:05:07.123457"},
		{"now-7d", "2018-02-07T13:05:07.123456", "2018-02-07T13:05:07.123457"},
		{"now+1h-30m+5s", "2018-02-14T13:35:12.123456", "2018-02-14T13:35:12.123457"},
		{"now+1H", "2018-02-14T14:05:07.123456", "2018-02-14T14:05:07.123457"},
		{"now/d", "2018-02-14T00:00:00", "2018-02-15T00:00:00"},
		{"now/s", "2018-02-14T13:05:07", "2018-02-14T13:05:08"},
		{"now/m", "2018-02-14T13:05:00", "2018-02-14T13:06:00"},
		{"now/h", "2018-02-14T13:00:00", "2018-02-14T14:00:00"},
		{"now/H", "2018-02-14T13:00:00", "2018-02-14T14:00:00"},
		{"now/w", "2018-02-12T00:00:00", "2018-02-19T00:00:00"},
		{"now+4d/w", "2018-02-12T00:00:00", "2018-02-19T00:00:00"},
		{"now+5d/w", "2018-02-19T00:00:00", "2018-02-26T00:00:00"},
		{"now/M", "2018-02-01T00:00:00", "2018-03-01T00:00:00"},
		{"now/y", "2018-01-01T00:00:00", "2019-01-01T00:00:00"},
		{"now-7d/d", "2018-02-07T00:00:00", "2018-02-08T00:00:00"},
		{"now-1w/w", "2018-02-05T00:00:00", "2018-02-12T00:00:00"},
		{"now/M-1M", "2018-01-01T00:00:00", "2018-02-01T00:00:00"},
		{"now/d+1h", "2018-02-14T01:00:00", "2018-02-15T01:00:00"},
		{"now/y/M", "2018-01-01T00:00:00", "2018-02-01T00:00:00"},
		{"now-0d", "2018-02-14T13:05:07.123456", "2018-02-14T13:05:07.123457"},
		{"2017-01-01||+1M/d", "2017-02-01T00:00:00", "2017-02-02T00:00:00"},
		{"2017-01-31||+1M/d", "2017-02-28T00:00:00", "2017-03-01T00:00:00"},
		{"2017-03-31||-1M", "2017-02-28T00:00:00", "2017-03-01T00:00:00"},
		{"2016-02-29||+1y", "2017-02-28T00:00:00", "2017-03-01T00:00:00"},
		{"2017||/M", "2017-01-01T00:00:00", "2017-02-01T00:00:00"},
		{"2017-01-25T10:00||/w", "2017-01-23T00:00:00", "2017-01-30T00:00:00"},
		{"1451901988||/d", "2016-01-04T00:00:00", "2016-01-05T00:00:00"},
		{"1970", "1970-01-01T00:00:00", "1971-01-01T00:00:00"},
		{"2200", "2200-01-01T00:00:00", "2201-01-01T00:00:00"},
		{"2200-12-31T23:59:59.999999", "2200-12-31T23:59:59.999999", "2201-01-01T00:00:00"},
		{"2017-12-31||+183y", "2200-12-31T00:00:00", "2201-01-01T00:00:00"},
	} {
		testParse(t, []parseTest{
			{"start_time:" + tt.in, "(start_time >= " + tt.from + " < " + tt.to + ")"},
			{"start_time:(" + tt.in + ")", "(start_time >= " + tt.from + " < " + tt.to + ")"},
			{"start_time:>=" + tt.in, "(start_time >= " + tt.from + ")"},
			{"start_time:> " + tt.in, "(start_time >= " + tt.to + ")"},
			{"start_time<=" + tt.in, "(start_time < " + tt.to + ")"},
			{"start_time<" + tt.in, "(start_time < " + tt.from + ")"},
			{"start_time:[" + tt.in + " TO 2199]", "(start_time >= " + tt.from + " < 2200-01-01T00:00:00)"},
			{"start_time:{" + tt.in + " TO 2199}", "(start_time >= " + tt.to + " < 2199-01-01T00:00:00)"},
			{"start_time:{1980 TO " + tt.in + "]", "(start_time >= 1981-01-01T00:00:00 < " + tt.to + ")"},
			{"start_time:[1980 TO " + tt.in + "}", "(start_time >= 1980-01-01T00:00:00 < " + tt.from + ")"},
		})
	}
}

func TestParseStretchErrors(t *testing.T) {
	const years = "a date from 1970 to 2200"
	tests := []errorTest{
		{"20170", 4, `"-" after the year`},
		{"2017-", 5, "a month from 01 to 12"},
		{"2017-01-", 8, "a day of that month"},
		{"12345678901", 4, `"-" after the year`},
		{"12345678901234", 4, `"-" after the year`},
		{"9999999999", 0, years},
		{"9999999999999", 0, years},
		{"1969", 0, years},
		{"2201", 0, years},
		{"2201-01", 0, years},
		{"nowadays", 3, `"+", "-" or "/" and a unit, or the end`},
		{"now ", 3, `"+", "-" or "/" and a unit, or the end`},
		{"now+", 4, "a number of units, such as 7d"},
		{"now+d", 4, "a number of units, such as 7d"},
		{"now+1", 5, "a unit: y, M, w, d, h, H, m or s"},
		{"now+1x", 5, "a unit: y, M, w, d, h, H, m or s"},
		{"now+1234567890123d", 16, "a unit: y, M, w, d, h, H, m or s"},
		{"now/", 4, "a unit: y, M, w, d, h, H, m or s"},
		{"now/2d", 4, "a unit: y, M, w, d, h, H, m or s"},
		{"now+300y", 0, years},
		{"now+999999999999s", 0, years},
		{"now-999999999999y", 0, years},
		{"now-100y+100y", 0, years},
		{"1970-01-01||/w", 0, years},
		{"2200-12-31||/w", 0, years},
		{"2017-01-01|", 10, `"T" and a time, or the end`},
		{"2017-13||/d", 5, "a month from 01 to 12"},
		{"2017-01-01||x", 12, `"+", "-" or "/" and a unit, or the end`},
	}
	for _, tt := range tests {
		_, err := parseStretch(tt.in, now)
		dateError, ok := err.(*DateError) //nolint:errorlint // parseStretch returns it as it is
		if !ok || dateError.Value != tt.in || dateError.Position != tt.position || dateError.Expected != tt.expected {
			t.Errorf("parseStretch(%q): %v, want %s at byte %d", tt.in, err, tt.expected, tt.position)
		}
	}
	if _, err := parseStretch("now", time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("now is before 1970")
	}
}

func TestNowInAnotherZone(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	e, err := Parse("start_time:now/d", time.Date(2018, 2, 14, 1, 0, 0, 0, zone))
	if want := "(start_time >= 2018-02-13T00:00:00 < 2018-02-14T00:00:00)"; err != nil || dump(e) != want {
		t.Errorf("got %s, %v, want %s", dump(e), err, want)
	}
}

// A date of the search language that ParseDate reads, too, begins where ParseDate
// says.
func FuzzParseStretch(f *testing.F) {
	for _, s := range []string{"now-7d/d", "2017-01-01||+1M/d", "1451901988", "2017-02", "2022-12-12T12:12:12.1234567+10:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		st, err := parseStretch(s, now)
		if want, dateErr := ParseDate(s); dateErr == nil && (err != nil || !st.start.Equal(want.Truncate(instant))) {
			t.Fatalf("parseStretch(%q) = %v, %v, want the start %v", s, st, err, want)
		}
		if err != nil {
			return
		}
		if end := st.end(); !end.After(st.start) || end.After(afterAll) || st.start.Year() < firstYear {
			t.Fatalf("parseStretch(%q) is from %v to %v", s, st.start, end)
		}
	})
}
