// Package seed fills a store with data that nobody recorded: the sample sessions
// of the vendor's guides (samples.go), one of which goes on while a demo server
// runs (live.go), and any number of made-up sessions (generator.go).
//
// Made-up sessions are realistic enough to search, sort and count, and depend on
// nothing but the numbers they are made from. They are written as canonical JSON
// directly, because speed matters; a test proves that package audit would
// compose the same. No trail file made here can be replayed. The package knows
// no HTTP, no SQL and no generated types.
package seed
