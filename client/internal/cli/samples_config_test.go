package cli

func init() {
	manifest := "path: vnc/options\nbody: {service: {log_level: 5, enabled: true}, audit: {cleanup: {enabled: false}, timestamping: {selection: local, signing_interval: 60}}}\n"
	samples["spsctl config get"] = sample{args: []string{"vnc/options"}}
	samples["spsctl config set"] = sample{args: []string{"vnc/options", "service.log_level=5", "--dry-run"}}
	samples["spsctl config export"] = sample{args: []string{"vnc/options"}}
	samples["spsctl config diff"] = sample{args: []string{"-f", "-"}, in: manifest}
	samples["spsctl config apply"] = sample{args: []string{"-f", "-", "--dry-run"}, in: manifest}
}

func init() {
	samples["spsctl config edit"] = sample{args: []string{"vnc/options", "--yes"}}
}
