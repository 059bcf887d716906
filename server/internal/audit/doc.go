// Package audit answers questions about recorded sessions: it searches and pages
// through them, projects their bodies, lists their parts, and composes them from
// imported lines.
//
// Stored JSON reaches the caller as it is stored, or as pieces of it: it is
// never decoded and encoded again on the way out. The package holds no SQL, no
// HTTP and no generated types; a validator for the contract is handed to it.
package audit
