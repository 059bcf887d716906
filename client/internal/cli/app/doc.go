// Package app is what every command stands on: streams, environment, global flags, the
// chosen context, and the client that follows from them. Commands are made with Show,
// which prints a result in every format, or Do, which has none. A command that doesn't
// return its result to Show has no flag -o.
//
// The package holds no command, and no format.
package app
