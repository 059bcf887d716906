package cli

func init() {
	add := [][]string{{"context", "add", "lab", "https://sps.example.com"}}
	samples["spsctl context add"] = sample{args: []string{"lab", "https://sps.example.com"}, local: true}
	samples["spsctl context use"] = sample{args: []string{"lab"}, before: add, local: true}
	samples["spsctl context list"] = sample{before: add, local: true}
	samples["spsctl context show"] = sample{before: add, local: true}
	samples["spsctl context rename"] = sample{args: []string{"lab", "test"}, before: add, local: true}
	samples["spsctl context remove"] = sample{args: []string{"lab"}, before: add, local: true}
}
