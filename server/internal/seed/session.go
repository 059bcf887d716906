package seed

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"time"
)

// session is a made-up session, before it is written as JSON.
type session struct {
	key      string
	id       string // 22 characters, part of the key
	protocol *protocol
	policy   policy
	number   int // of the connection within its policy

	node          node
	user          *user
	account       string // on the server
	client        address
	clientPort    int64
	target        *target
	localPort     int64
	reference     int64
	channelPolicy string
	authMethod    string

	start    time.Time // whole milliseconds, as all times of a session
	end      time.Time
	created  time.Time
	active   bool
	verdict  string
	denied   string // why
	accepted bool   // there was traffic
	indexed  string // state of indexing
	trail    bool

	archived     bool
	revision     int64
	scored       bool
	score        int64
	scripted     bool
	notable      []string
	similar      []string
	tags         []string
	channels     []channel
	events       []event // what was done
	screens      []event // what the screen showed
	alerts       []alert
	request      *request
	fromLog      bool
	indexStart   time.Time
	indexSeconds int64
}

// event is a command, a window title or the like.
type event struct {
	at      time.Time
	record  int64
	text    string
	notable []string // the words in it that the analytics look for
}

var verdicts = newWeighted([]string{"ACCEPT", "AUTH_FAIL", "DENY", "TERMINATED", "FAIL"}, func(i int) float64 {
	return [...]float64{0.90, 0.045, 0.03, 0.015, 0.01}[i]
})

var denyReasons = []string{"The channel policy does not allow the channel.", "The connection policy denies the user.", "Outside of the permitted hours."}

// identify draws what the key of a session is made of. It comes first, so that
// the key of another session can be had without making all of it.
func (w *world) identify(d *dice, s *session) {
	s.id = string(d.appendText(make([]byte, 0, 22), 22, base62))
	s.protocol = w.protocols.pick(d)
	s.policy = s.protocol.connections.pick(d)
	s.number = d.IntN(100)
	s.key = "svc-" + s.id + "-" + s.policy.inKeys + "-" + strconv.Itoa(s.number)
}

// draw makes the rest of the session. at is where it starts, as a share of the
// world's time.
func (w *world) draw(d *dice, s *session, at, trails float64) {
	p := s.protocol
	s.node = w.nodes.pick(d)
	s.user = w.users.pick(d)
	s.target = p.targets.pick(d)
	if s.account = pick(d, p.accounts); s.account == "" {
		s.account = s.user.name
	}
	s.client, s.clientPort = s.user.from[0], d.port()
	if d.chance(0.15) {
		s.client = pick(d, s.user.from)
	}
	s.localPort = d.port()
	s.reference = int64(d.IntN(1 << 22))
	s.channelPolicy, s.authMethod = pick(d, p.channelPolicies), pick(d, p.authMethods)
	s.scripted = s.user.service && d.chance(0.7)
	s.fromLog = d.chance(0.01)
	s.revision = int64(d.between(3, 24))

	s.start = w.timeAt(at)
	s.outcome(d)
	s.trail = d.chance(trails) && s.accepted && !s.active && !s.fromLog
	s.archived = d.chance(0.6) && s.accepted && s.end.Before(worldEnd.AddDate(-1, 0, 0))
	s.drawIndexing(d)
	s.drawChannels(d)
	s.drawEvents(d, w)
	s.drawAlerts(d)
	s.analyse(d)
	s.request = nil
	if d.chance(0.05) && !s.user.service && s.accepted {
		s.request = w.drawRequest(d, s)
	}
}

// outcome draws how long the session took, and how it ended.
func (s *session) outcome(d *dice) {
	s.verdict = verdicts.pick(d)
	s.denied = ""
	s.accepted = s.verdict == "ACCEPT" || s.verdict == "TERMINATED"
	// Half of the sessions last less than 5 minutes, one in forty two hours.
	took := 300 * math.Exp(float64(1.6*d.NormFloat64()))
	if s.scripted {
		took /= 20
	}
	if !s.accepted {
		took = float64(10 * d.Float64())
		s.denied = "Authentication failed."
		switch s.verdict {
		case "DENY":
			s.denied = pick(d, denyReasons)
		case "FAIL":
			s.denied = "The server could not be reached."
		}
	}
	s.end = s.start.Add(time.Duration(min(max(took, 0.05), 10*3600)*1000) * time.Millisecond)
	s.active = s.accepted && s.end.After(worldEnd)
	s.created = s.start.Add(time.Duration(d.between(20, 2500)) * time.Millisecond)
}

// timeAt maps a share of the world's time to a time, such that more happens
// during working hours. Larger shares give later times.
func (w *world) timeAt(share float64) time.Time {
	week, within := math.Modf(share * worldWeeks)
	h := sort.SearchFloat64s(w.week, within)
	h = min(max(h, 1), len(w.week)-1)
	hours := float64(h-1) + (within-w.week[h-1])/(w.week[h]-w.week[h-1])
	first := worldEnd.Add(-worldWeeks * 7 * 24 * time.Hour)
	return first.Add(time.Duration(week)*7*24*time.Hour + time.Duration(hours*3600e3)*time.Millisecond)
}

// analyse draws what the analytics think of the session.
func (s *session) analyse(d *dice) {
	s.scored = d.chance(0.7)
	base := d.Float64()
	s.score = int64(float64(base*base*base) * 100)
	s.notable, s.tags = nil, nil
	for i := range s.events {
		for _, word := range s.events[i].notable {
			if !slices.Contains(s.notable, word) {
				s.notable = append(s.notable, word)
				s.score = min(s.score+3, 100)
			}
		}
	}
	if s.start.Hour() < 6 && !s.scripted {
		s.tags = append(s.tags, "unusual-hour")
	}
	if s.score >= 80 {
		s.tags = append(s.tags, "high-risk")
	}
}
