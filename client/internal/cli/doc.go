// Package cli is the command line of spsctl. Run runs one command line.
//
// # Layout
//
//	root.go        the list of nouns: the only file that all of them share
//	<noun>/        one folder for each noun, and in it one file for each verb
//	app/           what every command stands on: global flags, contexts, the client
//	output/        the formats of -o
//	contract/      what the contract in the program says about paths
//	failure/       exit codes, and what to try
//	sessionflags/  the flags that choose sessions
//	timeflag/      times such as 7d
//	contexts/ logins/ secret/ private/ curl/    what app is made of
//
// # To add a verb
//
// Copy the smallest file of the noun, which its doc.go names, and list the new verb in
// the noun's New. A command with a result is made with app.Show, or sessionflags.Show if
// it chooses sessions, and returns an output.List, Slice, One or Value; one without is
// made with app.Do. Errors of the SDK are returned as they are. Then
//
//   - give its sample arguments in samples_test.go, which runs every command in every
//     format, and fails for a command that has none;
//   - write testdata/script/<noun>-<verb>.txtar.
//
// A new noun is a folder with a New, and a line in root.go.
package cli
