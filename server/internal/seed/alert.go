package seed

import (
	"strconv"
	"strings"
)

// alert says that an event matched a rule of a content policy.
type alert struct {
	event *event
	rule  *rule
}

// rule is what a content policy looks for. The patterns contain no characters
// with a meaning in regular expressions.
type rule struct{ name, pattern string }

var rules = []rule{
	{"DestructiveCommand", "rm -rf"},
	{"PasswordFile", "shadow"},
	{"PasswordFile", "passwords"},
	{"Shutdown", "shutdown"},
	{"PatternMatcherRule", "adduser"},
	{"RegistryAccess", "Registry Editor"},
	{"DataRemoval", "DELETE FROM"},
}

// drawAlerts lets some content policies see what they look for.
func (s *session) drawAlerts(d *dice) {
	s.alerts = s.alerts[:0]
	if !d.chance(0.2) {
		return
	}
	for i := range s.events {
		for j := range rules {
			if strings.Contains(s.events[i].text, rules[j].pattern) {
				s.alerts = append(s.alerts, alert{&s.events[i], &rules[j]})
			}
		}
	}
}

// appendAlerts writes the alerts, whose times have microseconds and no zone.
func appendAlerts(dst []byte, s *session) []byte {
	prompt := s.prompt()
	dst = append(dst, '[')
	for i := range s.alerts {
		a := &s.alerts[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = appendMember(dst, "alert_type", s.protocol.activity.alert)
		dst = append(dst, `"channel_id":"0",`...)
		dst = appendMember(dst, "matched_action", a.event.text)
		dst = append(dst, `"matched_content":`...)
		dst = append(appendStrings(dst, prompt, a.event.text), ',')
		dst = appendMember(dst, "matched_regexp", a.rule.pattern)
		dst = append(dst, `"record_id":`...)
		dst = append(strconv.AppendInt(dst, a.event.record, 10), ',')
		dst = appendMember(dst, "rule_name", a.rule.name)
		dst = append(dst, `"time":"`...)
		dst = a.event.at.AppendFormat(dst, `2006-01-02T15:04:05.000000"}`)
	}
	return append(dst, ']')
}
