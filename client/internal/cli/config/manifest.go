package config

import (
	"fmt"
	"io"
	"os"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

const manifestHelp = `A FILE has YAML, with a document for each object of the configuration, or JSON with all of
them in a list: {"objects": [...]}. 'spsctl config export' writes both.

  path: vnc/options          # as for config get
  body: {...}                # complete: members that are left out go
  ---
  path: ssh/channel_policies # a collection: the object is found by its name
  body: {name: admins, ...}
  ---
  path: ssh/channel_policies/KEY
  state: absent              # the object is deleted, if it is there

In a collection an object is created if there is none of that name. Nothing is deleted
but with 'state: absent'; there is no pruning. A FILE that is - is standard input.`

// wishes reads files. Everything wrong with them is found before anything is sent.
func wishes(a *app.App, files []string) (all []wish, err error) {
	if len(files) == 0 {
		return nil, failure.Usage("there is no file: give one with -f")
	}
	seen := map[string]bool{}
	for _, name := range files {
		text, err := readFile(a, name)
		if err != nil {
			return nil, err
		}
		documents, err := parse(text)
		if err != nil {
			return nil, failure.WithHint(fmt.Errorf("%s: %w", name, err), failure.Invalid, "correct the file")
		}
		if len(documents) == 1 {
			if object, ok := documents[0].(map[string]any); ok && len(object) == 1 && object["objects"] != nil {
				documents, _ = object["objects"].([]any)
			}
		}
		for i, document := range documents {
			w, err := wishOf(document)
			if err == nil && seen[w.path+"\x00"+w.name] {
				err = fmt.Errorf("%s %s is there twice", w.path, w.name)
			}
			if err != nil {
				return nil, failure.WithHint(fmt.Errorf("%s: document %d: %w", name, i+1, err), failure.Invalid,
					"see 'spsctl config apply --help' for what a file holds")
			}
			seen[w.path+"\x00"+w.name] = true
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return nil, failure.WithHint(fmt.Errorf("there is nothing in the files"), failure.Invalid, "write them with 'spsctl config export'")
	}
	return all, nil
}

func wishOf(document any) (w wish, err error) {
	object, ok := document.(map[string]any)
	if !ok {
		return w, fmt.Errorf("it is no object with path and body")
	}
	for name := range object {
		if name != "path" && name != "body" && name != "state" {
			return w, fmt.Errorf("it has the member %q, and only path, body and state mean anything", name)
		}
	}
	path, _ := object["path"].(string)
	if path == "" {
		return w, fmt.Errorf("it has no path")
	}
	w.path = contract.Full(path)
	switch state := object["state"]; state {
	case nil, "present":
	case "absent":
		w.absent = true
	default:
		return w, fmt.Errorf("the state %v is neither present nor absent", state)
	}
	body, ok := object["body"].(map[string]any)
	if !ok && (!w.absent || object["body"] != nil) {
		return w, fmt.Errorf("it has no body that is an object")
	}
	if p, known := contract.Find(w.path); !known || p.IsCollection() {
		w.name, _ = body["name"].(string)
	}
	w.body = func(any) (any, error) { return body, nil }
	return w, nil
}

func readFile(a *app.App, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.In)
	}
	return os.ReadFile(name)
}
