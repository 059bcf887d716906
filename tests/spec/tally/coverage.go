package tally

import (
	"fmt"
	"slices"
	"strings"
)

// protocols have the same paths.
var protocols = []string{"http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"}

// Coverage is the table of the documented endpoints in Markdown: those of the
// contract, and behind them those that missing lists, a line each of a path and,
// behind a tab, why it is out.
func Coverage(doc map[string]any, missing string) string {
	rows := contractRows(doc)
	var b strings.Builder
	b.WriteString("| endpoint | in the contract | in spsd | evidence |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | yes | %s |\n", r.path, strings.Join(r.methods, ", "), r.evidence)
	}
	for line := range strings.Lines(missing) {
		path, reason, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok {
			fmt.Fprintf(&b, "| `%s` | no: %s | no | documented |\n", path, reason)
		}
	}
	return b.String()
}

type row struct {
	path     string
	methods  []string
	evidence string
}

// contractRows has a row for each path of the contract. Paths that differ in the
// protocol, or in nothing but that one is of an item, share one.
func contractRows(doc map[string]any) []row {
	paths, _ := doc["paths"].(object)
	byName := map[string]*row{}
	evidence := map[string]map[string][]string{} // methods by row and evidence
	users := map[string][]string{}               // protocols by row
	for _, path := range sorted(paths) {
		name, protocol := generalise(path)
		r := byName[name]
		if r == nil {
			r = &row{path: name}
			byName[name], evidence[name] = r, map[string][]string{}
		}
		if protocol != "" && !slices.Contains(users[name], protocol) {
			users[name] = append(users[name], protocol)
		}
		item, _ := paths[path].(object)
		for _, method := range sorted(item) {
			op, _ := item[method].(object)
			e, _ := op["x-evidence"].(string)
			m := strings.ToUpper(method)
			if !slices.Contains(r.methods, m) {
				r.methods = append(r.methods, m)
			}
			if !slices.Contains(evidence[name][e], m) {
				evidence[name][e] = append(evidence[name][e], m)
			}
		}
	}
	var rows []row
	for name, r := range byName {
		slices.Sort(r.methods)
		r.path = strings.Replace(r.path, "*", "{"+strings.Join(users[name], ",")+"}", 1)
		r.evidence = inWords(evidence[name])
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.path, b.path) })
	return rows
}

// generalise leaves out what paths of one row differ in.
func generalise(path string) (name, protocol string) {
	name = strings.TrimSuffix(path, "/{key}")
	for _, p := range protocols {
		prefix := "/api/configuration/" + p
		if rest, ok := strings.CutPrefix(name, prefix); ok && (rest == "" || rest[0] == '/') {
			return "/api/configuration/*" + rest, p
		}
	}
	return name, ""
}

func inWords(methods map[string][]string) string {
	var words []string
	for _, e := range Evidence {
		if m := methods[e]; len(m) > 0 {
			slices.Sort(m)
			words = append(words, e+" ("+strings.Join(m, ", ")+")")
		}
	}
	if len(words) == 1 {
		word, _, _ := strings.Cut(words[0], " (")
		return word
	}
	return strings.Join(words, ", ")
}
