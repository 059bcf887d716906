package audit

import (
	"time"

	"github.com/spskit/spskit/server/store"
)

// sessionsPath is where the API has its sessions.
const sessionsPath = "/api/audit/sessions/"

// Service answers questions about recorded sessions.
type Service struct {
	sessions store.Sessions
	now      func() time.Time
}

// New returns a service over the given sessions.
func New(sessions store.Sessions, now func() time.Time) *Service {
	return &Service{sessions: sessions, now: now}
}
