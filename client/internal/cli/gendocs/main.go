// Command gendocs writes what there is to read about spsctl, made from the commands
// themselves: a reference in Markdown, and man pages.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/spf13/cobra/doc"

	"github.com/spskit/spskit/client/internal/cli"
)

func main() {
	reference := flag.String("reference", "", "file to write the reference into")
	man := flag.String("man", "", "directory to write man pages into")
	flag.Parse()
	if err := run(*reference, *man); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func run(reference, man string) error {
	if reference != "" {
		if err := os.WriteFile(reference, []byte(cli.Reference()), 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
	}
	if man == "" {
		return nil
	}
	if err := os.MkdirAll(man, 0o755); err != nil { //nolint:gosec // for everybody
		return err
	}
	return doc.GenManTree(cli.Documented(), &doc.GenManHeader{Section: "1", Manual: "spskit", Source: "spsctl"}, man)
}
