package client

import (
	"encoding/json"
	"time"
)

// IndexStatus says how far indexing has come. Values that this package doesn't know
// are kept as they came.
type IndexStatus string

// The states that the contract lists.
const (
	IndexChannelOpen IndexStatus = "CHANNEL_OPEN" // the session still goes on
	IndexNotIndexed  IndexStatus = "NOT_INDEXED"  // it waits
	IndexInProgress  IndexStatus = "INDEXING_IN_PROGRESS"
	IndexDone        IndexStatus = "INDEXED"
	IndexNotRequired IndexStatus = "INDEXING_NOT_REQUIRED"
	IndexFailed      IndexStatus = "INDEXING_FAILED"
	IndexNoTrail     IndexStatus = "NO_TRAIL" // there is nothing to index
)

// Recording is how a session was recorded. It is zero for sessions that were not.
type Recording struct {
	SessionID            string        `json:"session_id"` // in log messages and in the trail; not the key
	Verdict              Verdict       `json:"verdict"`
	DenyReason           string        `json:"deny_reason"`
	AuthMethod           string        `json:"auth_method"`
	ConnectionPolicy     string        `json:"connection_policy"`
	ConnectionPolicyID   string        `json:"connection_policy_id"`
	ChannelPolicy        string        `json:"channel_policy"`
	ContentReferenceID   int64         `json:"content_reference_id"` // number of the TCP connection
	NetworkID            string        `json:"network_id"`
	HasAcceptedChannel   bool          `json:"has_accepted_channel"`
	CommandExtracted     bool          `json:"command_extracted"`
	WindowTitleExtracted bool          `json:"window_title_extracted"`
	IndexStatus          IndexStatus   `json:"index_status"`
	ServerLocal          Peer          `json:"server_local"` // the appliance's own end towards the server
	Target               Peer          `json:"target"`       // where the client wanted to go
	Archived             bool          `json:"archived"`
	Archive              *TrailArchive `json:"archive"`     // in lists; in a single session AuditTrail has it
	AuditTrail           *AuditTrail   `json:"audit_trail"` // nil if there is no trail
}

// AuditTrail is where the trail of a session is.
type AuditTrail struct {
	Archive  *TrailArchive `json:"archive"` // nil if it isn't archived
	Download Link          `json:"download"`
}

// TrailArchive is where a trail has been archived.
type TrailArchive struct {
	Date   *time.Time `json:"date"`
	Policy string     `json:"policy"`
	Server string     `json:"server"`
	Path   string     `json:"path"`
}

// UnmarshalJSON reads times in every form that the API has.
func (a *TrailArchive) UnmarshalJSON(value []byte) error {
	type plain TrailArchive // has no methods
	wire := struct {
		*plain
		Date stamp `json:"date"`
	}{plain: (*plain)(a)}
	err := json.Unmarshal(value, &wire)
	a.Date = wire.Date.pointer()
	return err
}

// Link leads to a resource. Client.Get takes its Href.
type Link struct {
	Href string `json:"href"`
}

// Analytics is what the analytics module found out about a session.
type Analytics struct {
	Score                *AnalyticsScore `json:"score"` // nil if the session has not been scored
	InterestingEvents    []string        `json:"interesting_events"`
	Scripted             bool            `json:"scripted"`         // a script seems to have worked, not a person
	ScriptedResults      json.RawMessage `json:"scripted_results"` // its form is not public
	SimilarSessions      []string        `json:"similar_sessions"` // keys
	Tags                 []string        `json:"tags"`
	BucketedDuration     string          `json:"bucketed_duration"`
	BucketedStartingHour string          `json:"bucketed_starting_hour"`
}

type plainAnalytics Analytics // has no methods

// wireAnalytics leaves out of the lists of texts what is no text.
type wireAnalytics struct {
	plainAnalytics
	Score             *wireScore `json:"score"`
	InterestingEvents onlyTexts  `json:"interesting_events"`
	SimilarSessions   onlyTexts  `json:"similar_sessions"`
	Tags              onlyTexts  `json:"tags"`
}

func (w *wireAnalytics) analytics() *Analytics {
	if w == nil {
		return nil
	}
	a := Analytics(w.plainAnalytics)
	a.Score = w.Score.score()
	a.InterestingEvents, a.SimilarSessions, a.Tags = w.InterestingEvents, w.SimilarSessions, w.Tags
	return &a
}

// AnalyticsScore says how unusual a session is, from 0 to 100.
type AnalyticsScore struct {
	Aggregated int        `json:"aggregated"` // all algorithms in one
	Details    Scores     `json:"details"`
	Time       *time.Time `json:"time"` // when the session was scored
}

type plainScore AnalyticsScore // has no methods

// wireScore reads the time in every form that the API has.
type wireScore struct {
	plainScore
	Time stamp `json:"time"`
}

func (w *wireScore) score() *AnalyticsScore {
	if w == nil {
		return nil
	}
	s := AnalyticsScore(w.plainScore)
	s.Time = w.Time.pointer()
	return &s
}

// Scores are the scores of single algorithms, by the algorithm's name: "command",
// "fis", "hostlogin", "keystroke", "logintime", "mouse", "windowtitle", and whatever
// newer versions add.
type Scores map[string]int

// UnmarshalJSON leaves out algorithms that gave no score.
func (s *Scores) UnmarshalJSON(value []byte) error {
	var wire map[string]struct{ Score *int }
	if err := json.Unmarshal(value, &wire); err != nil {
		return err
	}
	for name, algorithm := range wire {
		if algorithm.Score == nil {
			continue
		}
		if *s == nil {
			*s = Scores{}
		}
		(*s)[name] = *algorithm.Score
	}
	return nil
}

// SessionLog is where log messages told of a session.
type SessionLog struct {
	AdapterName string     `json:"adapter_name"`
	AuthMethod  string     `json:"auth_method"`
	SyslogTime  *time.Time `json:"syslog_time"`
}

// UnmarshalJSON reads times in every form that the API has.
func (l *SessionLog) UnmarshalJSON(value []byte) error {
	type plain SessionLog // has no methods
	wire := struct {
		*plain
		SyslogTime stamp `json:"syslog_time"`
	}{plain: (*plain)(l)}
	err := json.Unmarshal(value, &wire)
	l.SyslogTime = wire.SyslogTime.pointer()
	return err
}
