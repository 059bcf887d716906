package seed

import (
	"fmt"
	"net/netip"
	"time"
)

// request is the access request that a session was opened for. Its steps are
// nil when they did not happen.
type request struct {
	number                    int
	kind                      string
	account                   string
	emergency                 bool
	reason, ticket            string
	available, checkedIn      time.Time
	created, approved, closed *step
	reviewed                  *step
}

type step struct {
	at      time.Time
	comment string
	user    *user
	number  int64 // of the user
	from    netip.Addr
}

var reasons = []string{"Incident", "Change", "Maintenance", "Audit"}

// drawRequest draws the request for a session; the session's user made it.
func (w *world) drawRequest(d *dice, s *session) *request {
	r := &request{number: d.IntN(1000), account: s.account, reason: pick(d, reasons)}
	switch s.protocol.name {
	case "SSH", "TELNET":
		r.kind = s.protocol.name
	case "RDP":
		r.kind = "REMOTEDESKTOP"
	default:
		return nil
	}
	asked := s.start.Add(-time.Duration(d.between(600, 86400)) * time.Second)
	r.created = newStep(d, asked, s.user, "Need access to "+s.target.name)
	if r.emergency = d.chance(0.05); !r.emergency {
		r.approved = newStep(d, asked.Add(time.Duration(d.between(60, 500))*time.Second), w.users.pick(d), "ok")
	}
	r.available = asked.Add(540 * time.Second)
	if !s.active {
		r.checkedIn = s.end.Add(time.Duration(d.between(5, 600)) * time.Second)
		r.closed = newStep(d, r.checkedIn, s.user, "")
	}
	if d.chance(0.3) && r.closed != nil {
		r.reviewed = newStep(d, r.checkedIn.Add(time.Duration(d.between(1, 72))*time.Hour), w.users.pick(d), "Nothing unusual.")
	}
	if d.chance(0.6) {
		r.ticket = fmt.Sprintf("%s-%05d", pick(d, []string{"INC", "CHG"}), d.IntN(100000))
	}
	return r
}

func newStep(d *dice, at time.Time, u *user, comment string) *step {
	return &step{at: at, comment: comment, user: u, number: int64(d.between(1, 5000)), from: u.from[0].ip}
}

// write writes the access-request data of a body.
func (r *request) write(b *builder, s *session) {
	b.open("vault")
	b.string("vault.access_request_type", r.kind)
	b.number("vault.account_id", int64(1000+r.number))
	b.string("vault.account_name", r.account)
	b.string("vault.appliance_id", "000c29f04d11")
	b.string("vault.appliance_name", "spp01")
	r.approved.write(b, "vault.approved")
	b.number("vault.asset_partition_id", -1)
	b.string("vault.asset_partition_name", "Macrocosm")
	b.time("vault.available", r.available)
	if !r.checkedIn.IsZero() {
		b.time("vault.checked_in", r.checkedIn)
	}
	r.closed.write(b, "vault.closed")
	r.created.write(b, "vault.created")
	if r.emergency {
		b.time("vault.emergency_access_granted", r.available)
	}
	b.boolean("vault.is_emergency", r.emergency)
	b.boolean("vault.offline_workflow", false)
	b.string("vault.reason_name", r.reason)
	r.reviewed.write(b, "vault.reviewed")
	b.number("vault.system_id", int64(s.target.number))
	b.string("vault.system_name", s.target.name)
	if r.ticket != "" {
		b.string("vault.ticket_number", r.ticket)
	}
	b.close()
}

func (st *step) write(b *builder, path string) {
	if st == nil {
		return
	}
	b.open(path)
	b.string(path+".comment", st.comment)
	b.time(path+".timestamp", st.at)
	b.open("user")
	b.addr(path+".user.client_ip_address", st.from)
	if st.user.domain != "" {
		b.string(path+".user.domain_name", st.user.domain)
	}
	b.string(path+".user.user_display_name", st.user.display)
	b.number(path+".user.user_id", st.number)
	b.string(path+".user.user_name", st.user.name)
	b.close()
	b.close()
}
