package har

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spskit/spskit/tests/contract"
)

// WriteText writes the report for people. Verbose lists the operations that were
// not seen, which it otherwise counts.
func (r *Report) WriteText(w io.Writer, verbose bool) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: %s, %d of them to the API\n\n", strings.Join(r.files, ", "), count(r.entries, "recorded request"), r.Exchanges())
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "OPERATION\tREQUESTS\tSTATUSES\tVIOLATIONS")
	for _, op := range r.seen() {
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\n", op.ID, op.exchanges, op.statusText(), op.violations())
	}
	_ = table.Flush() // b takes everything
	for _, op := range r.seen() {
		if text := r.findings(op); text != "" {
			fmt.Fprintf(&b, "\n%s\n%s", strings.TrimSpace(op.ID+"  "+op.Method+" "+op.Path), text)
		}
	}
	b.WriteString("\n")
	if n := r.notRecorded(); n > 0 {
		fmt.Fprintf(&b, "Not checked, for they were not recorded: %s\n", count(n, "body", "bodies"))
	}
	if strays := r.strayLines(); len(strays) > 0 {
		b.WriteString("Not of the API:\n")
		for _, s := range strays {
			fmt.Fprintf(&b, "  %s  %d\n", s.What, s.Count)
		}
	}
	unseen := r.unseen()
	fmt.Fprintf(&b, "Operations not seen: %d of %d\n", len(unseen), len(contract.Operations()))
	if verbose {
		for _, op := range unseen {
			fmt.Fprintf(&b, "  %s  %s %s\n", op.ID, op.Method, op.Path)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// findings says what is wrong with an operation, a kind of violation a line.
func (r *Report) findings(op *operation) string {
	var b strings.Builder
	for _, f := range op.sorted() {
		v := contract.Violation{Place: f.Place, Schema: f.Schema, Expected: f.Expected, Found: f.found}
		fmt.Fprintf(&b, "  %s: %s\n    %s, first in %s (%s)\n", f.Message, v, count(f.count, "time"), r.where(f), f.path)
	}
	if op.further > 0 {
		fmt.Fprintf(&b, "  and %s of other kinds\n", count(op.further, "violation"))
	}
	return b.String()
}

// where is the entry that something was found in, by the path that jq takes.
func (r *Report) where(f *finding) string {
	entry := fmt.Sprintf("log.entries[%d]", f.index)
	if len(r.files) > 1 {
		return f.file + " " + entry
	}
	return entry
}

func (op *operation) statusText() string {
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(op.statuses)) {
		parts = append(parts, fmt.Sprintf("%d x%d", status, op.statuses[status]))
	}
	if op.unanswered > 0 {
		parts = append(parts, fmt.Sprintf("none x%d", op.unanswered))
	}
	return strings.Join(parts, ", ")
}

func (r *Report) notRecorded() int {
	n := 0
	for _, op := range r.operations {
		n += op.notRecorded
	}
	return n
}

type strayLine struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

// strayLines lists what isn't the API's. Only where the API was, paths are shown:
// those of other hosts may be secret.
func (r *Report) strayLines() []strayLine {
	counts := map[string]int{}
	for s, n := range r.strays {
		what := s.origin
		if r.origins[s.origin] {
			what = s.method + " " + s.origin + s.path
		}
		counts[what] += n
	}
	lines := []strayLine{}
	for what, n := range counts {
		lines = append(lines, strayLine{what, n})
	}
	slices.SortFunc(lines, func(a, b strayLine) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What)) })
	if r.otherStray > 0 {
		lines = append(lines, strayLine{"others", r.otherStray})
	}
	return lines
}

type jsonReport struct {
	Files       []string        `json:"files"`
	Entries     int             `json:"entries"`
	Exchanges   int             `json:"exchanges"`
	Violations  int             `json:"violations"`
	NotRecorded int             `json:"bodies_not_recorded"`
	Operations  []jsonOperation `json:"operations"`
	Strays      []strayLine     `json:"not_of_the_api"`
	Unseen      []string        `json:"operations_not_seen"`
}

type jsonOperation struct {
	ID          string        `json:"id"`
	Method      string        `json:"method,omitempty"`
	Path        string        `json:"path,omitempty"`
	Exchanges   int           `json:"exchanges"`
	Statuses    map[int]int   `json:"statuses"`
	Unanswered  int           `json:"unanswered"`
	NotRecorded int           `json:"bodies_not_recorded"`
	Violations  int           `json:"violations"`
	Findings    []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	Message  string    `json:"message"`
	Place    string    `json:"place"`
	Schema   string    `json:"schema,omitempty"`
	Expected string    `json:"expected"`
	Found    string    `json:"found"`
	Count    int       `json:"count"`
	First    jsonPlace `json:"first"`
}

type jsonPlace struct {
	File  string `json:"file"`
	Entry int    `json:"entry"`
	Path  string `json:"path"`
}

// WriteJSON writes the report as one JSON object. The found values are those of
// the first time. Verbose changes nothing: the operations that were not seen are
// listed always.
func (r *Report) WriteJSON(w io.Writer, _ bool) error {
	report := jsonReport{
		Files: r.files, Entries: r.entries, Exchanges: r.Exchanges(), Violations: r.Violations(), NotRecorded: r.notRecorded(),
		Operations: []jsonOperation{}, Strays: r.strayLines(), Unseen: []string{},
	}
	for _, op := range r.seen() {
		o := jsonOperation{
			ID: op.ID, Method: op.Method, Path: op.Path, Exchanges: op.exchanges, Statuses: op.statuses, Unanswered: op.unanswered,
			NotRecorded: op.notRecorded, Violations: op.violations(), Findings: []jsonFinding{},
		}
		for _, f := range op.sorted() {
			o.Findings = append(o.Findings, jsonFinding{
				f.Message, f.Place, f.Schema, f.Expected, f.found, f.count, jsonPlace{f.file, f.index, f.path},
			})
		}
		report.Operations = append(report.Operations, o)
	}
	for _, op := range r.unseen() {
		report.Unseen = append(report.Unseen, op.ID)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure"`
	Skipped *struct{}     `xml:"skipped"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML, with a test for every operation that
// was seen. Verbose adds the others as skipped ones.
func (r *Report) WriteJUnit(w io.Writer, verbose bool) error {
	suite := junitSuite{Name: "contract"}
	for _, op := range r.seen() {
		c := junitCase{Class: cmp.Or(op.Tag, "none"), Name: op.ID}
		if n := op.violations(); n > 0 {
			c.Failure = &junitFailure{count(n, "violation"), "\n" + r.findings(op)}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	if verbose {
		for _, op := range r.unseen() {
			suite.Cases = append(suite.Cases, junitCase{Class: op.Tag, Name: op.ID, Skipped: &struct{}{}})
			suite.Skipped++
		}
	}
	suite.Tests = len(suite.Cases)
	raw, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, raw)
	return err
}

// count says how many there are of something. Its plural has an s unless given.
func count(n int, one string, many ...string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, append(many, one+"s")[0])
}
