package config

import (
	"fmt"
	"strings"
)

// Version is a version of the appliance: ten times the major number, and the
// minor one.
type Version int

// Profile holds the switches in which generations of the appliance differ.
type Profile struct {
	Name    string
	Version Version // decides which resources there are, and in what form
	// ExplicitTransaction refuses a write outside a transaction; otherwise the
	// first write opens one.
	ExplicitTransaction bool
	// ExclusiveTransaction allows one transaction at a time, which locks out
	// everybody else's; otherwise they meet at commit.
	ExclusiveTransaction bool
	// ListBodies adds to each item of a collection its document.
	ListBodies bool
}

var profiles = []Profile{
	{Name: "6.0", Version: 60, ExplicitTransaction: true, ExclusiveTransaction: true},
	{Name: "8.0", Version: 80, ListBodies: true},
}

// Newest is the version of the newest profile.
func Newest() Version { return profiles[len(profiles)-1].Version }

// ProfileFor returns the profile of that name; the error of an unknown one
// lists those that there are.
func ProfileFor(name string) (Profile, error) {
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
	}
	return Profile{}, fmt.Errorf("no appliance version %q: there is %s", name, strings.Join(ProfileNames(), " and "))
}

// ProfileNames returns the names of all profiles, oldest first.
func ProfileNames() []string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = p.Name
	}
	return names
}
