package client_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// The package knows the fields of the contract, each with its type.
func TestSearchFields(t *testing.T) {
	var fields []string
	if err := json.Unmarshal(contract(t, "components", "schemas", "SearchField", "enum"), &fields); err != nil {
		t.Fatal(err)
	}
	slices.Sort(fields)
	if diff := cmp.Diff(fields, client.SearchFields()); diff != "" {
		t.Errorf("search fields (-contract +client):\n%s", diff)
	}
	var types map[string][]string
	if err := json.Unmarshal(contract(t, "components", "schemas", "SearchField", "x-field-types"), &types); err != nil {
		t.Fatal(err)
	}
	conditions := map[string]func(path string) client.Query{
		"keyword": func(path string) client.Query { return client.Text(path).Is("x") },
		"long":    func(path string) client.Query { return client.Number(path).Is(1) },
		"date":    func(path string) client.Query { return client.Time(path).Since(time.Unix(1, 0)) },
		"boolean": func(path string) client.Query { return client.Bool(path).Is(true) },
		"ip":      func(path string) client.Query { return client.Address(path).Is(netip.IPv6Loopback()) },
	}
	if len(types) != len(conditions) {
		t.Errorf("the contract has %d types, the client %d", len(types), len(conditions))
	}
	for is, paths := range types {
		for _, path := range paths {
			for asked, condition := range conditions {
				if err := condition(path).Err(); (err == nil) != (asked == is) {
					t.Errorf("%s is %s, and as %s it gives %v", path, is, asked, err)
				}
			}
			if err := client.Exists(path).Err(); err != nil {
				t.Error(err)
			}
		}
	}
}
