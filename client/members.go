package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Members are members of a JSON object that a type has no field for. A newer appliance
// sends some; they go back as they came when the object is written, so that changing
// one setting never loses another. A member that is null is among them too, even if
// there is a field for it, and so is one that would be left out for being zero. It stays
// as it is as long as the field is zero.
type Members map[string]json.RawMessage

// readMembers reads a JSON object into the struct that into points to: members that
// have a field into that, and all others into its field Extra.
func readMembers(document []byte, into any) error {
	var all Members
	if err := json.Unmarshal(document, &all); err != nil {
		return err
	}
	if all == nil {
		return errors.New("null is no object")
	}
	value := reflect.ValueOf(into).Elem()
	value.SetZero()
	for field, place := range value.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		member, ok := all[name]
		if !ok || string(member) == "null" {
			continue
		}
		if err := json.Unmarshal(member, place.Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !place.IsZero() || options != "omitzero" {
			delete(all, name)
		}
	}
	if len(all) > 0 {
		value.FieldByName("Extra").Set(reflect.ValueOf(all))
	}
	return nil
}

// writeMembers writes a struct that readMembers reads. A field that is zero is left out
// if its tag has omitzero, or if Extra has the member; a list that is nil is an empty one.
func writeMembers(from any) ([]byte, error) {
	value := reflect.ValueOf(from)
	all := map[string]any{}
	for name, member := range value.FieldByName("Extra").Interface().(Members) {
		all[name] = member
	}
	for field, v := range value.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		_, extra := all[name]
		if name == "-" || v.IsZero() && (extra || options == "omitzero") {
			continue
		}
		if v.Kind() == reflect.Slice && v.IsNil() {
			v = reflect.MakeSlice(v.Type(), 0, 0)
		}
		all[name] = v.Interface()
	}
	return json.Marshal(all)
}

// Reference is the key of another object. The API shows it together with a link, and
// takes it without.
type Reference string

// UnmarshalJSON reads the key, with or without a link.
func (r *Reference) UnmarshalJSON(value []byte) error {
	var object struct{ Key *Reference }
	if bytes.HasPrefix(value, []byte("{")) {
		switch err := json.Unmarshal(value, &object); {
		case err != nil:
			return err
		case object.Key == nil:
			return errors.New("the reference has no key")
		}
		*r = *object.Key
		return nil
	}
	return json.Unmarshal(value, (*string)(r))
}

// outgoing encodes a document that is to be written. References in it become plain
// keys wherever they are, for what is read has them with a link, which is refused.
func outgoing(document any) (json.RawMessage, error) {
	encoded, err := json.Marshal(document)
	if err != nil || !bytes.Contains(encoded, []byte(`"meta"`)) {
		return encoded, err
	}
	var value any
	if err := (lossless{&value}).UnmarshalJSON(encoded); err != nil {
		return nil, err
	}
	return json.Marshal(withoutLinks(value))
}

// withoutLinks puts the key in the place of each reference.
func withoutLinks(value any) any {
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			value[i] = withoutLinks(element)
		}
	case map[string]any:
		if key, ok := referenceKey(value); ok {
			return key
		}
		for name, member := range value {
			value[name] = withoutLinks(member)
		}
	}
	return value
}

// referenceKey takes the key out of {"key": ..., "meta": {"href": ...}}.
func referenceKey(object map[string]any) (key string, ok bool) {
	meta, _ := object["meta"].(map[string]any)
	_, hasLink := meta["href"].(string)
	key, ok = object["key"].(string)
	return key, ok && hasLink && len(object) == 2
}
