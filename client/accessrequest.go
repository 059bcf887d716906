package client

import (
	"encoding/json"
	"time"
)

// AccessRequest is the access request under which a session took place, as Safeguard
// for Privileged Passwords knows it. Steps that were not taken are nil.
type AccessRequest struct {
	AccessRequestType  string `json:"access_request_type"`
	AccountID          int64  `json:"account_id"`
	AccountName        string `json:"account_name"`
	ApplianceID        string `json:"appliance_id"`
	ApplianceName      string `json:"appliance_name"`
	AssetPartitionID   int64  `json:"asset_partition_id"` // -1 for the default one
	AssetPartitionName string `json:"asset_partition_name"`
	BrokerID           int64  `json:"broker_id"` // who made the request for somebody else
	BrokerName         string `json:"broker_name"`
	IsEmergency        bool   `json:"is_emergency"`
	OfflineWorkflow    bool   `json:"offline_workflow"` // the appliance was cut off from its cluster
	ReasonName         string `json:"reason_name"`
	SystemID           int64  `json:"system_id"`
	SystemName         string `json:"system_name"`
	TicketNumber       string `json:"ticket_number"`

	Created  *AccessRequestStep `json:"created"`
	Approved *AccessRequestStep `json:"approved"`
	Denied   *AccessRequestStep `json:"denied"`
	Revoked  *AccessRequestStep `json:"revoked"`
	Reviewed *AccessRequestStep `json:"reviewed"`
	Closed   *AccessRequestStep `json:"closed"`

	AutoApproved           *time.Time `json:"auto_approved"`
	Available              *time.Time `json:"available"`
	EmergencyAccessGranted *time.Time `json:"emergency_access_granted"`
	CheckedIn              *time.Time `json:"checked_in"`
	Expired                *time.Time `json:"expired"`
}

// UnmarshalJSON reads times in every form that the API has.
func (r *AccessRequest) UnmarshalJSON(value []byte) error {
	type plain AccessRequest // has no methods
	wire := struct {
		*plain
		AutoApproved           stamp `json:"auto_approved"`
		Available              stamp `json:"available"`
		EmergencyAccessGranted stamp `json:"emergency_access_granted"`
		CheckedIn              stamp `json:"checked_in"`
		Expired                stamp `json:"expired"`
	}{plain: (*plain)(r)}
	err := json.Unmarshal(value, &wire)
	r.AutoApproved = wire.AutoApproved.pointer()
	r.Available = wire.Available.pointer()
	r.EmergencyAccessGranted = wire.EmergencyAccessGranted.pointer()
	r.CheckedIn = wire.CheckedIn.pointer()
	r.Expired = wire.Expired.pointer()
	return err
}

// AccessRequestStep is a step in the life of an access request.
type AccessRequestStep struct {
	Comment   string            `json:"comment"`
	Timestamp *time.Time        `json:"timestamp"`
	User      AccessRequestUser `json:"user"`
}

// UnmarshalJSON reads times in every form that the API has.
func (s *AccessRequestStep) UnmarshalJSON(value []byte) error {
	type plain AccessRequestStep // has no methods
	wire := struct {
		*plain
		Timestamp stamp `json:"timestamp"`
	}{plain: (*plain)(s)}
	err := json.Unmarshal(value, &wire)
	s.Timestamp = wire.Timestamp.pointer()
	return err
}

// AccessRequestUser is who took a step in the life of an access request.
type AccessRequestUser struct {
	ClientIPAddress string `json:"client_ip_address"`
	DomainName      string `json:"domain_name"`
	UserDisplayName string `json:"user_display_name"`
	UserID          int64  `json:"user_id"`
	UserName        string `json:"user_name"`
}
