package client

// What can be changed keeps the members that it has no field for; see Members.

// UnmarshalJSON keeps all members.
func (v *ProtocolOptions) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v ProtocolOptions) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *ServiceOptions) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v ServiceOptions) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *AuditOptions) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v AuditOptions) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *AuditCleanup) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v AuditCleanup) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *ChannelDatabaseCleanup) UnmarshalJSON(document []byte) error {
	return readMembers(document, v)
}

// MarshalJSON writes all members.
func (v ChannelDatabaseCleanup) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *Timestamping) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v Timestamping) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *TimestampingOID) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v TimestampingOID) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *Switch) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v Switch) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *ChannelPolicy) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v ChannelPolicy) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *ChannelRule) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v ChannelRule) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *ChannelActions) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v ChannelActions) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *AuditPolicy) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v AuditPolicy) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *AuditTimestamping) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v AuditTimestamping) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *TimePolicy) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v TimePolicy) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *TimePolicyDays) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v TimePolicyDays) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *TimeRange) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v TimeRange) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *LocalUser) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v LocalUser) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *LocalGroup) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v LocalGroup) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *AuditDataRule) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v AuditDataRule) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *WebInterface) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v WebInterface) MarshalJSON() ([]byte, error) { return writeMembers(v) }

// UnmarshalJSON keeps all members.
func (v *Accounting) UnmarshalJSON(document []byte) error { return readMembers(document, v) }

// MarshalJSON writes all members.
func (v Accounting) MarshalJSON() ([]byte, error) { return writeMembers(v) }
