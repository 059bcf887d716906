// Command evidence prints how certain the contract is: how many statements of each
// kind are documented, seen in a vendor's client, or assumed. With -list it prints
// the places of those with one evidence, and with -coverage the README's table of
// endpoints.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spskit/spskit/tests/spec/tally"
)

func main() {
	list := flag.String("list", "", "print the places with this `evidence`: documented, client or assumed")
	coverage := flag.String("coverage", "", "print the table of endpoints; `FILE` lists those that are not in the contract")
	flag.Parse()
	if err := run(*list, *coverage); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(list, coverage string) error {
	doc, err := tally.Document()
	if err != nil {
		return err
	}
	switch {
	case coverage != "":
		missing, err := os.ReadFile(coverage)
		if err != nil {
			return err
		}
		fmt.Print(tally.Coverage(doc, string(missing)))
		return nil
	case list != "" && !slices.Contains(tally.Evidence, list):
		return fmt.Errorf("no evidence %q: there is %v", list, tally.Evidence)
	case list != "":
		for _, s := range tally.Statements(doc) {
			if s.Evidence == list {
				fmt.Printf("%s: %s\n", s.Kind, s.Place)
			}
		}
		return nil
	default:
		return table(tally.Statements(doc))
	}
}

func table(all []tally.Statement) error {
	var kinds []string
	counts := map[string]map[string]int{"total": {}}
	for _, s := range all {
		if counts[s.Kind] == nil {
			kinds = append(kinds, s.Kind)
			counts[s.Kind] = map[string]int{}
		}
		counts[s.Kind][s.Evidence]++
		counts["total"][s.Evidence]++
	}
	slices.Sort(kinds)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "kind\tdocumented\tclient\tassumed\t")
	for _, kind := range append(kinds, "total") {
		c := counts[kind]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", kind, c["documented"], c["client"], c["assumed"])
	}
	return w.Flush()
}
