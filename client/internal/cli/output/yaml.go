package output

import (
	"bytes"
	"encoding/json"
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
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	node, err := yamlNode(d)
	if err != nil {
		return fmt.Errorf("a document is not JSON: %w", err)
	}
	if !y.single {
		node = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}}
	}
	y.begun = true
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(node); err != nil {
		return err
	}
	if err := e.Close(); err != nil {
		return err
	}
	_, err = y.out.Write(b.Bytes())
	return err
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
		return scalar("!!str", v)
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
