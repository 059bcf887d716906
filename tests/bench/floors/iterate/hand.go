//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// sessionPage has the fields that client.Session has, so that the same is decoded.
type sessionPage struct {
	Items []struct {
		Key  string `json:"key"`
		Body struct {
			Active       bool       `json:"active"`
			StartTime    time.Time  `json:"start_time"`
			EndTime      *time.Time `json:"end_time"`
			CreationTime time.Time  `json:"creation_time"`
			Duration     int64      `json:"duration"`
			Protocol     string     `json:"protocol"`
			Verdict      string     `json:"verdict"`
			Origin       string     `json:"origin"`
			User         user       `json:"user"`
			Client       peer       `json:"client"`
			Server       server     `json:"server"`
			Recording    recording  `json:"recording"`
			Analytics    *analytics `json:"analytics"`
			Log          *logged    `json:"log"`
			Vault        *vault     `json:"vault"`
			NodeID       string     `json:"node_id"`
			Revision     int64      `json:"revision"`
			Hidden       bool       `json:"hidden"`
			Phantom      bool       `json:"phantom"`
			TrailLink    string     `json:"trail_download_link"`
		} `json:"body"`
	} `json:"items"`
	Meta struct {
		Next *string `json:"next"`
	} `json:"meta"`
}

type user struct {
	ID                   string `json:"id"`
	Name                 string `json:"name"`
	NameDomain           string `json:"name_domain"`
	GatewayUsername      string `json:"gateway_username"`
	GatewayDomain        string `json:"gateway_username_domain"`
	ServerUsername       any    `json:"server_username"`
	ServerUsernameDomain string `json:"server_username_domain"`
}

type server struct {
	peer
	ID      string `json:"id"`
	Address string `json:"address"`
}

type recording struct {
	SessionID            string      `json:"session_id"`
	Verdict              string      `json:"verdict"`
	DenyReason           string      `json:"deny_reason"`
	AuthMethod           string      `json:"auth_method"`
	ConnectionPolicy     string      `json:"connection_policy"`
	ConnectionPolicyID   string      `json:"connection_policy_id"`
	ChannelPolicy        string      `json:"channel_policy"`
	ContentReferenceID   int64       `json:"content_reference_id"`
	NetworkID            string      `json:"network_id"`
	HasAcceptedChannel   bool        `json:"has_accepted_channel"`
	CommandExtracted     bool        `json:"command_extracted"`
	WindowTitleExtracted bool        `json:"window_title_extracted"`
	IndexStatus          string      `json:"index_status"`
	ServerLocal          peer        `json:"server_local"`
	Target               peer        `json:"target"`
	Archived             bool        `json:"archived"`
	Archive              *archive    `json:"archive"`
	AuditTrail           *auditTrail `json:"audit_trail"`
}

type archive struct {
	Date   *time.Time `json:"date"`
	Policy string     `json:"policy"`
	Server string     `json:"server"`
	Path   string     `json:"path"`
}

type auditTrail struct {
	Archive  *archive `json:"archive"`
	Download struct {
		Href string `json:"href"`
	} `json:"download"`
}

type analytics struct {
	Score *struct {
		Aggregated int                             `json:"aggregated"`
		Details    map[string]struct{ Score *int } `json:"details"`
		Time       *time.Time                      `json:"time"`
	} `json:"score"`
	InterestingEvents    []string        `json:"interesting_events"`
	Scripted             bool            `json:"scripted"`
	ScriptedResults      json.RawMessage `json:"scripted_results"`
	SimilarSessions      []string        `json:"similar_sessions"`
	Tags                 []string        `json:"tags"`
	BucketedDuration     string          `json:"bucketed_duration"`
	BucketedStartingHour string          `json:"bucketed_starting_hour"`
}

type logged struct {
	AdapterName string     `json:"adapter_name"`
	AuthMethod  string     `json:"auth_method"`
	SyslogTime  *time.Time `json:"syslog_time"`
}

type vault struct {
	AccessRequestType      string     `json:"access_request_type"`
	AccountID              int64      `json:"account_id"`
	AccountName            string     `json:"account_name"`
	ApplianceID            string     `json:"appliance_id"`
	ApplianceName          string     `json:"appliance_name"`
	AssetPartitionID       int64      `json:"asset_partition_id"`
	AssetPartitionName     string     `json:"asset_partition_name"`
	BrokerID               int64      `json:"broker_id"`
	BrokerName             string     `json:"broker_name"`
	IsEmergency            bool       `json:"is_emergency"`
	OfflineWorkflow        bool       `json:"offline_workflow"`
	ReasonName             string     `json:"reason_name"`
	SystemID               int64      `json:"system_id"`
	SystemName             string     `json:"system_name"`
	TicketNumber           string     `json:"ticket_number"`
	Created                *step      `json:"created"`
	Approved               *step      `json:"approved"`
	Denied                 *step      `json:"denied"`
	Revoked                *step      `json:"revoked"`
	Reviewed               *step      `json:"reviewed"`
	Closed                 *step      `json:"closed"`
	AutoApproved           *time.Time `json:"auto_approved"`
	Available              *time.Time `json:"available"`
	EmergencyAccessGranted *time.Time `json:"emergency_access_granted"`
	CheckedIn              *time.Time `json:"checked_in"`
	Expired                *time.Time `json:"expired"`
}

type step struct {
	Comment   string     `json:"comment"`
	Timestamp *time.Time `json:"timestamp"`
	User      struct {
		ClientIPAddress string `json:"client_ip_address"`
		DomainName      string `json:"domain_name"`
		UserDisplayName string `json:"user_display_name"`
		UserID          int64  `json:"user_id"`
		UserName        string `json:"user_name"`
	} `json:"user"`
}

type peer struct {
	IP   string `json:"ip"`
	Name string `json:"name"`
	Port int    `json:"port"`
}

// hand has a cookie and nothing else.
type hand struct{ server, cookie string }

func byHand(ctx context.Context, server string, w *walk) error {
	h := hand{server: server}
	if err := h.get(ctx, "/api/authentication", &struct{}{}); err != nil {
		return err
	}
	var opened struct{ Body struct{ Snapshot string } }
	if err := h.get(ctx, "/api/audit/sessions/_snapshot", &opened); err != nil {
		return err
	}
	next := "/api/audit/sessions?fields=*&snapshot=" + url.QueryEscape(opened.Body.Snapshot)
	for next != "" {
		var page sessionPage
		if err := h.get(ctx, next, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			w.count(item.Body.User.Name, time.Duration(item.Body.Duration)*time.Second)
		}
		next = ""
		if page.Meta.Next != nil {
			next = *page.Meta.Next
		}
	}
	return nil
}

// get decodes an answer, and keeps the login's cookie when there is one in it.
func (h *hand) get(ctx context.Context, path string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.server+path, http.NoBody)
	if err != nil {
		return err
	}
	if h.cookie == "" {
		r.SetBasicAuth("admin", password())
	} else {
		r.Header.Set("Cookie", "session_id="+h.cookie)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	for _, c := range resp.Cookies() {
		h.cookie = c.Value
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
