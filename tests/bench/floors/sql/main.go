// Command sql is the floor of the database's work: the same driver on the same
// tables as spsd, with nothing between the SQL and the wire. "sql page" serves a
// page of sessions, "sql fill" copies the sessions of one database into another.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sql:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "page":
			return page(args[1:])
		case "fill":
			return fill(args[1:])
		}
	}
	return errors.New("say page or fill")
}
