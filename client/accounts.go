package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// LocalUser is a user in the appliance's own database.
type LocalUser struct {
	Key      string    `json:"-"`
	Name     string    `json:"name"`              // that the user logs in with; it cannot be changed
	Password Reference `json:"password,omitzero"` // stored by Tx.CreatePassword, for this user only
	Extra    Members   `json:"-"`
}

var localUsers = kind[LocalUser]{
	path: "/api/configuration/aaa/local_database/users", one: "LocalUser", many: "LocalUsers",
	key: func(u *LocalUser) *string { return &u.Key },
}

// LocalUsers are the users in the appliance's own database.
func (c *Client) LocalUsers() Collection[LocalUser] { return of(c, localUsers) }

// LocalUsers are the users in the appliance's own database.
func (tx *Tx) LocalUsers() TxCollection[LocalUser] { return within(tx, localUsers) }

// LocalGroup is a usergroup in the appliance's own database. Groups carry the rights of
// their members.
type LocalGroup struct {
	Key     string   `json:"-"`
	Name    string   `json:"name"`
	Members []string `json:"members"` // names of users
	Extra   Members  `json:"-"`
}

var localGroups = kind[LocalGroup]{
	path: "/api/configuration/aaa/local_database/groups", one: "LocalGroup", many: "LocalGroups",
	key: func(g *LocalGroup) *string { return &g.Key },
}

// LocalGroups are the usergroups in the appliance's own database.
func (c *Client) LocalGroups() Collection[LocalGroup] { return of(c, localGroups) }

// LocalGroups are the usergroups in the appliance's own database.
func (tx *Tx) LocalGroups() TxCollection[LocalGroup] { return within(tx, localGroups) }

// AuditDataRule says which recorded sessions the members of usergroups may find, read
// and download. Who is in no rule sees none.
type AuditDataRule struct {
	Key    string   `json:"-"`
	Name   string   `json:"name"`
	Groups []string `json:"groups"` // names of usergroups
	Query  string   `json:"query"`  // an expression as Raw takes it; empty for all sessions
	Extra  Members  `json:"-"`
}

var auditDataRules = kind[AuditDataRule]{
	path: "/api/acl/audit_data", one: "AuditDataRule", many: "AuditDataRules",
	key: func(r *AuditDataRule) *string { return &r.Key },
}

// AuditDataRules are the rules that say who may see which sessions.
func (c *Client) AuditDataRules() Collection[AuditDataRule] { return of(c, auditDataRules) }

// AuditDataRules are the rules that say who may see which sessions.
func (tx *Tx) AuditDataRules() TxCollection[AuditDataRule] { return within(tx, auditDataRules) }

const passwords = "/api/configuration/passwords" //nolint:gosec // a path

// CreatePassword stores a password for an object that is going to refer to it by the
// key that this returns, such as a LocalUser. Only one object can. The appliance never
// shows it again.
func (tx *Tx) CreatePassword(ctx context.Context, password Secret) (key Reference, err error) {
	plain := struct {
		Plain string `json:"plain"`
	}{string(password)}
	created, err := tx.scope().create(ctx, "createPassword", passwords, plain)
	return Reference(created), err
}

// HasPassword tells whether a password is stored under this key.
func (c *Client) HasPassword(ctx context.Context, key Reference) (bool, error) {
	return c.scope().hasPassword(ctx, key)
}

// HasPassword tells whether a password is stored under this key.
func (tx *Tx) HasPassword(ctx context.Context, key Reference) (bool, error) {
	return tx.scope().hasPassword(ctx, key)
}

func (s scope) hasPassword(ctx context.Context, key Reference) (bool, error) {
	const operation = "getPassword"
	if err := checkKey(string(key)); err != nil {
		return false, fmt.Errorf("%s: %w", operation, err)
	}
	err := s.request(ctx, operation, http.MethodGet, passwords+"/"+url.PathEscape(string(key)), nil, nil)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
