// Package output is the one place where results become text. A command describes its
// result once, as a List, One or Value with Columns, and gets every format of -o:
//
//	table     columns for people; colours and local times, and the only format that is not for programs
//	wide      the table with more columns
//	csv       all columns, with times in RFC 3339, durations in seconds, and formulas disarmed
//	json      the API's own document; of a list, an array of them
//	ndjson    the same, one document a line
//	yaml      the same document, members in the same order
//	jsonpath=EXPR  what an expression of RFC 9535 selects in each document, one a line
//	template=TEXT  a template of Go's text/template for each document
//
// Lists are streamed: a table holds back no more rows than it needs to know how wide
// its columns are. When a list fails in the middle, json is left without its end, so that
// no program takes it for the whole.
//
// What comes from a server can hold escape codes. Tables spell out what is not
// printable; the other formats do so when they go to a terminal, and JSON always, in its
// own escapes. The package knows neither commands nor the SDK.
package output
