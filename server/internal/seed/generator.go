package seed

import (
	"context"
	"errors"
	"iter"
	"math"
	"runtime"
	"time"

	"github.com/spskit/spskit/server/store"
)

// MaxSessions bounds how many sessions one Generator makes.
const MaxSessions = 100_000_000

// DefaultTrailShare gives a hundredth of the sessions a trail, but no more than
// about 2,000 of them.
func DefaultTrailShare(sessions int) float64 {
	return min(0.01, 2000/math.Max(1, float64(sessions)))
}

// Generator makes up sessions. The same seed, number of sessions and share of
// trails give the same sessions, byte for byte; another seed or number gives
// other sessions, with other keys. It is safe for concurrent use.
type Generator struct {
	seed     uint64
	sessions int
	trails   float64
	batch    int // how many sessions Fill stores at once
	world    *world
}

// New returns a generator of so many sessions. trails is the share of those
// that get a trail file, from 0 to 1.
func New(seed uint64, sessions int, trails float64) (*Generator, error) {
	if sessions < 0 || sessions > MaxSessions {
		return nil, errors.New("the number of sessions must lie between 0 and 100,000,000")
	}
	if !(trails >= 0 && trails <= 1) {
		return nil, errors.New("the share of trails must lie between 0 and 1")
	}
	return &Generator{
		seed: scramble(seed) + uint64(sessions), sessions: sessions, trails: trails, batch: 2000, world: newWorld(seed),
	}, nil
}

// Batch is a piece of a generator's sessions, in the order of their start.
type Batch struct {
	Sessions []store.Session
	Trails   []Trail
}

// Trail is the trail file of a session of the same batch, which does not name
// it yet.
type Trail struct {
	Session  int // its index in the batch
	File     []byte
	Modified time.Time
}

// Batches yields all sessions in batches of so many. It makes them ahead, on
// several processors, until ctx ends.
func (g *Generator) Batches(ctx context.Context, size int) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		// Each batch is a channel of its own, and they stand in their order. One
		// processor is left to whoever takes them.
		ahead := make(chan chan Batch, max(runtime.GOMAXPROCS(0)-1, 1))
		go func() {
			defer close(ahead)
			for from := 0; from < g.sessions; from += size {
				made := make(chan Batch, 1)
				select {
				case ahead <- made:
				case <-ctx.Done():
					return
				}
				go func() { made <- g.makeBatch(from, min(from+size, g.sessions)) }()
			}
		}()
		for made := range ahead {
			select {
			case batch := <-made:
				if ctx.Err() != nil || !yield(batch) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (g *Generator) makeBatch(from, to int) Batch {
	m := newMaker(g)
	batch := Batch{Sessions: make([]store.Session, to-from)}
	for i := range batch.Sessions {
		batch.Sessions[i] = m.make(from + i)
		if m.session.trail {
			batch.Trails = append(batch.Trails, Trail{Session: i, File: m.trailFile(from + i), Modified: m.session.end})
		}
	}
	return batch
}

// maker makes one session after the other, and reuses what it can.
type maker struct {
	*Generator
	dice    *dice
	session session
	builder builder
	parts   []byte
}

func newMaker(g *Generator) *maker { return &maker{Generator: g, dice: newDice()} }

// draw makes up the session with the number i.
func (m *maker) draw(i int) *session {
	s := &m.session
	s.similar = nil
	m.dice.throw(m.seed, 2*i)
	const chance = 0.02
	if m.dice.chance(chance) && i > 0 {
		// The keys of both are drawn in the same way, after that chance.
		like := m.dice.IntN(i)
		m.dice.throw(m.seed, 2*like)
		m.dice.chance(chance)
		m.world.identify(m.dice, s)
		s.similar = []string{s.key}
		m.dice.throw(m.seed, 2*i)
		m.dice.chance(chance)
	}
	m.world.identify(m.dice, s)
	at := (float64(i) + m.dice.Float64()) / float64(m.sessions)
	m.world.draw(m.dice, s, at, m.trails)
	return s
}

// make makes the session with the number i as it goes to the store.
func (m *maker) make(i int) store.Session {
	s := m.draw(i)
	links := store.Links{Trail: s.trail}
	s.body(&m.builder, links)
	all := store.Session{Key: s.key, Revision: s.revision, Start: s.start, Values: m.builder.values}

	// The body and the lists share one piece of memory.
	b := append(m.parts[:0], m.builder.json...)
	end := [6]int{len(b)}
	for part, write := range [5]func([]byte, *session) []byte{
		appendChannels, appendAlerts, appendEvents, appendIndexing, appendContent,
	} {
		b = write(b, s)
		end[part+1] = len(b)
	}
	m.parts = b
	b = append([]byte(nil), b...)
	for part, into := range [5]*[]byte{&all.Channels, &all.Alerts, &all.Events, &all.Indexing, &all.Content} {
		if list := b[end[part]:end[part+1]:end[part+1]]; len(list) > len("[]") {
			*into = list
		}
	}
	all.Text = s.words()

	body := b[:end[0]:end[0]]
	g := m.Generator
	all.Body = func(has store.Links) ([]byte, error) {
		if has == links {
			return body, nil
		}
		other := newMaker(g)
		other.draw(i).body(&other.builder, has)
		return other.builder.json, nil
	}
	return all
}
