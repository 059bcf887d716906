package seed

import (
	"strconv"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// drawEvents draws 3 to 17 lines of what was done, spread over the session, and
// some of what the screen showed.
func (s *session) drawEvents(d *dice, w *world) {
	s.events, s.screens = s.events[:0], s.screens[:0]
	if s.indexed != "INDEXED" || s.fromLog {
		return
	}
	n := 3 + min(d.IntN(15), d.IntN(15))
	step := s.end.Sub(s.start) / time.Duration(n+1)
	record := int64(0)
	for i := range n {
		record += int64(d.between(1, 90))
		at := s.start.Add(step*time.Duration(i) + time.Duration(d.Int64N(int64(step)+1)))
		e := s.line(d, w)
		e.at, e.record = at, record
		s.events = append(s.events, e)
		if d.chance(0.2) {
			record += int64(d.between(1, 9))
			s.screens = append(s.screens, event{
				at: at.Add(80 * time.Millisecond), record: record, text: pick(d, s.protocol.activity.screens).fill(d),
			})
		}
	}
}

// line draws what was typed or opened.
func (s *session) line(d *dice, w *world) event {
	if d.chance(0.004) {
		return event{text: s.protocol.activity.rare.with(w.codenames.pick(d))}
	}
	t := pick(d, s.protocol.activity.lines)
	return event{text: t.fill(d), notable: t.notable}
}

// appendEvents writes the events, whose times have milliseconds and no zone.
func appendEvents(dst []byte, s *session) []byte {
	prompt := s.prompt()
	dst = append(dst, '[')
	for i := range s.events {
		e := &s.events[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = appendMember(dst, "action", e.text)
		dst = append(dst, `"channels_id":"0",`...)
		dst = append(dst, `"content":`...)
		dst = appendStrings(dst, prompt, e.text)
		dst = append(dst, `,"record_id":`...)
		dst = strconv.AppendInt(dst, e.record, 10)
		dst = append(dst, `,"time":"`...)
		dst = e.at.AppendFormat(dst, "2006-01-02T15:04:05.000")
		dst = append(dst, `","type":`...)
		dst = append(appendString(dst, s.protocol.activity.event), '}')
	}
	return append(dst, ']')
}

// prompt is what stands before a command on the screen.
func (s *session) prompt() string {
	if s.protocol.activity.prompt == nil {
		return ""
	}
	return s.protocol.activity.prompt(s)
}

// appendContent writes what the screen showed.
func appendContent(dst []byte, s *session) []byte {
	dst = append(dst, '[')
	for i := range s.screens {
		e := &s.screens[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"channel_id":"0","kind":"screen","record_id":`...)
		dst = strconv.AppendInt(dst, e.record, 10)
		dst = append(dst, `,"text":`...)
		dst = appendString(dst, e.text)
		dst = append(dst, `,"time":"`...)
		dst = e.at.AppendFormat(dst, `2006-01-02T15:04:05.000000Z"}`)
	}
	return append(dst, ']')
}

// words gathers what full-text search finds the session by: what was on the
// screen and what was done.
func (s *session) words() store.Text {
	var screen, done []byte
	for i := range s.screens {
		screen = query.AppendRecord(screen, s.screens[i].text)
	}
	for i := range s.events {
		done = query.AppendRecord(done, s.events[i].text)
	}
	if s.protocol.activity.event == "command" {
		return store.Text{Screen: string(screen), Command: string(done)}
	}
	return store.Text{Screen: string(screen), Title: string(done)}
}
