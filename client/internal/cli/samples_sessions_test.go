package cli

func init() {
	over := "--active=false" // what goes on changes while the test runs
	samples["spsctl sessions list"] = sample{args: []string{over}}
	samples["spsctl sessions search"] = sample{args: []string{"ls", over}}
	samples["spsctl sessions show"] = sample{args: []string{"evil"}}
	samples["spsctl sessions count"] = sample{args: []string{over}}
}
