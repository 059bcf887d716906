package client

import (
	"encoding/json"
	"time"
)

// Protocol is the protocol of a session. Values that this package doesn't know are
// kept as they came.
type Protocol string

// The protocols that the contract lists.
const (
	ProtocolSSH    Protocol = "SSH"
	ProtocolRDP    Protocol = "RDP"
	ProtocolICA    Protocol = "ICA"
	ProtocolVNC    Protocol = "VNC"
	ProtocolTelnet Protocol = "TELNET"
	ProtocolHTTP   Protocol = "HTTP"
	ProtocolMSSQL  Protocol = "MSSQL"
)

// Verdict says what became of a session. Values that this package doesn't know are
// kept as they came.
type Verdict string

// The verdicts that the contract lists. VerdictAccepted is an odd spelling of
// VerdictAccept that occurs in recordings only.
const (
	VerdictAccept          Verdict = "ACCEPT"
	VerdictAuthFail        Verdict = "AUTH_FAIL"
	VerdictTerminated      Verdict = "TERMINATED"
	VerdictFail            Verdict = "FAIL"
	VerdictDeny            Verdict = "DENY"
	VerdictGatewayAuthFail Verdict = "GW_AUTH_FAIL"
	VerdictKeyError        Verdict = "KEY_ERROR"
	VerdictUserMapFail     Verdict = "USER_MAP_FAIL"
	VerdictAccepted        Verdict = "Accepted"
)

// Origin says how the appliance learned of a session. Values that this package
// doesn't know are kept as they came.
type Origin string

// The origins that the contract lists.
const (
	OriginRecording Origin = "RECORDING" // the appliance recorded it
	OriginLog       Origin = "LOG"       // log messages told of it
	OriginVault     Origin = "VAULT"     // the access-request system told of it
)

// Session is a recorded session. What the server left out, because it has no value or
// because SessionQuery.Fields doesn't ask for it, is zero here; Raw tells the
// difference, and has the members that this package doesn't know.
type Session struct {
	Key string `json:"-"` // names the session in all calls

	Active       bool          `json:"active"` // still going on
	StartTime    time.Time     `json:"-"`      // in the zone that the appliance gave
	EndTime      *time.Time    `json:"-"`      // nil as long as the session goes on
	CreationTime time.Time     `json:"-"`      // when this record was made
	Duration     time.Duration `json:"-"`      // so far, if the session goes on
	Protocol     Protocol      `json:"protocol"`
	Verdict      Verdict       `json:"verdict"`
	Origin       Origin        `json:"origin"`

	User   SessionUser `json:"user"`
	Client Peer        `json:"client"` // where the user came from
	Server Server      `json:"server"` // where the session led to

	Recording Recording      `json:"recording"`
	Analytics *Analytics     `json:"analytics"` // nil if the analytics module didn't look
	Log       *SessionLog    `json:"log"`       // nil unless log messages told of the session
	Vault     *AccessRequest `json:"vault"`     // nil without an access request

	NodeID    string `json:"node_id"`  // appliance that recorded the session
	Revision  int64  `json:"revision"` // larger in newer records of the same session
	Hidden    bool   `json:"hidden"`   // too little is known to show it in the web interface
	Phantom   bool   `json:"phantom"`
	TrailLink string `json:"trail_download_link"` // for browsers; DownloadTrail needs only the key

	Raw json.RawMessage `json:"-"` // key, body and links as the server sent them
}

// HasTrail tells whether the session links to an audit trail that DownloadTrail can
// read. It needs the properties "recording" and "trail_download_link", if the session
// was read with some only. In the lists of newer appliances sessions may have neither
// link; then Client.Session tells.
func (s *Session) HasTrail() bool { return s.Recording.AuditTrail != nil || s.TrailLink != "" }

// SessionUser is who worked in a session.
type SessionUser struct {
	ID                   string   `json:"id"`
	Name                 string   `json:"name"` // at the gateway, or on the server if the gateway didn't ask
	NameDomain           string   `json:"name_domain"`
	GatewayUsername      string   `json:"gateway_username"`
	GatewayDomain        string   `json:"gateway_username_domain"`
	ServerUsernames      []string `json:"-"` // usually one
	ServerUsernameDomain string   `json:"server_username_domain"`
}

type plainUser SessionUser // has no methods

// wireUser reads the server's user name whether it is one or a list.
type wireUser struct {
	*plainUser
	ServerUsernames texts `json:"server_username"`
}

// Peer is one end of a network connection.
type Peer struct {
	IP   string `json:"ip"`
	Name string `json:"name"` // the address again if there is no name
	Port int    `json:"port"`
}

// Server is the remote server of a session.
type Server struct {
	Peer
	ID      string `json:"id"`
	Address string `json:"address"` // as the access-request system knows it
}

func (s *Session) key() string { return s.Key }

// MarshalJSON writes the session as the server sent it.
func (s Session) MarshalJSON() ([]byte, error) { return orNull(s.Raw), nil }

// UnmarshalJSON reads a session, as it is in the API's lists and documents.
func (s *Session) UnmarshalJSON(document []byte) error { return unmarshal(s, document) }

func (s *Session) scan() (into any, done func(raw []byte)) {
	type plain Session // has no methods
	type body struct {
		*plain
		StartTime    stamp              `json:"start_time"`
		EndTime      stamp              `json:"end_time"`
		CreationTime stamp              `json:"creation_time"`
		Duration     seconds            `json:"duration"`
		User         wireUser           `json:"user"`
		Analytics    *wireAnalytics     `json:"analytics"`
		Vault        *wireAccessRequest `json:"vault"`
	}
	*s = Session{}
	wire := &struct {
		Key  *string
		Body body
	}{&s.Key, body{plain: (*plain)(s), User: wireUser{plainUser: (*plainUser)(&s.User)}}}
	return wire, func(raw []byte) {
		b := &wire.Body
		s.StartTime, s.EndTime, s.CreationTime = b.StartTime.Time, b.EndTime.pointer(), b.CreationTime.Time
		s.Duration = b.Duration.duration()
		s.User.ServerUsernames = b.User.ServerUsernames
		s.Analytics, s.Vault = b.Analytics.analytics(), b.Vault.accessRequest()
		s.Raw = keep(raw)
	}
}
