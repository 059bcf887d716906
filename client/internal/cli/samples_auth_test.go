package cli

func init() {
	samples["spsctl login"] = sample{}
	samples["spsctl logout"] = sample{before: [][]string{{"login"}}}
	samples["spsctl whoami"] = sample{}
	samples["spsctl version"] = sample{local: true}
	samples["spsctl help"] = sample{local: true}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		samples["spsctl completion "+shell] = sample{local: true}
	}
}
