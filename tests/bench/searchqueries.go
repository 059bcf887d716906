//go:build linux

package main

// search is a query to measure.
type search struct {
	name string
	// find finds equivalent requests, and varied says how they differ.
	find   func(*finder) ([]variant, error)
	varied string
	// rows are statements any of which gives the answer's rows, and totals those
	// for match_count.
	rows   []string
	totals []string
	read   reader
	// indexed is a page that indexes serve, to which the bars apply.
	indexed bool
	// slow is why the query takes the time that it takes.
	slow string
}

// searches are in the order in which they are measured and printed.
var searches = []search{
	{
		name: "newest page", find: (*finder).newest, varied: "the same each time",
		rows: newestPages, totals: newestTotals, read: readPage, indexed: true,
		slow: "it reads and sends 500 documents, and does nothing else",
	},
	{
		name: "page at offset 9,500", find: (*finder).offsets, varied: "the offset is one less each time",
		rows: offsetPages, totals: newestTotals, read: readPage, indexed: true,
		slow: "it skips as many sessions as the offset says, one by one",
	},
	{
		name: "a heavy user", find: (*finder).heavyUsers, varied: "another user each time",
		rows: pages(ofUser), totals: totals(ofUser), read: readPage, indexed: true,
		slow: "the documents of one user lie far apart in the file",
	},
	{
		name: "a light user", find: (*finder).lightUsers, varied: "another user each time",
		rows: pages(ofUser), totals: totals(ofUser), read: readPage, indexed: true,
		slow: "the documents of one user lie far apart in the file",
	},
	{
		name: "user, protocol, 30 days", find: (*finder).usersInMonth, varied: "another user each time",
		rows: pages(ofUserInMonth), totals: totals(ofUserInMonth), read: readPage, indexed: true,
		slow: "the protocol of each of the user's sessions in these days is looked up",
	},
	{
		name: "prefix", find: (*finder).prefixes, varied: "another prefix each time",
		rows: pages(byPrefix...), totals: totals(byPrefix...), read: readPage, indexed: true,
		slow: "the matches lie by name in the index, and have to be sorted by time",
	},
	{
		name: "infix wildcard", find: (*finder).infixes, varied: "another infix each time",
		rows: pages(byInfix...), totals: totals(byInfix...), read: readPage,
		slow: "no index leads to the middle of a name: all names are looked at",
	},
	{
		name: "NOT", find: (*finder).notUsers, varied: "another user each time",
		rows: pages(notUser), totals: notUserTotals, read: readPage, indexed: true,
		slow: "sessions are read newest first until enough are found that are not left out",
	},
	{
		name: "OR of two users", find: (*finder).twoUsers, varied: "other users each time",
		rows: ofTwoUsersPages, totals: totals(ofTwoUsers...), read: readPage, indexed: true,
		slow: "the sessions of both have to be put in order",
	},
	{
		name: "content, rare", find: (*finder).rareWords, varied: "another word each time",
		rows: pages(withWord), totals: totals(withWord), read: readPage, indexed: true,
		slow: "the documents lie far apart in the file",
	},
	{
		name: "content, common", find: (*finder).commonWords, varied: "another word each time",
		rows: pages(withWord), totals: totals(withWord), read: readPage, indexed: true,
		slow: "up to 10,000 entries of the full-text index are counted",
	},
	{
		name: "content, user, 30 days", find: (*finder).wordsOfUsers, varied: "another user each time",
		rows: pages(withWordOfUser...), totals: totals(withWordOfUser...), read: readPage, indexed: true,
		slow: "no index holds both words and users: whichever selects less is read, and the other looked up for each session",
	},
	{
		name: "protocol, content, common", find: (*finder).meeting, varied: "another word each time",
		rows: pages(withWordByProtocol...), totals: totals(withWordByProtocol...), read: readPage,
		slow: "no index holds both words and protocols: one is looked up for each session that has the other, until 10,000 have both",
	},
	{
		name: "protocol, content, apart", find: (*finder).apart, varied: "another word each time",
		rows: pages(withWordByProtocol...), totals: totals(withWordByProtocol...), read: readPage,
		slow: "no index holds both words and protocols: so few sessions have both that all that have one of them are looked at",
	},
	{
		name: "_count, protocol, content", find: (*finder).meetingCounts, varied: "another word each time",
		rows: exactCounts(withWordByProtocol), read: readCount,
		slow: "no index holds both words and protocols: for an exact number, all sessions that have one of them are looked at",
	},
	{
		name: "stats by protocol", find: (*finder).protocols, varied: "one more value is asked for each time; there are fewer",
		rows: protocolCounts, read: readStats,
		slow: "an index with an entry for each session is read from end to end",
	},
	{
		name: "histogram, days of 30", find: (*finder).days, varied: "both bounds are 61 s later each time",
		rows: dayCounts, read: readHistogram,
		slow: "each session of these days is looked at in an index",
	},
	{
		name: "_count of all", find: (*finder).all, varied: "the same each time",
		rows: allCounts, read: readCount,
		slow: "the number is kept in a row, so it should not be",
	},
}

// exactCounts are those of whole selections.
func exactCounts(plans []plan) (statements []string) {
	for _, p := range plans {
		statements = append(statements, p.exact())
	}
	return statements
}
