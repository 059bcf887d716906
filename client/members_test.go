package client_test

import (
	"encoding/json"
	"testing"

	"github.com/spskit/spskit/client"
)

// Whatever can be read of an object goes back as it came.
func FuzzConfigurationKeepsEverything(f *testing.F) {
	for _, seed := range []string{
		`{"service":{"enabled":true,"log_level":4,"new":[1.50,"<"]},"gssapi":null,"new":{}}`,
		`{"service":{"enabled":false},"audit":{"cleanup":{"enabled":false,"channel_database_cleanup_days":0},
			"timestamping":{"selection":"local","server_url":"","oid":{"enabled":true,"policy_oid":""}}}}`,
		`{"service":{"enabled":true},"channel_database_cleanup":{"enabled":true,"days":0,"Days":7}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var before, after any
		var options client.ProtocolOptions
		if json.Unmarshal(document, &options) != nil || json.Unmarshal(document, &before) != nil {
			return
		}
		written, err := json.Marshal(&options)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &after); err != nil {
			t.Fatal(err)
		}
		if lost := missing(before, after); lost != "" {
			t.Errorf("%s became %s, without %s", document, written, lost)
		}
	})
}

// Reading into a value that was used before leaves nothing of that.
func TestConfigurationReadTwice(t *testing.T) {
	options := client.ProtocolOptions{
		Service: client.ServiceOptions{LogLevel: new(4)}, GSSAPI: &client.Switch{Enabled: true},
		Extra: client.Members{"old": json.RawMessage("1")},
	}
	const document = `{"service":{"enabled":true}}`
	if err := json.Unmarshal([]byte(document), &options); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(options)
	if err != nil || string(written) != document {
		t.Errorf("got %s, %v", written, err)
	}
}

// missing names something that is in one value and not in another, which may have more:
// fields that the API always has are written even if they were not there.
func missing(before, after any) string {
	object, ok := before.(map[string]any)
	if !ok {
		one, _ := json.Marshal(before)
		other, _ := json.Marshal(after)
		if string(one) != string(other) {
			return string(one)
		}
		return ""
	}
	others, _ := after.(map[string]any)
	for name, member := range object {
		other, ok := others[name]
		if !ok {
			return name
		}
		if lost := missing(member, other); lost != "" {
			return name + "/" + lost
		}
	}
	return ""
}
