package client

import "time"

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

type plainAccessRequest AccessRequest // has no methods

// wireAccessRequest reads times in every form that the API has.
type wireAccessRequest struct {
	plainAccessRequest
	Created                *wireStep `json:"created"`
	Approved               *wireStep `json:"approved"`
	Denied                 *wireStep `json:"denied"`
	Revoked                *wireStep `json:"revoked"`
	Reviewed               *wireStep `json:"reviewed"`
	Closed                 *wireStep `json:"closed"`
	AutoApproved           stamp     `json:"auto_approved"`
	Available              stamp     `json:"available"`
	EmergencyAccessGranted stamp     `json:"emergency_access_granted"`
	CheckedIn              stamp     `json:"checked_in"`
	Expired                stamp     `json:"expired"`
}

func (w *wireAccessRequest) accessRequest() *AccessRequest {
	if w == nil {
		return nil
	}
	r := AccessRequest(w.plainAccessRequest)
	r.Created, r.Approved, r.Denied = w.Created.step(), w.Approved.step(), w.Denied.step()
	r.Revoked, r.Reviewed, r.Closed = w.Revoked.step(), w.Reviewed.step(), w.Closed.step()
	r.AutoApproved, r.Available = w.AutoApproved.pointer(), w.Available.pointer()
	r.EmergencyAccessGranted = w.EmergencyAccessGranted.pointer()
	r.CheckedIn, r.Expired = w.CheckedIn.pointer(), w.Expired.pointer()
	return &r
}

// AccessRequestStep is a step in the life of an access request.
type AccessRequestStep struct {
	Comment   string            `json:"comment"`
	Timestamp *time.Time        `json:"timestamp"`
	User      AccessRequestUser `json:"user"`
}

type plainStep AccessRequestStep // has no methods

type wireStep struct {
	plainStep
	Timestamp stamp `json:"timestamp"`
}

func (w *wireStep) step() *AccessRequestStep {
	if w == nil {
		return nil
	}
	s := AccessRequestStep(w.plainStep)
	s.Timestamp = w.Timestamp.pointer()
	return &s
}

// AccessRequestUser is who took a step in the life of an access request.
type AccessRequestUser struct {
	ClientIPAddress string `json:"client_ip_address"`
	DomainName      string `json:"domain_name"`
	UserDisplayName string `json:"user_display_name"`
	UserID          int64  `json:"user_id"`
	UserName        string `json:"user_name"`
}
