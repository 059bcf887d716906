package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ProtocolOptions are the options that hold for every connection of a protocol.
// Versions up to 6.x have Audit; from 7.0 on there is ChannelDatabaseCleanup in its
// place, and timestamping belongs to audit policies. The appliance's own form has to
// go back, so change what Options gave.
type ProtocolOptions struct {
	Service                ServiceOptions          `json:"service"`
	Audit                  *AuditOptions           `json:"audit,omitzero"`
	ChannelDatabaseCleanup *ChannelDatabaseCleanup `json:"channel_database_cleanup,omitzero"`
	GSSAPI                 *Switch                 `json:"gssapi,omitzero"` // whether users may authenticate by Kerberos; of SSH only
	Extra                  Members                 `json:"-"`
}

// CleanupDays is after how many days the metadata of a connection is deleted. 0 means
// never.
func (o *ProtocolOptions) CleanupDays() int {
	switch {
	case o.ChannelDatabaseCleanup != nil && o.ChannelDatabaseCleanup.Enabled:
		return o.ChannelDatabaseCleanup.Days
	case o.Audit != nil && o.Audit.Cleanup.Enabled:
		return o.Audit.Cleanup.Days
	}
	return 0
}

// SetCleanupDays sets after how many days the metadata of a connection is deleted, in
// the form that the options have. 0 means never. It has to be longer than the archiving
// policy keeps trails.
func (o *ProtocolOptions) SetCleanupDays(days int) {
	if o.Audit != nil {
		o.Audit.Cleanup.Enabled, o.Audit.Cleanup.Days = days > 0, days
		return
	}
	if o.ChannelDatabaseCleanup == nil {
		o.ChannelDatabaseCleanup = &ChannelDatabaseCleanup{}
	}
	o.ChannelDatabaseCleanup.Enabled, o.ChannelDatabaseCleanup.Days = days > 0, days
}

// ServiceOptions say whether connections of a protocol are served.
type ServiceOptions struct {
	Enabled  bool    `json:"enabled"`
	LogLevel *int    `json:"log_level,omitzero"` // larger means more detail; nil from 7.0 on while the service is off
	Extra    Members `json:"-"`
}

// AuditOptions are the options of what is recorded, in versions up to 6.x.
type AuditOptions struct {
	Cleanup      AuditCleanup `json:"cleanup"`
	Timestamping Timestamping `json:"timestamping"`
	Extra        Members      `json:"-"`
}

// AuditCleanup says whether the metadata of old connections is deleted, in versions up
// to 6.x.
type AuditCleanup struct {
	Enabled bool    `json:"enabled"`
	Days    int     `json:"channel_database_cleanup_days,omitzero"` // how long it is kept, if enabled
	Extra   Members `json:"-"`
}

// ChannelDatabaseCleanup says whether the metadata of old connections is deleted, from
// version 7.0 on.
type ChannelDatabaseCleanup struct {
	Enabled bool    `json:"enabled"`
	Days    int     `json:"days,omitzero"` // how long it is kept, if enabled
	Extra   Members `json:"-"`
}

// TimestampingSelection says who timestamps audit trails. Values that this package
// doesn't know are kept as they came.
type TimestampingSelection string

// The selections that the contract lists.
const (
	TimestampingLocal  TimestampingSelection = "local"  // the appliance itself
	TimestampingRemote TimestampingSelection = "remote" // another server
)

// Timestamping says which server timestamps audit trails.
type Timestamping struct {
	Selection       TimestampingSelection `json:"selection"`
	SigningInterval int                   `json:"signing_interval,omitzero"` // in seconds; of ProtocolOptions only, see AuditPolicy
	ServerURL       string                `json:"server_url,omitzero"`       // of TimestampingRemote only, as the next
	OID             *TimestampingOID      `json:"oid,omitzero"`
	Extra           Members               `json:"-"`
}

// TimestampingOID says whether a timestamping server is asked for a certain policy.
type TimestampingOID struct {
	Enabled   bool    `json:"enabled"`
	PolicyOID string  `json:"policy_oid,omitzero"` // such as "1.2.3", if enabled
	Extra     Members `json:"-"`
}

// Switch turns something on or off.
type Switch struct {
	Enabled bool    `json:"enabled"`
	Extra   Members `json:"-"`
}

// Options reads the options of all connections of a protocol.
func (c *Client) Options(ctx context.Context, p Protocol) (*ProtocolOptions, error) {
	return c.scope().options(ctx, p)
}

// Options reads the options of all connections of a protocol, with the pending changes
// in them.
func (tx *Tx) Options(ctx context.Context, p Protocol) (*ProtocolOptions, error) {
	return tx.scope().options(ctx, p)
}

func (s scope) options(ctx context.Context, p Protocol) (*ProtocolOptions, error) {
	path, err := p.path()
	operation := "get" + p.operation() + "Options"
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return read[ProtocolOptions](ctx, s, operation, path+"/options")
}

// SetOptions replaces the options of all connections of a protocol as a whole; nothing
// is merged.
func (tx *Tx) SetOptions(ctx context.Context, p Protocol, options *ProtocolOptions) error {
	path, err := p.path()
	operation := "replace" + p.operation() + "Options"
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return replace(ctx, tx.scope(), operation, path+"/options", options)
}

// path is where the configuration of a protocol is. Protocols that this package doesn't
// know are looked for in the same place.
func (p Protocol) path() (string, error) {
	name := strings.ToLower(string(p))
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return "", fmt.Errorf("%w: %q", errProtocol, string(p))
	}
	return "/api/configuration/" + name, nil
}

var errProtocol = errors.New("this is no name of a protocol")

// operation is what operationIds call a protocol, such as "Ssh".
func (p Protocol) operation() string {
	if p == "" {
		return ""
	}
	return strings.ToUpper(string(p[:1])) + strings.ToLower(string(p[1:]))
}
