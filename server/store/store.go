// Package store says what the stand-in keeps, and what every back end must
// guarantee: records, interfaces and sentinel errors.
//
// The comments on the interfaces are the contract; storetest turns each
// sentence into a test that every back end runs. This package holds no SQL, no
// rules of the REST API and no HTTP.
package store

import (
	"context"
	"errors"
	"time"
)

// The sentinel errors of every back end. Anything else that a method returns is
// a fault of the back end itself.
var (
	// ErrNotFound says that the named record does not exist (or has expired).
	ErrNotFound = errors.New("not found")
	// ErrExists says that a record of that name is there already.
	ErrExists = errors.New("already exists")
	// ErrNoTransaction says that the login holds no open transaction.
	ErrNoTransaction = errors.New("no open transaction")
	// ErrConflict says that a document was committed by somebody else since
	// this transaction first wrote it. See ConflictError.
	ErrConflict = errors.New("conflicting change")
	// ErrBusy says that another process is writing; nothing was changed; try
	// again.
	ErrBusy = errors.New("another process is writing")
	// ErrTooManyWords says that the patterns of a search match more different words
	// than it takes on, of all that were ever in the content.
	ErrTooManyWords = errors.New("pattern matches too many words")
	// ErrQuota says that a user has all the snapshots that one may have. See
	// QuotaError.
	ErrQuota = errors.New("snapshot quota exceeded")
	// ErrLocked says that another login holds the only transaction. See
	// LockedError.
	ErrLocked = errors.New("configuration is locked")
)

// LockedError names who holds the configuration. It matches ErrLocked.
type LockedError struct {
	Holder    string    // user name of the holder
	OpenedAt  time.Time // when the holder's transaction was opened
	ExpiresAt time.Time // when the holder's login ends if it stays idle
}

func (e *LockedError) Error() string { return "configuration is locked by " + e.Holder }

// Is reports whether target is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// ConflictError names the document that two transactions changed. It matches
// ErrConflict.
type ConflictError struct{ Path string }

func (e *ConflictError) Error() string { return "conflicting change of " + e.Path }

// Is reports whether target is ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// QuotaError says when the first of the user's snapshots expires if it is not
// used until then. It matches ErrQuota.
type QuotaError struct{ ExpiresAt time.Time }

func (e *QuotaError) Error() string { return "all snapshots of the user are in use" }

// Is reports whether target is ErrQuota.
func (e *QuotaError) Is(target error) bool { return target == ErrQuota }

// Store is everything a back end provides. All methods are safe for concurrent
// use, and what a method acknowledged survives the death of the process.
// Times are stored in UTC with microsecond precision. Whatever writes may fail
// with ErrBusy.
type Store interface {
	Users
	Logins
	APIKeys
	Configuration
	Sessions
	Aggregates
	Snapshots
	// Close waits for running calls and releases the back end.
	Close() error
}

// Rights say what a user may do. The zero value may do nothing but log in.
type Rights struct {
	Search     bool // search sessions and download their trails
	ReadConfig bool // read the configuration
	EditConfig bool // open transactions and change the configuration
}

// User is somebody who may log in.
type User struct {
	Name         string
	PasswordHash string
	Rights       Rights
	CreatedAt    time.Time
}

// Users keeps the accounts.
type Users interface {
	// CreateUser stores a new account; ErrExists when the name is taken.
	CreateUser(ctx context.Context, u User) error
	// User returns one account; ErrNotFound when there is none.
	User(ctx context.Context, name string) (User, error)
	// ListUsers returns all accounts, ordered by name.
	ListUsers(ctx context.Context) ([]User, error)
	// SetPassword replaces the hash and ends all of the user's logins, and
	// with them their transactions; ErrNotFound when there is no such user.
	SetPassword(ctx context.Context, name, passwordHash string) error
	// DeleteUser removes the account and ends all of its logins, and with them
	// their transactions; ErrNotFound when there is no such user.
	DeleteUser(ctx context.Context, name string) error
}

// LoginID identifies a login: the SHA-256 of its token, which is never stored.
// The zero LoginID is nobody.
type LoginID [32]byte

