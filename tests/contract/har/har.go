// Package har holds recorded traffic against the contract: HAR 1.2 files, as
// browsers write them, and proxies such as mitmproxy and Charles.
//
// A Report takes any number of files and says, by operation, what was seen and
// what broke the contract. It reads entry by entry and keeps counts, not entries.
// It shows paths without their queries, and neither cookies, credentials nor
// passwords.
//
// Recorders leave things out. A body that was not recorded is not checked, and
// counted; a missing Set-Cookie is no violation, and where a response has no
// headers at all, none is missed. Package contract does the checking.
package har

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spskit/spskit/tests/contract"
)

// These bound what a report keeps of traffic that is wrong in ever new ways.
const (
	mostFindings = 100 // of one operation
	mostStrays   = 200
)

// Report is what recorded traffic says about the contract.
type Report struct {
	base       *url.URL
	files      []string
	entries    int
	operations map[string]*operation // by name
	strays     map[stray]int         // entries that are not the API's
	origins    map[string]bool       // where the API was
	otherStray int                   // further ones, which strays has no room for
}

// operation is an operation of the contract which was called, or what stands for
// those that it does not have.
type operation struct {
	contract.Operation
	exchanges   int
	statuses    map[int]int
	unanswered  int // responses that were not recorded
	notRecorded int // bodies
	findings    map[kind]*finding
	further     int // violations of other kinds than findings has room for
}

// kind is what makes violations the same.
type kind struct {
	Message  string // "request", or "response 200"
	Place    string // as in contract.Violation, with * for the indexes of lists
	Schema   string
	Expected string
}

type finding struct {
	kind
	found string // the first time
	count int
	file  string // where it is the first time
	index int
	path  string
}

type stray struct{ origin, method, path string }

// NewReport returns an empty report. Below base, a URL without the "/api", all
// requests are the API's and others are not; nil is for telling them by their
// paths, wherever they begin.
func NewReport(base *url.URL) *Report {
	return &Report{base: base, operations: map[string]*operation{}, strays: map[stray]int{}, origins: map[string]bool{}}
}

// Add checks what a file recorded. An error says that the file can't be read, and
// where.
func (r *Report) Add(name string, file io.Reader) error {
	r.files = append(r.files, name)
	return read(file, largestEntry, func(index int, e *entry) error {
		r.entries++
		return r.add(name, index, e)
	})
}

func (r *Report) add(file string, index int, e *entry) error {
	if e.Request == nil || e.Request.URL == "" {
		return errors.New("it has no request with a url")
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		return errors.New("request.url is not a URL") // not err, which has all of it
	}
	target := r.locate(e.Request.Method, u)
	if target == nil {
		r.stray(e.Request.Method, u)
		return nil
	}
	r.origins[origin(u)] = true
	request, err := e.request(target)
	if err != nil {
		return err
	}
	response, err := e.response() //nolint:bodyclose // it is in memory
	if err != nil {
		return err
	}
	op := r.operation(request)
	op.exchanges++
	at := finding{file: file, index: index, path: printable(u.EscapedPath())}
	op.note("request", contract.CheckRequest(request), at)
	op.countMissing(request, response)
	if response.StatusCode < 100 || response.StatusCode > 999 {
		op.unanswered++ // blocked, aborted, or still under way
		return nil
	}
	op.statuses[response.StatusCode]++
	err = tolerate(contract.CheckResponse(request, response), len(e.Response.Headers) == 0)
	op.note(fmt.Sprintf("response %d", response.StatusCode), err, at)
	return nil
}

// operation returns the one that a request calls.
func (r *Report) operation(request *http.Request) *operation {
	called, ok := contract.Find(request.Method, request.URL)
	if !ok {
		called.ID = noOperation
	}
	op := r.operations[called.ID]
	if op == nil {
		op = &operation{Operation: called, statuses: map[int]int{}, findings: map[kind]*finding{}}
		r.operations[called.ID] = op
	}
	return op
}

// noOperation is the name of what stands for requests that the contract has no
// operation for.
const noOperation = "(no operation)"

func (op *operation) countMissing(request *http.Request, response *http.Response) {
	if request.Body == contract.NotRecorded {
		op.notRecorded++
	}
	bodyless := request.Method == http.MethodHead || response.StatusCode == http.StatusNoContent || response.StatusCode == http.StatusNotModified
	if response.Body == contract.NotRecorded && isJSON(response.Header) && !bodyless {
		op.notRecorded++
	}
}

// tolerate takes out what recorders leave out rather than servers.
func tolerate(err error, noHeaders bool) error {
	var broken *contract.Error
	if !errors.As(err, &broken) {
		return err
	}
	broken.Violations = slices.DeleteFunc(broken.Violations, func(v contract.Violation) bool {
		return v.Found == contract.Nothing && (v.Place == `header "Set-Cookie"` || noHeaders && strings.HasPrefix(v.Place, "header "))
	})
	return broken
}

func (op *operation) note(message string, err error, at finding) {
	var broken *contract.Error
	if !errors.As(err, &broken) {
		return
	}
	for _, v := range broken.Violations {
		k := kind{message, anyItem(v.Place), v.Schema, v.Expected}
		known := op.findings[k]
		switch {
		case known != nil:
			known.count++
		case len(op.findings) >= mostFindings:
			op.further++
		default:
			first := at
			first.kind, first.found, first.count = k, v.Found, 1
			op.findings[k] = &first
		}
	}
}

// anyItem puts * for the indexes of lists, so that what is wrong with every item is
// one finding.
func anyItem(place string) string {
	steps := strings.Split(place, "/")
	for i, step := range steps {
		if _, err := strconv.ParseUint(step, 10, 64); err == nil {
			steps[i] = "*"
		}
	}
	return strings.Join(steps, "/")
}

func (r *Report) stray(method string, u *url.URL) {
	s := stray{printable(origin(u)), printable(method), printable(u.EscapedPath())}
	if _, known := r.strays[s]; known || len(r.strays) < mostStrays {
		r.strays[s]++
		return
	}
	r.otherStray++
}

// Exchanges counts the requests to the API.
func (r *Report) Exchanges() int {
	n := 0
	for _, op := range r.operations {
		n += op.exchanges
	}
	return n
}

// Entries counts all recorded requests.
func (r *Report) Entries() int { return r.entries }

// Violations counts what broke the contract.
func (r *Report) Violations() int {
	n := 0
	for _, op := range r.operations {
		n += op.violations()
	}
	return n
}

func (op *operation) violations() int {
	n := op.further
	for _, f := range op.findings {
		n += f.count
	}
	return n
}

// seen lists the operations that were called, in the order of the contract.
func (r *Report) seen() []*operation {
	return slices.SortedFunc(maps.Values(r.operations), func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
}

// unseen lists the operations that were not called, in the order of the contract.
func (r *Report) unseen() []contract.Operation {
	return slices.DeleteFunc(contract.Operations(), func(op contract.Operation) bool { return r.operations[op.ID] != nil })
}

// sorted lists what was found, in the order in which it came.
func (op *operation) sorted() []*finding {
	return slices.SortedFunc(maps.Values(op.findings), func(a, b *finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.index, b.index), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Place, b.Place))
	})
}

// printable replaces what is not to reach a terminal as it is, and the end of what
// is longer than anyone reads.
func printable(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
