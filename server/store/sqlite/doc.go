// Package sqlite keeps everything in one SQLite database file, with a driver in
// pure Go. It implements store.Store and holds all the SQL of the project; it
// knows neither the REST API nor what the documents mean.
//
// Any number of processes may have the same file open. Each has one connection
// that writes and a few that only read; write-ahead logging lets readers go on
// while somebody writes.
package sqlite
