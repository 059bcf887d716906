package seed

import (
	"strconv"
	"time"
)

// channel is one channel of a session. Which of the texts it has depends on its
// type.
type channel struct {
	kind       string
	denied     bool
	open       bool // at the end of the world, which is its end then
	start, end time.Time

	command, scpPath, subsystemName     string
	dynamicChannel, deviceName          string
	originatorAddress, connectedAddress string
	originatorPort, connectedPort       int64
}

// drawChannels draws which channels were opened, or asked for in vain.
func (s *session) drawChannels(d *dice) {
	s.channels = s.channels[:0]
	if s.fromLog || s.verdict == "AUTH_FAIL" || s.verdict == "FAIL" {
		return
	}
	kinds := s.protocol.channels
	if s.verdict == "DENY" {
		s.channels = append(s.channels, channel{kind: kinds[0].kind, denied: true, start: s.start, end: s.start})
		return
	}
	length := s.length()
	for i := range kinds {
		c := channel{kind: kinds[i].kind, start: s.start, end: s.start.Add(length), open: s.active && i == 0}
		if i > 0 {
			if !d.chance(kinds[i].share) {
				continue
			}
			c.start = s.start.Add(time.Duration(d.Float64() * float64(length)))
			c.end = c.start.Add(time.Duration(d.Float64() * float64(c.end.Sub(c.start))))
			if c.denied = d.chance(0.1); c.denied {
				c.end = c.start
			}
		}
		if kinds[i].extra != nil {
			kinds[i].extra(d, &c)
		}
		s.channels = append(s.channels, c)
	}
}

func appendChannels(dst []byte, s *session) []byte {
	dst = append(dst, '[')
	for i := range s.channels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.channels[i].append(dst)
	}
	return append(dst, ']')
}

func (c *channel) append(dst []byte) []byte {
	dst = append(dst, '{')
	dst = appendMember(dst, "command", c.command)
	if c.connectedAddress != "" {
		dst = appendMember(dst, "connected.address", c.connectedAddress)
		dst = append(dst, `"connected.port":`...)
		dst = append(strconv.AppendInt(dst, c.connectedPort, 10), ',')
	}
	dst = appendMember(dst, "device_name", c.deviceName)
	started, ended := c.start.Unix(), c.end.Unix()
	dst = append(dst, `"duration":`...)
	dst = append(strconv.AppendInt(dst, ended-started, 10), ',')
	dst = appendMember(dst, "dynamic_channel", c.dynamicChannel)
	if c.open {
		dst = append(dst, `"end_time":null,`...)
	} else {
		dst = append(dst, `"end_time":`...)
		dst = append(strconv.AppendInt(dst, ended, 10), ',')
	}
	if c.originatorAddress != "" {
		dst = appendMember(dst, "originator.address", c.originatorAddress)
		dst = append(dst, `"originator.port":`...)
		dst = append(strconv.AppendInt(dst, c.originatorPort, 10), ',')
	}
	dst = appendMember(dst, "scp_path", c.scpPath)
	dst = append(dst, `"start_time":`...)
	dst = append(strconv.AppendInt(dst, started, 10), ',')
	dst = appendMember(dst, "subsystem_name", c.subsystemName)
	dst = appendMember(dst, "type", c.kind)
	if c.denied {
		return append(dst, `"verdict":"deny"}`...)
	}
	return append(dst, `"verdict":"accept"}`...)
}

// appendMember writes a member of text and the comma after it, or nothing when
// there is no text.
func appendMember(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return append(appendString(dst, value), ',')
}
