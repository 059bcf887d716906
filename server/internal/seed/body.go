package seed

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spskit/spskit/server/store"
)

// body writes the session's body with the links that it has, and collects the
// searchable values. The calls stand in the order of the members' names.
func (s *session) body(b *builder, links store.Links) {
	b.reset()
	b.boolean("active", s.active)
	b.link("alerts", s.key, "alerts")
	if s.scored {
		s.writeAnalytics(b)
	}
	b.link("channels", s.key, "channels")
	b.open("client")
	b.addr("client.ip", s.client.ip)
	b.string("client.name", s.client.text)
	b.number("client.port", s.clientPort)
	b.close()
	b.time("creation_time", s.created)
	b.number("duration", int64(s.length()/time.Second))
	if s.active {
		b.raw("end_time", []byte("null"))
	} else {
		b.time("end_time", s.end)
	}
	b.link("events", s.key, "events")
	b.boolean("hidden", false)
	b.link("indexing", s.key, "indexing")
	if s.fromLog {
		b.open("log")
		b.string("log.adapter_name", "sshd")
		b.string("log.auth_method", s.authMethod)
		b.time("log.syslog_time", s.created)
		b.close()
	}
	b.string("node_id", s.node.id)
	if s.fromLog {
		b.string("origin", "LOG")
	} else {
		b.string("origin", "RECORDING")
	}
	b.boolean("phantom", false)
	b.string("protocol", s.protocol.name)
	switch {
	case !s.fromLog:
		s.writeRecording(b, links.Trail)
	case links.Trail: // not by the generator's doing
		b.open("recording")
		s.writeTrail(b, []byte("null"))
		b.close()
	}
	b.number("revision", s.revision)
	b.open("server")
	if s.node.modern {
		b.string("server.address", s.target.name)
		b.string("server.id", s.target.id)
	}
	b.addr("server.ip", s.target.ip)
	b.string("server.name", s.target.name)
	b.number("server.port", s.protocol.port)
	b.close()
	b.time("start_time", s.start)
	if links.Downloads {
		b.link("trail_downloads", s.key, "trail_downloads")
	}
	s.writeUser(b)
	if s.request != nil {
		s.request.write(b, s)
	}
	b.string("verdict", s.verdict)
	b.close()
}

// length is how long the session took, or has taken when the world ends.
func (s *session) length() time.Duration {
	if s.active {
		return worldEnd.Sub(s.start)
	}
	return s.end.Sub(s.start)
}

var durationBuckets = []struct {
	below time.Duration
	name  string
}{
	{5 * time.Minute, "0-5 minutes"},
	{15 * time.Minute, "5-15 minutes"},
	{time.Hour, "15-60 minutes"},
	{4 * time.Hour, "1-4 hours"},
	{1 << 62, "4 hours or more"},
}

var hourBuckets = func() (names [24]string) {
	for h := range names {
		names[h] = fmt.Sprintf("%d-%d", h, h+1)
	}
	return names
}()

func (s *session) writeAnalytics(b *builder) {
	b.open("analytics")
	if s.node.modern {
		bucket := 0
		for s.length() >= durationBuckets[bucket].below {
			bucket++
		}
		b.string("analytics.bucketed_duration", durationBuckets[bucket].name)
		b.string("analytics.bucketed_starting_hour", hourBuckets[s.start.Hour()])
	}
	b.list("analytics.interesting_events", s.notable)
	b.open("score")
	b.number("analytics.score.aggregated", s.score)
	if s.node.modern {
		s.writeScores(b)
	}
	b.time("analytics.score.time", s.created.Add(3*time.Second))
	b.close()
	b.boolean("analytics.scripted", s.scripted)
	b.list("analytics.similar_sessions", s.similar)
	b.list("analytics.tags", s.tags)
	b.close()
}

