package client

// ChannelPolicy says which channels of a protocol are allowed and what is done with
// them.
type ChannelPolicy struct {
	Key   string        `json:"-"`
	Name  string        `json:"name"`
	Rules []ChannelRule `json:"rules"` // the first that matches a channel decides
	Extra Members       `json:"-"`
}

// ChannelRule says what is done with the channels that match. What they match by is in
// Extra.
type ChannelRule struct {
	Actions    *ChannelActions `json:"actions,omitzero"`
	TimePolicy Reference       `json:"time_policy,omitzero"` // when the channels may be used
	Extra      Members         `json:"-"`
}

// ChannelActions says what is done with a channel.
type ChannelActions struct {
	Audit *bool   `json:"audit,omitzero"` // whether it is recorded into the audit trail
	Extra Members `json:"-"`
}

// ChannelPolicies are the channel policies of a protocol.
func (c *Client) ChannelPolicies(p Protocol) Collection[ChannelPolicy] {
	return of(c, channelPolicies(p))
}

// ChannelPolicies are the channel policies of a protocol.
func (tx *Tx) ChannelPolicies(p Protocol) TxCollection[ChannelPolicy] {
	return within(tx, channelPolicies(p))
}

func channelPolicies(p Protocol) kind[ChannelPolicy] {
	path, err := p.path()
	name := p.operation()
	return kind[ChannelPolicy]{
		path: path + "/channel_policies", one: name + "ChannelPolicy", many: name + "ChannelPolicies",
		key: func(p *ChannelPolicy) *string { return &p.Key }, err: err,
	}
}

// AuditPolicy says how audit trails are encrypted, signed and timestamped. Up to 6.x
// the options of each protocol say so of timestamping.
type AuditPolicy struct {
	Key             string             `json:"-"`
	Name            string             `json:"name"`
	Encryption      Switch             `json:"encryption"`
	Signing         Switch             `json:"signing"`
	SigningInterval int                `json:"signing_and_timestamping_interval,omitzero"` // in seconds; from 7.0 on
	Timestamping    *AuditTimestamping `json:"timestamping,omitzero"`                      // from 7.0 on
	Extra           Members            `json:"-"`
}

// AuditTimestamping says whether audit trails are timestamped, and by whom.
type AuditTimestamping struct {
	Enabled bool          `json:"enabled"`
	Server  *Timestamping `json:"server,omitzero"` // if enabled
	Extra   Members       `json:"-"`
}

var auditPolicies = kind[AuditPolicy]{
	path: "/api/configuration/policies/audit_policies", one: "AuditPolicy", many: "AuditPolicies",
	key: func(p *AuditPolicy) *string { return &p.Key },
}

// AuditPolicies are the audit policies.
func (c *Client) AuditPolicies() Collection[AuditPolicy] { return of(c, auditPolicies) }

// AuditPolicies are the audit policies.
func (tx *Tx) AuditPolicies() TxCollection[AuditPolicy] { return within(tx, auditPolicies) }

// TimePolicy says when something is allowed.
type TimePolicy struct {
	Key   string         `json:"-"`
	Name  string         `json:"name"`
	Days  TimePolicyDays `json:"days"`
	Extra Members        `json:"-"`
}

// TimePolicyDays has the times of each day of the week. A day without any has none.
type TimePolicyDays struct {
	Monday    []TimeRange `json:"monday,omitzero"`
	Tuesday   []TimeRange `json:"tuesday,omitzero"`
	Wednesday []TimeRange `json:"wednesday,omitzero"`
	Thursday  []TimeRange `json:"thursday,omitzero"`
	Friday    []TimeRange `json:"friday,omitzero"`
	Saturday  []TimeRange `json:"saturday,omitzero"`
	Sunday    []TimeRange `json:"sunday,omitzero"`
	Extra     Members     `json:"-"`
}

// TimeRange is a stretch of a day.
type TimeRange struct {
	From  string  `json:"from"` // such as "08:00"
	To    string  `json:"to"`   // later than From, "24:00" at most
	Extra Members `json:"-"`
}

var timePolicies = kind[TimePolicy]{
	path: "/api/configuration/policies/time_policies", one: "TimePolicy", many: "TimePolicies",
	key: func(p *TimePolicy) *string { return &p.Key },
}

// TimePolicies are the time policies.
func (c *Client) TimePolicies() Collection[TimePolicy] { return of(c, timePolicies) }

// TimePolicies are the time policies.
func (tx *Tx) TimePolicies() TxCollection[TimePolicy] { return within(tx, timePolicies) }
