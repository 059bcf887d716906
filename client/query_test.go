package client_test

import (
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spskit/spskit/client"
)

var (
	noon    = time.Date(2018, 9, 15, 14, 0, 0, 0, time.FixedZone("", 2*60*60))
	jane    = client.Text("user.name").Is("jane")
	ssh     = client.Text("protocol").Is("SSH")
	sudo    = client.Content.Phrase("sudo")
	unknown = client.Text("user.nam").Is("jane")
)

// said is how a query is said to a search for sessions, and to a search in one.
func said(t *testing.T, q client.Query) (expression, content string, contentErr error) {
	t.Helper()
	f := newFake(t)
	f.on("GET /api/audit/sessions", `{"items":[],"meta":{}}`)
	f.on("GET /api/audit/sessions/1/content", `{"items":[],"meta":{}}`)
	c := f.client(t)
	if _, err := c.ListSessions(t.Context(), client.SessionQuery{Q: q}); err != nil {
		t.Fatalf("%v: %v", q, err)
	}
	expression = f.last().URL.Query().Get("q")
	if _, contentErr = client.Collect(c.SearchContent(t.Context(), "1", q)); contentErr == nil {
		content = f.last().URL.Query().Get("q")
	}
	return expression, content, contentErr
}

func TestQueryOfProperties(t *testing.T) {
	server, user := client.Address("server.ip"), client.Text("user.name")
	for _, tt := range []struct {
		query client.Query
		want  string
	}{
		{jane, `user.name:"jane"`},
		{user.Is("jane", "joe"), `user.name:("jane" OR "joe")`},
		{user.Is(""), `user.name:""`},
		{user.Is(`a "b" \c* ?(d) OR e`), `user.name:"a \"b\" \\c* ?(d) OR e"`},
		{user.Is(`\`), `user.name:"\\"`},
		{user.Is("é\n\x00"), "user.name:\"é\n\x00\""},
		{user.Like("j*n?"), `user.name:j*n?`},
		{user.Like(`*\*\?\\\x(a b)*`), `user.name:*\*\?\\x\(a\ b\)*`},
		{user.Like(`DOMAIN\\j*`), `user.name:DOMAIN\\j*`},
		{user.Like(`+-&|!(){}[]^"~:/=<>`), `user.name:\+\-\&\|\!\(\)\{\}\[\]\^\"\~\:\/\=\<\>`},
		{user.Like("AND"), `user.name:\AND`},
		{user.Like(""), `user.name:""`},
		{user.Prefix("AND"), `user.name:\AND*`},
		{user.Prefix("a*b"), `user.name:a\*b*`},
		{user.Prefix(""), `user.name:*`},
		{user.Contains(`x\y z`), `user.name:*x\\y\ z*`},
		{user.Contains(""), `user.name:*`},
		{user.Fuzzy("jane doe", 1), `user.name:jane\ doe~1`},
		{user.Fuzzy("NOT", 2), `user.name:\NOT~2`},
		{user.Between("a", `b"`), `user.name:["a" TO "b\""]`},
		{client.Exists("user.name"), `_exists_:user.name`},
		{client.Exists("recording.archive"), `_exists_:recording.archive`},

		{client.Number("server.port").Is(22), `server.port:22`},
		{client.Number("vault.system_id").Is(-1, 7), `vault.system_id:("-1" OR 7)`},
		{client.Number("duration").AtLeast(60), `duration:[60 TO *]`},
		{client.Number("duration").AtMost(-60), `duration:[* TO -60]`},
		{client.Number("duration").MoreThan(60), `duration:{60 TO *]`},
		{client.Number("duration").LessThan(60), `duration:[* TO 60}`},
		{client.Number("duration").Between(math.MinInt64, math.MaxInt64), `duration:[-9223372036854775808 TO 9223372036854775807]`},

		{client.Time("start_time").Since(noon), `start_time:[2018-09-15T12:00:00.000000Z TO *]`},
		{client.Time("start_time").Until(noon), `start_time:[* TO 2018-09-15T12:00:00.000000Z]`},
		{client.Time("start_time").After(noon), `start_time:{2018-09-15T12:00:00.000000Z TO *]`},
		{client.Time("start_time").Before(noon), `start_time:[* TO 2018-09-15T12:00:00.000000Z}`},
		// Microseconds are what a session has, so these select what they say.
		{client.Time("start_time").Since(noon.Add(1)), `start_time:[2018-09-15T12:00:00.000001Z TO *]`},
		{client.Time("start_time").Until(noon.Add(1)), `start_time:[* TO 2018-09-15T12:00:00.000000Z]`},
		{client.Time("start_time").After(noon.Add(1)), `start_time:{2018-09-15T12:00:00.000000Z TO *]`},
		{client.Time("start_time").Before(noon.Add(1)), `start_time:[* TO 2018-09-15T12:00:00.000001Z}`},
		{client.Time("end_time").Between(noon, noon.Add(time.Hour)), `end_time:[2018-09-15T12:00:00.000000Z TO 2018-09-15T13:00:00.000000Z}`},
		{client.Time("start_time").InLast(7 * 24 * time.Hour), `start_time:[now-7d TO now]`},
		{client.Time("start_time").InLast(36 * time.Hour), `start_time:[now-36h TO now]`},
		{client.Time("start_time").InLast(90 * time.Minute), `start_time:[now-90m TO now]`},
		{client.Time("start_time").InLast(89*time.Second + 1), `start_time:[now-90s TO now]`},
		{client.Time("start_time").InLast(math.MaxInt64), `start_time:[now-9223372037s TO now]`},

		{client.Bool("active").Is(true), `active:true`},
		{client.Bool("active").Is(false), `active:false`},

		{server.Is(netip.MustParseAddr("10.0.0.1")), `server.ip:"10.0.0.1"`},
		{server.Is(netip.MustParseAddr("::ffff:10.0.0.1"), netip.MustParseAddr("2001:DB8::1")), `server.ip:("10.0.0.1" OR "2001:db8::1")`},
		{server.In(netip.MustParsePrefix("10.1.2.3/8")), `server.ip:"10.0.0.0/8"`},
		{server.In(netip.MustParsePrefix("::ffff:10.1.2.3/104")), `server.ip:"10.0.0.0/8"`},
		{server.In(netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("::/0")), `server.ip:("2001:db8::/32" OR "::/0")`},
		{server.Between(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.9")), `server.ip:["10.0.0.1" TO "10.0.0.9"]`},

		{client.Not(jane), `NOT user.name:"jane"`},
		{client.Not(client.Not(jane)), `NOT (NOT user.name:"jane")`},
		{client.Not(client.And(jane, ssh)), `NOT (user.name:"jane" AND protocol:"SSH")`},
		{client.And(jane, ssh), `user.name:"jane" AND protocol:"SSH"`},
		{client.And(jane, client.And(ssh, jane)), `user.name:"jane" AND protocol:"SSH" AND user.name:"jane"`},
		{client.And(jane, client.Not(ssh)), `user.name:"jane" AND NOT protocol:"SSH"`},
		{client.And(jane, client.Or(ssh, jane)), `user.name:"jane" AND (protocol:"SSH" OR user.name:"jane")`},
		{client.Or(jane, client.And(ssh, jane)), `user.name:"jane" OR (protocol:"SSH" AND user.name:"jane")`},
		{client.Or(jane, client.Or(ssh, jane)), `user.name:"jane" OR protocol:"SSH" OR user.name:"jane"`},
		{client.Or(jane, client.Not(ssh)), `user.name:"jane" OR (NOT protocol:"SSH")`},
		{client.And(jane, sudo), `user.name:"jane" AND screen.content:"sudo"`},

		{client.Query{}, ""},
		{client.And(), ""},
		{client.And(client.Query{}, jane, client.Query{}), `user.name:"jane"`},
		{client.Or(jane), `user.name:"jane"`},
		{client.Or(jane, client.Query{}), ""},
	} {
		if err := tt.query.Err(); err != nil || tt.query.String() != tt.want {
			t.Errorf("got %v, %v, want %s", tt.query, err, tt.want)
			continue
		}
		if tt.query.IsZero() != (tt.want == "") {
			t.Errorf("%v: IsZero is %t", tt.query, tt.query.IsZero())
		}
		expression, content, err := said(t, tt.query)
		if expression != tt.want {
			t.Errorf("the server was sent %s, want %s", expression, tt.want)
		}
		if !errors.Is(err, client.ErrInvalidQuery) {
			t.Errorf("a search of content takes %v as %s: %v", tt.query, content, err)
		}
	}
}

func TestQueryOfContent(t *testing.T) {
	su := client.Command.Phrase("sudo su")
	for _, tt := range []struct {
		query               client.Query
		inSessions, content string
	}{
		{sudo, `screen.content:"sudo"`, `"sudo"`},
		{client.Content.Phrase(`"a" \ b*`), `screen.content:"\"a\" \\ b*"`, `"\"a\" \\ b*"`},
		{su, `screen.content:(command:"sudo su")`, `command:"sudo su"`},
		{client.Title.Near("a b", 3), `screen.content:(title:"a b"~3)`, `title:"a b"~3`},
		{client.Content.Near("a b", 100), `screen.content:"a b"~100`, `"a b"~100`},
		{client.Screen.Prefix("pass"), `screen.content:(screen:pass*)`, `screen:pass*`},
		{client.Content.Prefix("OR"), `screen.content:\OR*`, `\OR*`},
		{client.Content.Like("p?ss*d"), `screen.content:p?ss*d`, `p?ss*d`},
		{client.Content.Fuzzy("passwd", 2), `screen.content:passwd~2`, `passwd~2`},
		{client.Content.Prefix("cafe\u0301"), "screen.content:cafe\u0301*", "cafe\u0301*"},
		{
			client.And(sudo, client.Not(client.Or(su, client.Title.Phrase("x")))),
			`screen.content:"sudo" AND NOT (screen.content:(command:"sudo su") OR screen.content:(title:"x"))`,
			`"sudo" AND NOT (command:"sudo su" OR title:"x")`,
		},
		{client.And(su, client.Raw("a OR b")), `screen.content:(command:"sudo su") AND (a OR b)`, `command:"sudo su" AND (a OR b)`},
	} {
		inSessions, content, err := said(t, tt.query)
		if inSessions != tt.inSessions || content != tt.content || err != nil {
			t.Errorf("got %s and %s, %v, want %s and %s", inSessions, content, err, tt.inSessions, tt.content)
		}
	}
}

func TestRawQuery(t *testing.T) {
	for _, expression := range []string{
		"a", "a OR b", `("a" OR b\)) AND c`, `user.name:"("`, `port:[1 TO 5}`, `name:["a]" TO "b)"]`, `name:[a" TO ( ] AND x`,
		`name:[ "a" TO	"b}"}`, `name:{a\] TO b}`, `"a\""`, "(a (b) c)",
	} {
		if q := client.Raw(" " + expression + "\n"); q.Err() != nil || q.String() != expression {
			t.Errorf("%q is taken as %v, %v", expression, q, q.Err())
		}
		if q := client.And(client.Raw(expression), jane); q.String() != "("+expression+`) AND user.name:"jane"` {
			t.Errorf("%q and another is %v", expression, q)
		}
	}
	if q := client.Raw(" \t"); !q.IsZero() || q.Err() != nil {
		t.Errorf("nothing is taken as %v", q)
	}
	// Alone it is the server's to say what is wrong, but these would get out of the brackets.
	for _, expression := range []string{
		"a)", "a) OR (b", "(a", `"a`, `a"`, `a\`, "[a TO b", `[a TO b] "`, `[a" TO b]) OR ([c TO d"]`, `[( TO z]) OR x:[a TO )]`, `"\\" ) OR ("`,
	} {
		if q := client.Raw(expression); q.Err() != nil || q.String() != expression {
			t.Errorf("%q is taken as %v, %v", expression, q, q.Err())
		}
		for _, q := range []client.Query{
			client.And(client.Raw(expression), jane), client.Or(jane, client.Raw(expression)), client.Not(client.Raw(expression)),
		} {
			if !errors.Is(q.Err(), client.ErrInvalidQuery) {
				t.Errorf("%q becomes a part of %v", expression, q)
			}
		}
	}
}

func TestQueryMistakes(t *testing.T) {
	for _, tt := range []struct {
		query client.Query
		want  string
	}{
		{unknown, `"user.nam" is no search field that this package knows; other fields can be asked for with Raw`},
		{client.Text("client.ip").Is("10.0.0.1"), "client.ip is an IP address; conditions on it are made with Address, not with Text"},
		{client.Number("protocol").Is(1), "protocol is a text; conditions on it are made with Text, not with Number"},
		{client.Time("duration").Since(noon), "duration is a number; conditions on it are made with Number, not with Time"},
		{client.Bool("start_time").Is(true), "start_time is a time; conditions on it are made with Time, not with Bool"},
		{client.Address("active").Is(netip.IPv6Loopback()), "active is true or false; conditions on it are made with Bool, not with Address"},
		{client.Exists("screen.content"), `"screen.content" is no search field and no object that this package knows; others can be asked for with Raw`},
		{client.Exists("recording.arch"), `"recording.arch" is no search field and no object that this package knows; others can be asked for with Raw`},
		{client.Text("user.name").Is(), "user.name: there is no value to compare with"},
		{client.Text("user.name").Is("\xff"), `user.name: the value is not UTF-8: "\xff"`},
		{client.Text("user.name").Like("\xff"), `user.name: the value is not UTF-8: "\xff"`},
		{client.Text("user.name").Like(`a\`), `user.name: the pattern ends with a backslash that escapes nothing: "a\\"`},
		{client.Text("user.name").Contains("\xff"), `user.name: the value is not UTF-8: "\xff"`},
		{client.Text("user.name").Fuzzy("", 1), "user.name: nothing is like an empty value"},
		{client.Text("user.name").Fuzzy("\xff", 1), `user.name: the value is not UTF-8: "\xff"`},
		{client.Text("user.name").Fuzzy("a", 3), "user.name: values can be 1 or 2 edits apart, not 3"},
		{client.Text("user.name").Between("a", "\xff"), `user.name: the value is not UTF-8: "\xff"`},
		{client.Time("start_time").Since(time.Time{}), "start_time: the time is zero"},
		{client.Time("start_time").Between(noon, time.Time{}), "start_time: the time is zero"},
		{client.Time("start_time").Until(noon.AddDate(9000, 0, 0)), "start_time: the year 11018 cannot be written"},
		{client.Time("start_time").InLast(0), "start_time: a period of 0s is none"},
		{client.Address("server.ip").Is(netip.Addr{}), "server.ip: invalid IP cannot be the address in a session"},
		{client.Address("server.ip").Is(netip.MustParseAddr("fe80::1%eth0")), "server.ip: fe80::1%eth0 cannot be the address in a session"},
		{client.Address("server.ip").In(netip.Prefix{}), "server.ip: a network is not valid"},
		{client.Content.Phrase("..."), `content: there is no word in "..."`},
		{client.Content.Phrase("a\xff"), `content: the value is not UTF-8: "a\xff"`},
		{client.Content.Near("a b", 0), "content: 1 to 100 words can be between others, not 0"},
		{client.Content.Near("a b", 101), "content: 1 to 100 words can be between others, not 101"},
		{client.Content.Prefix("a b"), `content: "a b" is not one word`},
		{client.Content.Prefix(""), "content: there is no word"},
		{client.Content.Like("*sudo"), `content: "*sudo" begins with a wildcard`},
		{client.Content.Like("?"), `content: "?" begins with a wildcard`},
		{client.Content.Like("a..b"), `content: "a..b" is not one word`},
		{client.Content.Like(".b"), `content: ".b" is not one word`},
		{client.Content.Fuzzy("a b", 1), `content: "a b" is not one word`},
		{client.ContentKind("video").Phrase("a"), `"video" is no kind of content that this package knows`},
		{client.Raw("\xff"), `an expression is not UTF-8: "\xff"`},
		{client.Or(), "Or needs a query"},
		{client.Not(client.Query{}), "Not needs a query, and the zero Query selects everything"},
	} {
		want := "the query is wrong: " + tt.want
		for _, q := range []client.Query{
			tt.query, client.And(tt.query), client.And(jane, tt.query, client.Raw(")")), client.Or(client.Query{}, tt.query), client.Not(tt.query),
		} {
			if err := q.Err(); err == nil || err.Error() != want || !errors.Is(err, client.ErrInvalidQuery) || errors.Is(err, client.ErrNotFound) {
				t.Errorf("got %v, want %s", err, want)
			}
			if q.IsZero() || q.String() != ") "+want {
				t.Errorf("it is written as %s", q)
			}
		}
	}
}

// A mistake surfaces where the query is used, and nothing is sent.
func TestQueryMistakesAreNotSent(t *testing.T) {
	f := newFake(t)
	c, ctx := f.client(t), t.Context()
	for name, use := range map[string]func(client.Query) error{
		"ListSessions": func(q client.Query) error {
			_, err := c.ListSessions(ctx, client.SessionQuery{Q: q})
			return err
		},
		"Sessions": func(q client.Query) error {
			_, err := client.Collect(c.Sessions(ctx, client.SessionQuery{Content: q}))
			return err
		},
		"Count": func(q client.Query) error {
			_, err := c.Count(ctx, client.SessionQuery{Q: q})
			return err
		},
		"Stats": func(q client.Query) error {
			_, err := c.Stats(ctx, client.StatsQuery{Field: "protocol", Content: q})
			return err
		},
		"Histogram": func(q client.Query) error {
			_, err := c.Histogram(ctx, client.HistogramQuery{Q: q})
			return err
		},
		"SearchContent": func(q client.Query) error {
			_, err := client.Collect(c.SearchContent(ctx, "1", q))
			return err
		},
	} {
		var failure *client.Error
		if err := use(unknown); !errors.Is(err, client.ErrInvalidQuery) || errors.As(err, &failure) || !strings.Contains(err.Error(), "user.nam") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if _, err := client.Collect(c.SearchContent(ctx, "1", client.Query{})); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("a search for nothing: %v", err)
	}
	if r := f.requests(); r != nil {
		t.Errorf("asked for %v", r)
	}
}

// FuzzQueryValue: no value gets out of its quotes.
func FuzzQueryValue(f *testing.F) {
	f.Fuzz(func(t *testing.T, value string) {
		q := client.Text("user.name").Is(value)
		if !utf8.ValidString(value) {
			if q.Err() == nil {
				t.Fatalf("%q becomes %v", value, q)
			}
			return
		}
		rest, ok := strings.CutPrefix(q.String(), `user.name:"`)
		if !ok {
			t.Fatalf("%q becomes %v", value, q)
		}
		var read strings.Builder
		for i := 0; i < len(rest); i++ {
			switch {
			case rest[i] == '"' && i < len(rest)-1:
				t.Fatalf("%q becomes %v, whose quotes end at byte %d", value, q, i)
			case rest[i] == '"':
				if read.String() != value {
					t.Fatalf("%q becomes %v, which says %q", value, q, read.String())
				}
				return
			case rest[i] == '\\':
				i++
			}
			if i < len(rest) {
				read.WriteByte(rest[i])
			}
		}
		t.Fatalf("%q becomes %v, whose quotes don't end", value, q)
	})
}

// A pattern keeps its meaning, and ends where it should.
func FuzzQueryPattern(f *testing.F) {
	f.Fuzz(func(t *testing.T, part string) {
		q := client.Text("user.name").Contains(part)
		if !utf8.ValidString(part) || part == "" {
			return
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(q.String(), "user.name:*"), "*")
		if strings.TrimPrefix(inner, `\`) == part && (part == "AND" || part == "OR" || part == "NOT" || part == "TO") {
			return
		}
		var read strings.Builder
		for i := 0; i < len(inner); i++ {
			if inner[i] == '\\' {
				i++
			} else if strings.IndexByte(" \t\r\n()[]{}^\"~!*?:/+-&|=<>", inner[i]) >= 0 {
				t.Fatalf("%q becomes %v, which has a meaning at byte %d of the value", part, q, i)
			}
			if i < len(inner) {
				read.WriteByte(inner[i])
			}
		}
		if read.String() != part {
			t.Fatalf("%q becomes %v, which says %q", part, q, read.String())
		}
	})
}
