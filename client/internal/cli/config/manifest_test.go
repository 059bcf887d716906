package config

import (
	"strings"
	"testing"
)

func TestWishOf(t *testing.T) {
	for text, want := range map[string]wish{
		`{path: vnc/options, body: {name: x}}`:                         {path: "/api/configuration/vnc/options"}, // it is no collection
		`{path: /api/configuration/vnc/options, body: {}}`:             {path: "/api/configuration/vnc/options"},
		`{path: ssh/channel_policies, body: {name: x}}`:                {path: "/api/configuration/ssh/channel_policies", name: "x"},
		`{path: ssh/channel_policies/KEY, body: {name: x}}`:            {path: "/api/configuration/ssh/channel_policies/KEY"},
		`{path: new/things, body: {name: x}, state: present}`:          {path: "/api/configuration/new/things", name: "x"}, // may be one
		`{path: ssh/channel_policies/KEY, state: absent}`:              {path: "/api/configuration/ssh/channel_policies/KEY", absent: true},
		`{path: ssh/channel_policies, state: absent, body: {name: x}}`: {path: "/api/configuration/ssh/channel_policies", name: "x", absent: true},
		`{path: ssh/channel_policies, body: {name: 5}}`:                {path: "/api/configuration/ssh/channel_policies"},
	} {
		documents, err := parse([]byte(text))
		if err != nil || len(documents) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := wishOf(documents[0])
		if err != nil || got.path != want.path || got.name != want.name || got.absent != want.absent {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestWishOfRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                     "no object",
		`text`:                                   "no object",
		`{body: {}}`:                             "no path",
		`{path: 5, body: {}}`:                    "no path",
		`{path: x}`:                              "no body",
		`{path: x, body: text}`:                  "no body",
		`{path: x, body: null}`:                  "no body",
		`{path: x, state: absent, body: []}`:     "no body",
		`{path: x, body: {}, state: gone}`:       "neither present nor absent",
		`{path: x, body: {}, state: [absent]}`:   "neither present nor absent",
		`{path: x, body: {}, boddy: {}}`:         `"boddy"`,
		`{path: x, body: {}, "\u001b[2J": null}`: `"\x1b[2J"`,
	} {
		documents, err := parse([]byte(text))
		if err != nil || len(documents) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		if got, err := wishOf(documents[0]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}
