package cli

func init() {
	over := "--active=false" // what goes on changes while the test runs
	samples["spsctl sessions list"] = sample{args: []string{over}}
	samples["spsctl sessions search"] = sample{args: []string{"ls", over}}
	samples["spsctl sessions show"] = sample{args: []string{"evil"}}
	samples["spsctl sessions count"] = sample{args: []string{over}}
	samples["spsctl sessions stats"] = sample{args: []string{over, "--field", "protocol"}}
	samples["spsctl sessions histogram"] = sample{args: []string{over, "--bin-size", "year"}}
	samples["spsctl sessions content"] = sample{args: []string{"evil", "owned"}}
	samples["spsctl sessions export"] = sample{args: []string{"--until", "2026-01-01"}}
	for _, list := range []string{"events", "alerts", "channels", "indexing", "trail-downloads"} {
		samples["spsctl sessions "+list] = sample{args: []string{"evil"}}
	}
}