// writeScores writes what the single algorithms found.
func (s *session) writeScores(b *builder) {
	titles, events := s.protocol.activity == desktop, len(s.events) > 0
	hour := s.score / 4
	if s.start.Hour() < 6 {
		hour = 90
	}
	b.open("details")
	if events && !titles {
		b.score("command", "analytics.score.details.command.score", s.score)
	}
	b.score("hostlogin", "analytics.score.details.hostlogin.score", s.score/2)
	b.score("logintime", "analytics.score.details.logintime.score", hour)
	if events && titles {
		b.score("windowtitle", "analytics.score.details.windowtitle.score", s.score)
	}
	b.close()
}

func (s *session) writeRecording(b *builder, trail bool) {
	b.open("recording")
	archive := []byte("null")
	if s.archived {
		b.name("archive")
		begin := len(b.json)
		s.writeArchive(b)
		archive = b.json[begin:]
	}
	b.boolean("recording.archived", s.archived)
	if trail {
		s.writeTrail(b, archive)
	}
	b.string("recording.auth_method", s.authMethod)
	b.string("recording.channel_policy", s.channelPolicy)
	indexed := s.indexed == "INDEXED"
	b.boolean("recording.command_extracted", indexed && s.protocol.activity != desktop)
	b.string("recording.connection_policy", s.policy.name)
	b.string("recording.connection_policy_id", s.policy.id)
	b.number("recording.content_reference_id", s.reference)
	if s.node.modern && s.denied != "" {
		b.string("recording.deny_reason", s.denied)
	}
	b.boolean("recording.has_accepted_channel", s.accepted)
	b.string("recording.index_status", s.indexed)
	if s.node.modern {
		b.string("recording.network_id", "default")
	}
	b.open("server_local")
	b.addr("recording.server_local.ip", appliance.ip)
	b.string("recording.server_local.name", appliance.text)
	b.number("recording.server_local.port", s.localPort)
	b.close()
	b.string("recording.session_id", s.recordingID())
	b.open("target")
	b.addr("recording.target.ip", s.target.ip)
	b.string("recording.target.name", s.target.name)
	b.number("recording.target.port", s.protocol.port)
	b.close()
	b.string("recording.verdict", s.verdict)
	b.boolean("recording.window_title_extracted", indexed && s.protocol.activity == desktop)
	b.close()
}

func (s *session) writeTrail(b *builder, archive []byte) {
	b.open("audit_trail")
	b.raw("archive", archive)
	b.link("download", s.key, "audit_trail")
	b.close()
}

// recordingID is the session's name in the trail. Hyphens of the policy's name
// become underscores there, as they do in the key.
func (s *session) recordingID() string {
	id := make([]byte, 0, 64)
	id = append(id, "svc/"...)
	id = append(id, s.id...)
	id = append(id, '/')
	id = append(id, s.policy.inKeys...)
	id = append(id, ':')
	return string(strconv.AppendInt(id, int64(s.number), 10))
}

func (s *session) writeArchive(b *builder) {
	day := s.end.Truncate(24*time.Hour).AddDate(0, 0, 30)
	b.json = append(b.json, '{')
	b.time("recording.archive.date", day.Add(22*time.Hour))
	b.string("recording.archive.path", s.end.Format(time.DateOnly)+"/"+s.key+".zat")
	b.string("recording.archive.policy", "nightly")
	b.string("recording.archive.server", "archive.example.com")
	b.close()
}

func (s *session) writeUser(b *builder) {
	u := s.user
	modern := s.node.modern && u.domain != ""
	b.open("user")
	if s.node.modern {
		b.string("user.gateway_username", u.name)
	}
	if modern {
		b.string("user.gateway_username_domain", u.domain)
	}
	b.string("user.id", u.name)
	b.string("user.name", u.name)
	if modern {
		b.string("user.name_domain", u.domain)
	}
	b.list("user.server_username", []string{s.account})
	if modern && s.account == u.name {
		b.string("user.server_username_domain", u.domain)
	}
	b.close()
}
