package seed

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// The generated sessions lie in the 156 weeks before worldEnd, a Wednesday
// noon. It is fixed, because the data must not depend on when it was made.
const worldWeeks = 156

var worldEnd = time.Date(2026, time.September, 30, 12, 0, 0, 0, time.UTC)

// world is who works where: what all sessions of one seed have in common.
type world struct {
	users     weighted[*user]
	protocols weighted[*protocol]
	nodes     weighted[node]
	codenames weighted[string]
	week      []float64 // cumulative share of sessions that start before each hour of a week
}

type user struct {
	name    string
	display string // for people
	domain  string // empty for local accounts
	service bool   // a script, not a person
	from    []address
}

// address is an IP address and its text.
type address struct {
	ip   netip.Addr
	text string
}

func newAddress(ip netip.Addr) address { return address{ip, ip.String()} }

// appliance is where the connections to the servers come from.
var appliance = newAddress(netip.AddrFrom4([4]byte{10, 10, 0, 5}))

type target struct {
	number   int
	id, name string
	ip       netip.Addr
}

// host is the first part of the name.
func (t *target) host() string {
	host, _, _ := strings.Cut(t.name, ".")
	return host
}

// node is an appliance of the cluster. A modern one tells more than the guides'
// samples show.
type node struct {
	id     string
	modern bool
}

type policy struct {
	name, id string
	inKeys   string // its name as part of a session's key
}

// newWorld builds the world of a seed. Its size is fixed: 2,000 users and 5,000
// servers.
func newWorld(seed uint64) *world {
	d := newDice()
	d.throw(seed, -1)
	w := &world{week: weekProfile()}
	w.users = zipf(makeUsers(d), 8)
	w.nodes = newWeighted([]node{{d.uuid(), false}, {d.uuid(), false}, {d.uuid(), true}}, func(i int) float64 { return float64(4 - i) })
	w.protocols = newWeighted(makeProtocols(d), func(i int) float64 { return protocolKinds[i].share })
	w.codenames = zipf(shuffled(d, codenames), 1)
	return w
}

func makeUsers(d *dice) []*user {
	users := make([]*user, 0, 2000)
	for _, first := range firstNames {
		for _, last := range lastNames {
			users = append(users, &user{
				name: first + "." + last, display: title(first) + " " + title(last), domain: "corp.example.com",
			})
		}
	}
	for _, service := range services {
		for _, stage := range stages {
			name := "svc-" + service + "-" + stage
			users = append(users, &user{name: name, display: name, service: true})
		}
	}
	users = shuffled(d, users)
	for i, u := range users {
		n := i + 1
		u.from = []address{newAddress(netip.AddrFrom4([4]byte{10, 200, byte(n >> 8), byte(n)}))}
		if d.chance(0.2) { // works from home, too
			ip := [4]byte{192, 168, byte(d.IntN(256)), byte(d.between(2, 254))} //nolint:gosec // both are bytes
			u.from = append(u.from, newAddress(netip.AddrFrom4(ip)))
		}
		if d.chance(0.05) {
			u.from = append(u.from, newAddress(netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x12, 13: 1, 14: byte(n >> 8), 15: byte(n)})))
		}
	}
	return users
}

func makeProtocols(d *dice) []*protocol {
	protocols := make([]*protocol, len(protocolKinds))
	number := 0
	for i, kind := range protocolKinds {
		p := &protocol{protocolKind: kind}
		targets := make([]*target, 0, kind.servers)
		for j := range kind.servers {
			number++
			name := fmt.Sprintf("%s%02d.%s.example.com", kind.roles[j%len(kind.roles)], j/len(kind.roles)+1, pick(d, sites))
			targets = append(targets, &target{
				number: number,
				id:     fmt.Sprintf("srv-%04d", number),
				name:   name,
				ip:     netip.AddrFrom4([4]byte{10, byte(20 + i), byte(number >> 8), byte(number)}),
			})
		}
		p.targets = zipf(shuffled(d, targets), 8)
		policies := make([]policy, len(kind.policies))
		for j, name := range kind.policies {
			policies[j] = policy{
				name: name, id: string(d.appendText(nil, 23, "0123456789abcdef")), inKeys: strings.ReplaceAll(name, "-", "_"),
			}
		}
		p.connections = zipf(policies, 1)
		protocols[i] = p
	}
	return protocols
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func shuffled[T any](d *dice, from []T) []T {
	to := append([]T(nil), from...)
	d.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
	return to
}

// weekProfile says how much of a week's work is done before each of its hours,
// counted from the hour of the week at which the world ends.
func weekProfile() []float64 {
	const hours = 7 * 24
	profile := make([]float64, hours+1)
	for h := range hours {
		at := worldEnd.Add(time.Duration(h) * time.Hour)
		work := 0.1
		if hour := at.Hour(); hour >= 7 && hour < 19 {
			work = 1
		}
		if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
			work /= 5
		}
		profile[h+1] = profile[h] + work
	}
	for h := range profile {
		profile[h] /= profile[hours]
	}
	return profile
}
