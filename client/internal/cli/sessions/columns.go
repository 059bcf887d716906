package sessions

import (
	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/output"
)

type column = output.Column[client.Session]

var keyColumn = column{Name: "key", Value: func(s client.Session) any { return s.Key }}

// columns are those of lists. The key comes last, because it is long.
var columns = []column{
	{Name: "start", Reads: []string{"start_time"}, Value: func(s client.Session) any { return s.StartTime }},
	{Name: "end", Wide: true, Reads: []string{"end_time"}, Value: func(s client.Session) any { return s.EndTime }},
	{Name: "duration", Reads: []string{"duration"}, Value: func(s client.Session) any { return s.Duration }},
	{Name: "active", Wide: true, Reads: []string{"active"}, Value: func(s client.Session) any { return s.Active }},
	{Name: "user", Reads: []string{"user.name"}, Value: func(s client.Session) any { return s.User.Name }},
	{Name: "gateway user", Wide: true, Reads: []string{"user.gateway_username"}, Value: func(s client.Session) any { return s.User.GatewayUsername }},
	{Name: "client", Wide: true, Reads: []string{"client.name", "client.ip"}, Value: func(s client.Session) any { return host(s.Client) }},
	{Name: "server", Reads: []string{"server.name", "server.ip"}, Value: func(s client.Session) any { return host(s.Server.Peer) }},
	{Name: "server user", Wide: true, Reads: []string{"user.server_username"}, Value: func(s client.Session) any { return s.User.ServerUsernames }},
	{Name: "protocol", Reads: []string{"protocol"}, Value: func(s client.Session) any { return s.Protocol }},
	{Name: "verdict", Reads: []string{"verdict"}, Value: func(s client.Session) any { return s.Verdict }, Tone: verdictTone},
	{Name: "connection policy", Wide: true, Reads: []string{"recording.connection_policy"}, Value: func(s client.Session) any { return s.Recording.ConnectionPolicy }},
	keyColumn,
}

func host(p client.Peer) string {
	if p.Name != "" {
		return p.Name
	}
	return p.IP
}

func verdictTone(s client.Session) output.Tone {
	switch s.Verdict {
	case client.VerdictAccept, client.VerdictAccepted:
		return output.Good
	case "":
		return output.Plain
	case client.VerdictTerminated:
		return output.Notable
	}
	return output.Bad
}
