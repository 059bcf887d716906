package cli

func init() {
	rollback := [][]string{{"transaction", "rollback"}} // the stand-in has one lock for all
	open := [][]string{{"transaction", "open"}}
	samples["spsctl transaction status"] = sample{}
	samples["spsctl transaction open"] = sample{after: rollback}
	samples["spsctl transaction changes"] = sample{}
	samples["spsctl transaction commit"] = sample{before: open, after: rollback}
	samples["spsctl transaction rollback"] = sample{before: open, after: rollback}
	samples["spsctl api"] = sample{args: []string{"GET", "/api/info"}}
}
