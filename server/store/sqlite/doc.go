// Package sqlite keeps everything in one SQLite database file, with a driver in
// pure Go. It implements store.Store and holds all the SQL of the project; it
// knows neither the REST API nor what the documents mean.
//
// Searching begins in plan.go, which decides how to find the sessions; condition.go
// and text.go write expressions as SQL and as full-text queries, find.go and page.go
// put the queries together.
//
// Any number of processes may have the same file open. Each has one connection
// that writes and a few that only read; write-ahead logging lets readers go on
// while somebody writes.
package sqlite
