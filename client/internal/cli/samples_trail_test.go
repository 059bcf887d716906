package cli

func init() {
	key := "7930f4308efe8aecd710202d815b76ff"
	samples["spsctl trail download"] = sample{args: []string{key, "1", "--parallel", "1"}}
	samples["spsctl trail follow"] = sample{args: []string{key}}
}
