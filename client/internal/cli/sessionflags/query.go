package sessionflags

import (
	"net/netip"
	"strings"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/timeflag"
)

// queryAnd is the query of all flags that are given, and of another condition.
func (f *flags) queryAnd(condition client.Query) (client.Query, error) {
	parts := append(f.times(), condition)
	or := func(values []string, query func(string) client.Query) {
		if len(values) == 0 {
			return
		}
		any := make([]client.Query, len(values))
		for i, v := range values {
			any[i] = query(v)
		}
		parts = append(parts, client.Or(any...))
	}
	or(f.user, texts("user.name"))
	or(f.gatewayUser, texts("user.gateway_username"))
	or(f.serverUser, texts("user.server_username"))
	or(f.server, hosts("server"))
	or(f.client, hosts("client"))
	or(f.protocol, words("protocol"))
	or(f.verdict, words("verdict"))
	or(f.connectionPolicy, texts("recording.connection_policy"))
	or(f.channelPolicy, texts("recording.channel_policy"))
	or(f.content, client.Content.Phrase)
	or(f.command, client.Command.Phrase)
	or(f.title, client.Title.Phrase)
	if f.changed("active") {
		parts = append(parts, client.Bool("active").Is(f.active))
	}
	durations, err := f.durations()
	if err != nil {
		return client.Query{}, err
	}
	parts = append(parts, durations...)
	for _, expression := range f.query {
		parts = append(parts, client.Raw(expression))
	}
	q := client.And(parts...)
	if err := q.Err(); err != nil {
		return q, failure.WithHint(err, failure.Invalid, "check the values of the flags and the query")
	}
	return q, nil
}

// times are the conditions on when sessions began. Ages are told by the clock of the
// appliance, so that nobody has to mind the difference.
func (f *flags) times() []client.Query {
	start := client.Time("start_time")
	var parts []client.Query
	switch {
	case f.since.Ago > 0:
		parts = append(parts, start.InLast(f.since.Ago))
	case f.since.IsSet():
		parts = append(parts, start.Since(f.since.At))
	}
	if f.until.IsSet() {
		parts = append(parts, start.Before(f.until.Moment(f.now())))
	}
	return parts
}

func (f *flags) durations() ([]client.Query, error) {
	var parts []client.Query
	duration := client.Number("duration")
	for _, bound := range []struct {
		name, text string
		query      func(int64) client.Query
	}{
		{"min-duration", f.longerThan, duration.AtLeast},
		{"max-duration", f.shorterThan, duration.AtMost},
	} {
		if bound.text == "" {
			continue
		}
		d, ok := timeflag.ParseAge(bound.text)
		if !ok {
			return nil, failure.Usage("--%s: %q is no period: write 90s, 10m, 2h or 1d", bound.name, bound.text)
		}
		parts = append(parts, bound.query(int64(d/time.Second)))
	}
	return parts, nil
}

// texts compares exactly, or by a pattern if there is a wildcard in the value.
func texts(field string) func(string) client.Query {
	return func(value string) client.Query {
		if strings.ContainsAny(value, "*?") {
			return client.Text(field).Like(strings.ReplaceAll(value, `\`, `\\`))
		}
		return client.Text(field).Is(value)
	}
}

// hosts compares with the address or with the name of one end.
func hosts(end string) func(string) client.Query {
	return func(value string) client.Query {
		if address, err := netip.ParseAddr(value); err == nil {
			return client.Address(end + ".ip").Is(address)
		}
		if network, err := netip.ParsePrefix(value); err == nil {
			return client.Address(end + ".ip").In(network)
		}
		return texts(end + ".name")(value)
	}
}

// words writes a value of an enumeration as the API does: auth-fail is AUTH_FAIL.
func words(field string) func(string) client.Query {
	return func(value string) client.Query {
		return client.Text(field).Is(strings.ToUpper(strings.ReplaceAll(value, "-", "_")))
	}
}
