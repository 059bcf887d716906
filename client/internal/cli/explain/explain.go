// Package explain has the command that tells what the contract says about a path, an
// operation, a member or an error. It asks no appliance.
package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// New makes the command.
func New(a *app.App) []*cobra.Command {
	var recursive bool
	cmd := &cobra.Command{
		Use:   "explain PATH|OPERATION|ERROR [METHOD]",
		Short: "Explain a path, a member or an error, without an appliance",
		Long: `Explain what the contract of the API says, which is built into spsctl.

It takes a PATH, and behind it members with dots between them; the operationId of an
OPERATION; the type of an ERROR, or errors for all; or search, for the search language.
Every part says what backs it: documented by the vendor, relied on by a client, or
assumed.`,
		Example: `  spsctl explain vnc/options
  spsctl explain vnc/options PUT --recursive
  spsctl explain vnc/options.audit.timestamping
  spsctl explain ConfigurationLocked
  spsctl explain search`,
		Args: app.ArgsBetween(1, 2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return contract.Methods, cobra.ShellCompDirectiveNoFileComp
			}
			words := contract.Complete(word, nil)
			for _, other := range append([]string{"errors", "search"}, contract.Schema("ErrorType").Texts("enum")...) {
				if strings.HasPrefix(other, word) {
					words = append(words, other)
				}
			}
			return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		},
	}
	cmd.Flags().BoolVar(&recursive, "recursive", false, "show the members of members too")
	return []*cobra.Command{a.Show(app.Local(cmd), func(_ context.Context, args []string) (output.Result, error) {
		method := ""
		if len(args) > 1 {
			method = strings.ToUpper(args[1])
		}
		t := &text{recursive: recursive}
		fragment, err := t.explain(args[0], method)
		if err != nil {
			return nil, err
		}
		return output.Text("text", t.lines, fragment), nil
	})}
}

// explain writes about a topic, and gives what the contract has about it.
func (t *text) explain(topic, method string) (any, error) {
	values, _ := contract.Schema("ErrorType")["x-values"].(map[string]any)
	switch {
	case topic == "errors":
		for _, name := range contract.Schema("ErrorType").Texts("enum") {
			t.failure(name, contract.Object(values).Object(name))
		}
		return values, nil
	case topic == "search":
		_, section, _ := strings.Cut(contract.Whole().Object("info").Text("description"), "\n## Search language")
		section, _, _ = strings.Cut(section, "\n## ")
		t.paragraphs(0, strings.TrimSpace(section))
		return map[string]string{"search": strings.TrimSpace(section)}, nil
	case values[topic] != nil:
		t.failure(topic, contract.Object(values).Object(topic))
		return values[topic], nil
	}
	if p, m, ok := contract.ByOperation(topic); ok {
		return t.path(p, m)
	}
	path, members, _ := strings.Cut(topic, ".")
	p, ok := contract.Find(contract.Full(path))
	if !ok {
		return nil, failure.WithHint(fmt.Errorf("the contract has no path, operation or error %q", path), failure.NotFound,
			"an appliance may have more than the contract; the paths begin with one of\n  "+strings.Join(beginnings(path), "\n  "))
	}
	if members == "" {
		return t.path(p, method)
	}
	return t.member(p, method, strings.Split(members, "."))
}

// beginnings are the paths that share the longest beginning with a word.
func beginnings(word string) []string {
	for ; ; word = word[:len(word)-1] {
		if found := contract.Complete(word, nil); len(found) > 0 || word == "" {
			return found[:min(len(found), 12)]
		}
	}
}

// path explains the operations of a path, or the one of a method.
func (t *text) path(p contract.Path, method string) (any, error) {
	if method != "" && p.Operation(method) == nil {
		return nil, failure.WithHint(fmt.Errorf("%s has no %s", p.Template, method), failure.NotFound, "leave out the method to see those there are")
	}
	fragment := map[string]any{}
	for _, m := range contract.Methods {
		operation := p.Operation(m)
		if operation == nil || method != "" && m != method {
			continue
		}
		fragment[strings.ToLower(m)] = expand(operation, map[string]bool{})
		t.line(0, m+" "+p.Template, output.Strong)
		t.line(2, operation.Text("summary")+" ("+operation.Text("operationId")+")", output.Plain)
		t.paragraphs(2, operation.Text("description"))
		t.evidence(2, operation)
		parameters := append(p.Operations.Objects("parameters"), operation.Objects("parameters")...)
		if len(parameters) > 0 {
			t.line(2, "Parameters", output.Strong)
		}
		for _, parameter := range parameters {
			name := parameter.Text("name") + " in " + parameter.Text("in")
			t.property(4, name, merge(parameter.Object("schema"), parameter), parameter["required"] == true)
		}
		t.schema(2, "Takes", contract.Takes(operation))
		t.schema(2, "Gives", contract.Gives(operation))
		t.responses(operation.Object("responses"))
		t.line(0, "", output.Plain)
	}
	return fragment, nil
}

// merge lays what a parameter says over its schema.
func merge(schema, parameter contract.Object) contract.Object {
	merged := contract.Object{}
	for _, from := range []contract.Object{schema, parameter} {
		for name, value := range from {
			merged[name] = value
		}
	}
	return merged
}

// member explains a member of what a path takes, or gives if it takes nothing.
func (t *text) member(p contract.Path, method string, names []string) (any, error) {
	var schema contract.Object
	for _, m := range []string{method, "PUT", "POST"} {
		if schema == nil {
			schema = contract.Takes(p.Operation(m))
		}
	}
	if schema == nil {
		schema = contract.Gives(p.Operation("GET"))
		if properties, _ := contract.Properties(schema); properties["body"] != nil {
			schema = properties["body"]
		}
	}
	at := p.Template
	for _, name := range names {
		for items := contract.Items(schema); items != nil; items = contract.Items(schema) {
			schema = items
		}
		properties, _ := contract.Properties(schema)
		inner, ok := properties[name]
		if !ok {
			known := make([]string, 0, len(properties))
			for name := range properties {
				known = append(known, name)
			}
			slices.Sort(known)
			return nil, failure.WithHint(fmt.Errorf("%s has no member %q", at, name), failure.NotFound, "its members are "+strings.Join(known, ", "))
		}
		schema, at = inner, at+"."+name
	}
	t.property(0, at, schema, false)
	t.members(2, schema, 1, nil)
	return expand(schema, map[string]bool{}), nil
}

func (t *text) failure(name string, value contract.Object) {
	status, _ := json.Marshal(value["status"]) // came from JSON
	t.line(0, name+" ("+string(status)+")", output.Strong)
	t.paragraphs(2, value.Text("description"))
	if details := value.Texts("details"); len(details) > 0 {
		t.line(2, "details: "+strings.Join(details, ", "), output.Faint)
	}
	t.evidence(2, value)
}

// expand is a part of the contract with what it refers to in it. Where it would go on
// for ever, the reference stays.
func expand(value any, above map[string]bool) any {
	switch value := value.(type) {
	case contract.Object:
		return expand(map[string]any(value), above)
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = expand(element, above)
		}
		return list
	case map[string]any:
		if reference, ok := value["$ref"].(string); ok {
			if above[reference] || !strings.HasPrefix(reference, "#/components/schemas/") {
				return value
			}
			above[reference] = true
			defer delete(above, reference)
			return expand(contract.Schema(strings.TrimPrefix(reference, "#/components/schemas/")), above)
		}
		object := make(map[string]any, len(value))
		for name, member := range value {
			object[name] = expand(member, above)
		}
		return object
	}
	return value
}
