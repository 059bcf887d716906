package cli

func init() {
	samples["spsctl explain"] = sample{args: []string{"vnc/options"}, local: true}
}
