package cli

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/server/servertest"
)

// sample is a command line that works on the stand-in with the demo data.
type sample struct {
	args   []string   // after the command itself
	before [][]string // command lines to run first
	after  [][]string // command lines to run last
	in     string     // standard input
	local  bool       // sends no requests
}

// samples has one for every command, by its path. Each noun adds its own, in a file
// samples_<noun>_test.go.
var samples = map[string]sample{}

// commands gives the commands that can be run, without the groups.
func commands(root *cobra.Command) []*cobra.Command {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Runnable() && !c.HasSubCommands() {
			all = append(all, c)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return all
}

func TestEveryCommandHasASample(t *testing.T) {
	known := map[string]bool{}
	for _, c := range commands(newRoot(app.New(app.OS()))) {
		known[c.CommandPath()] = true
		if _, ok := samples[c.CommandPath()]; !ok {
			t.Errorf("%q has no sample; add one to samples_<noun>_test.go", c.CommandPath())
		}
	}
	for path := range samples {
		if !known[path] {
			t.Errorf("there is a sample of %q, and no such command", path)
		}
	}
}

// run runs the sample of a command on a machine of its own, with more arguments.
func (s sample) run(t *testing.T, server *servertest.Server, path string, more ...string) outcome {
	t.Helper()
	m := newMachine(t, server)
	t.Chdir(m.env["HOME"]) // for what writes files
	for _, before := range s.before {
		if o := m.run(t, before...); o.code != 0 {
			t.Fatalf("%q: code %d: %s", before, o.code, o.err)
		}
	}
	m.in = s.in
	result := m.run(t, slices.Concat(strings.Fields(path)[1:], s.args, more)...)
	for _, after := range s.after {
		if o := m.run(t, after...); o.code != 0 {
			t.Fatalf("%q: code %d: %s", after, o.code, o.err)
		}
	}
	return result
}

// TestEveryCommandInEveryFormat: a command with a result gives it in each format, and
// the same in all of them; a command without one refuses -o.
func TestEveryCommandInEveryFormat(t *testing.T) {
	server := hostile(t)
	for _, c := range commands(newRoot(app.New(app.OS()))) {
		path := c.CommandPath()
		s := samples[path]
		t.Run(strings.ReplaceAll(path, " ", "_"), func(t *testing.T) {
			if c.Flags().Lookup("output") == nil {
				if o := s.run(t, server, path); o.code != 0 {
					t.Errorf("code %d: %s", o.code, o.err)
				}
				if o := s.run(t, server, path, "-o", "json"); o.code != 2 {
					t.Errorf("it has no result, and -o ends with code %d", o.code)
				}
				return
			}
			show := func(format string) string {
				o := s.run(t, server, path, "-o", format)
				if o.code != 0 || o.out == "" {
					t.Errorf("-o %s: code %d, output %q, words %s", format, o.code, o.out, o.err)
				}
				return o.out
			}
			documents := arrayOf(t, show("json"))
			for format, count := range map[string]int{
				"ndjson":              lines(t, show("ndjson"), documents),
				"yaml":                yamlCount(t, show("yaml")),
				"csv":                 csvCount(t, show("csv")),
				"jsonpath=$":          lines(t, show("jsonpath=$"), nil),
				"template={{json .}}": lines(t, show("template={{json .}}"), nil),
			} {
				if count != len(documents) {
					t.Errorf("-o %s has %d documents, and json %d", format, count, len(documents))
				}
			}
			table, wide := show("table"), show("wide")
			if plain := s.run(t, server, path); plain.out != table {
				t.Errorf("without -o it is no table: %q", plain.out)
			}
			if len(wide) < len(table) {
				t.Errorf("the wide table is narrower:\n%s%s", table, wide)
			}
			for _, wrong := range []string{"xml", "json=x", "jsonpath=", "template=", "template={{", ""} {
				if o := s.run(t, server, path, "-o", wrong); o.code != 2 || o.out != "" {
					t.Errorf("-o %q: code %d, output %q", wrong, o.code, o.out)
				}
			}
		})
	}
}

// arrayOf gives the documents of an array, or the one there is.
func arrayOf(t *testing.T, text string) []json.RawMessage {
	t.Helper()
	var array []json.RawMessage
	if strings.HasPrefix(text, "[") {
		if err := json.Unmarshal([]byte(text), &array); err != nil {
			t.Errorf("json: %v", err)
		}
		return array
	}
	if !json.Valid([]byte(text)) {
		t.Errorf("no JSON: %q", text)
	}
	return []json.RawMessage{json.RawMessage(text)}
}

// lines counts lines of JSON, which have to be the documents if there are any given.
func lines(t *testing.T, text string, documents []json.RawMessage) int {
	t.Helper()
	split := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range split {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %q", line)
		}
		if i < len(documents) && compact(t, documents[i]) != line {
			t.Errorf("line %d is %s, and json has %s", i, line, documents[i])
		}
	}
	return len(split)
}

func compact(t *testing.T, document []byte) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(json.RawMessage(document)); err != nil {
		t.Error(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func yamlCount(t *testing.T, text string) int {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Errorf("yaml: %v\n%s", err, text)
	}
	if list, ok := value.([]any); ok {
		return len(list)
	}
	return 1
}

func csvCount(t *testing.T, text string) int {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Errorf("csv: %v", err)
	}
	return len(records) - 1
}

// TestEveryCommandAsCurl: the lines have no secret in them, and take the place of the
// result.
func TestEveryCommandAsCurl(t *testing.T) {
	server := hostile(t)
	for _, c := range commands(newRoot(app.New(app.OS()))) {
		path := c.CommandPath()
		if strings.HasPrefix(path, "spsctl completion") || path == "spsctl help" {
			continue // these print texts of cobra
		}
		s := samples[path]
		t.Run(strings.ReplaceAll(path, " ", "_"), func(t *testing.T) {
			o := s.run(t, server, path, "--curl")
			if o.code != 0 {
				t.Fatalf("code %d: %s", o.code, o.err)
			}
			shown := strings.ReplaceAll(o.out+o.err, server.CAFile, "ca.pem") // its path has the password's word
			if strings.Contains(shown, servertest.Password) || strings.Contains(o.out, "session_id") {
				t.Errorf("there is a secret in %s", o.out)
			}
			if s.local {
				if o.out != "" || !strings.Contains(o.err, "sends no requests") {
					t.Errorf("output %q, words %q", o.out, o.err)
				}
				return
			}
			if o.out == "" {
				t.Errorf("nothing was printed")
			}
			for line := range strings.Lines(o.out) {
				if !strings.HasPrefix(line, "curl --silent") || !strings.Contains(line, server.URL) {
					t.Errorf("%q is no line of curl", line)
				}
			}
		})
	}
}

// TestFlagsAreClear: no command hides a global flag behind one of its own, and every
// flag and command is explained.
func TestFlagsAreClear(t *testing.T) {
	root := newRoot(app.New(app.OS()))
	for _, c := range commands(root) {
		if c.Short == "" {
			t.Errorf("%q is not explained", c.CommandPath())
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if root.PersistentFlags().Lookup(f.Name) != nil {
				t.Errorf("%q hides the global --%s", c.CommandPath(), f.Name)
			}
			if f.Usage == "" {
				t.Errorf("--%s of %q is not explained", f.Name, c.CommandPath())
			}
		})
	}
}
