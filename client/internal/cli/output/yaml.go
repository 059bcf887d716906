package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlList writes documents as YAML, those of a list as a sequence.
type yamlList struct {
	out    io.Writer
	single bool
	begun  bool
}

func (y *yamlList) add(r row) error {
	document, err := r.document()
	if err != nil {
		return err
	}
	text, err := toYAML(document, !y.single)
	if err != nil {
		return err
	}
	y.begun = true
	_, err = y.out.Write(text)
	return err
}

// YAML writes a value as -o yaml does. JSON that it holds keeps its order and digits.
func YAML(value any) (string, error) {
	document, err := marshal(value)
	if err != nil {
		return "", err
	}
	text, err := toYAML(document, false)
	return string(text), err
}

// toYAML writes a document, or a list with nothing else in it.
func toYAML(document []byte, listed bool) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	node, err := yamlNode(d)
	if err != nil {
		return nil, fmt.Errorf("a document is not JSON: %w", err)
	}
	if listed {
		node = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}}
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(node), e.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (y *yamlList) end() error {
	if y.begun {
		return nil
	}
	_, err := io.WriteString(y.out, "[]\n")
	return err
}

// yamlNode reads one value of JSON, and keeps the order of members and the digits of
// numbers.
func yamlNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	scalar := func(tag, value string) (*yaml.Node, error) {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}, nil
	}
	switch v := token.(type) {
	case json.Delim:
		node := &yaml.Node{Kind: yaml.MappingNode}
		if v == '[' {
			node.Kind = yaml.SequenceNode
		}
		for d.More() {
			part, err := yamlNode(d) // of objects a name or a value
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, part)
		}
		if len(node.Content) == 0 {
			node.Style = yaml.FlowStyle
		}
		_, err := d.Token()
		return node, err
	case string:
		node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
		if json.Valid([]byte(v)) { // the library takes numbers that a float64 can't hold for texts, but others don't
			node.Style = yaml.DoubleQuotedStyle
		}
		return node, nil
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return scalar("!!float", v.String())
		}
		return scalar("!!int", v.String())
	case bool:
		return scalar("!!bool", fmt.Sprint(v))
	default:
		return scalar("!!null", "null")
	}
}