// Login is one REST login: a cookie's worth of authority.
type Login struct {
	ID        LoginID
	User      string
	Rights    Rights // as they were when the user logged in
	Address   string // of the client that logged in, without port
	Method    string // how the user proved who they are; empty for a password
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Logins keeps the REST logins. A login has expired when now >= ExpiresAt; an
// expired login is gone, and so is its transaction, whether or not it has been
// deleted yet.
type Logins interface {
	// CreateLogin stores a login; ErrNotFound when its user does not exist.
	CreateLogin(ctx context.Context, l Login) error
	// Login returns a login that has not expired at now; else ErrNotFound.
	Login(ctx context.Context, id LoginID, now time.Time) (Login, error)
	// ExtendLogin moves the expiry of a login that has not expired at now, and
	// never to an earlier time than it has; else ErrNotFound. It does not wait
	// long for others who write, in this process or another: ErrBusy comes within
	// a few tenths of a second.
	ExtendLogin(ctx context.Context, id LoginID, now, expiresAt time.Time) error
	// DeleteLogin ends a login and rolls back its transaction; ErrNotFound when
	// there is none.
	DeleteLogin(ctx context.Context, id LoginID) error
	// DeleteExpiredLogins removes what has expired at now, transactions
	// included, and returns how many logins that were.
	DeleteExpiredLogins(ctx context.Context, now time.Time) (int, error)
}

// APIKey is a secret that a user's programs send in place of a login.
type APIKey struct {
	ID        LoginID // a hash of the key, which is never stored; the login that it acts as has it too
	User      string
	CreatedAt time.Time
}

// APIKeys keeps the API keys.
type APIKeys interface {
	// CreateAPIKey stores a key; ErrNotFound when its user does not exist, and
	// ErrExists when the key does.
	CreateAPIKey(ctx context.Context, k APIKey) error
	// APIKey returns one key; ErrNotFound when there is none.
	APIKey(ctx context.Context, id LoginID) (APIKey, error)
	// ListAPIKeys returns the keys of a user, oldest first. They go with the user,
	// and stay when the password changes.
	ListAPIKeys(ctx context.Context, user string) ([]APIKey, error)
	// DeleteAPIKey removes a key and ends the login of its ID, if there is one, and
	// with it its transaction; ErrNotFound when there is no such key.
	DeleteAPIKey(ctx context.Context, id LoginID) error
}

// Transaction is a login's open configuration transaction.
type Transaction struct {
	Login    LoginID
	OpenedAt time.Time
}

// PendingChange is one document that an open transaction wrote.
type PendingChange struct {
	Path string
	Body []byte // the document as JSON; nil when the transaction deletes it
}

// Document is a document below a path.
type Document struct {
	Path    string
	Body    []byte // as JSON; nil when it was deleted
	Pending bool   // as the asking login's transaction wrote it
}

// AccountChange creates an account without rights, changes the password of the
// one that there is, or deletes it.
type AccountChange struct {
	Name         string
	PasswordHash string // empty to delete the account
}

// Commit describes who commits, when, and why.
type Commit struct {
	User     string
	Message  string
	Time     time.Time
	Accounts []AccountChange // to be made together with the commit, all or none
}

// Configuration keeps committed documents and open transactions. A document is
// JSON under a path; the store does not look inside. A path that was never
// written has no document here: its default is the caller's business.
type Configuration interface {
	// Document returns the document at path as login sees it: the pending one
	// of its own transaction, else the committed one. With the zero LoginID it
	// is always the committed one. ErrNotFound when there is none.
	Document(ctx context.Context, login LoginID, path string) ([]byte, error)
	// Documents returns the documents directly below path that were ever written,
	// as login sees them, ordered by path. A deleted one has no body.
	Documents(ctx context.Context, login LoginID, path string) ([]Document, error)
	// OpenTransaction opens a transaction for the login, or returns the one it
	// already has with opened == false. With exclusive, a *LockedError when a
	// login that has not expired at now holds one. ErrNotFound when the login
	// itself does not exist or has expired.
	OpenTransaction(ctx context.Context, login LoginID, now time.Time, exclusive bool) (t Transaction, opened bool, err error)
	// Transaction returns the login's transaction; else ErrNoTransaction.
	Transaction(ctx context.Context, login LoginID) (Transaction, error)
	// PutDocument writes a pending document (nil body: deletes it) into the
	// login's transaction; else ErrNoTransaction. The first write of a path
	// remembers which committed version it replaces.
	PutDocument(ctx context.Context, login LoginID, path string, body []byte) error
	// PendingChanges returns what the login's transaction wrote, ordered by
	// path; empty when there is no transaction.
	PendingChanges(ctx context.Context, login LoginID) ([]PendingChange, error)
	// CommitTransaction makes all pending documents the committed ones, or
	// none: a *ConflictError when any of them was committed by somebody else
	// since the transaction first wrote it, and then the transaction stays
	// open. On success it ends the transaction and returns the new revision,
	// or the old one when nothing was pending. Deleting an account, or changing its
	// password, ends its logins as DeleteUser and SetPassword do; one that is gone
	// already is left so. ErrNoTransaction when none is open, or when the login has
	// expired at c.Time.
	CommitTransaction(ctx context.Context, login LoginID, c Commit) (revision int64, err error)
	// RollbackTransaction drops the login's transaction; ErrNoTransaction when
	// none is open.
	RollbackTransaction(ctx context.Context, login LoginID) error
	// Revision returns the newest committed revision, 0 at the beginning.
	Revision(ctx context.Context) (int64, error)
}
