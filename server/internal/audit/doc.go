// Package audit answers questions about recorded sessions: it searches, counts and
// pages through them, in snapshots too, projects their bodies, writes them as
// tables, lists their parts, searches in their content, and composes them from
// imported lines.
//
// Stored JSON reaches the caller as it is stored, or as pieces of it: it is
// never decoded and encoded again on the way out. Only tables and the hits in
// content are made of values. The package holds no SQL, no HTTP and no generated
// types; a validator for the contract is handed to it.
package audit
