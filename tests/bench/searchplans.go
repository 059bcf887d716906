//go:build linux

package main

import "fmt"

// plan is a way to find sessions: which tables to read in which order, where the
// id is, and what must hold. The methods make statements of it.
type plan struct{ from, id, where string }

// inOrder reads the page while it finds sessions, newest first: right when the
// tables yield them in that order.
func (p plan) inOrder() string {
	return fmt.Sprintf(`SELECT d.key, d.body FROM %s CROSS JOIN session_docs d ON d.id = %s WHERE %s ORDER BY %[2]s DESC LIMIT 500`,
		p.from, p.id, p.where)
}

// sorted finds the ids of the page first, and reads their documents then: right
// when the ids have to be sorted, which would drag the documents along.
func (p plan) sorted() string {
	return fmt.Sprintf(`SELECT key, body FROM session_docs WHERE id IN (
		SELECT %[2]s FROM %[1]s WHERE %[3]s ORDER BY %[2]s DESC LIMIT 500) ORDER BY id DESC`, p.from, p.id, p.where)
}

// capped counts as a page does, up to 10,000.
func (p plan) capped() string {
	return fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT 10000)`, p.from, p.where)
}

// exact counts all.
func (p plan) exact() string { return fmt.Sprintf(`SELECT count(*) FROM %s WHERE %s`, p.from, p.where) }

// pages are all statements for a page, and totals for its match_count.
func pages(plans ...plan) (statements []string) {
	for _, p := range plans {
		statements = append(statements, p.inOrder(), p.sorted())
	}
	return statements
}

func totals(plans ...plan) (statements []string) {
	for _, p := range plans {
		statements = append(statements, p.capped())
	}
	return statements
}

// sessionsBy reads sessions by an index, or newest first without one.
func sessionsBy(index, where string) plan {
	if index == "" {
		return plan{"sessions s NOT INDEXED", "s.id", where}
	}
	return plan{"sessions s INDEXED BY " + index, "s.id", where}
}

// The indexes that plans name.
const (
	noIndex = ""
	byUser  = "sessions_user_name"
	byFacet = "sessions_facets"
)

// texts reads the full-text index, which yields ids in any order that it is
// asked for, and looks each of them up in sessions.
func texts(where string) plan {
	return plan{"session_text t CROSS JOIN sessions s ON s.id = t.rowid", "t.rowid", where}
}

// A page or a number of an answer is found by several plans, and the fastest on
// the file at hand is the floor: which that is depends on how many sessions
// there are. In all of them, conditions on time are ranges of ids, as an id
// begins with the start in milliseconds.
var (
	// newest reads the documents from the end. The number is a row of its own.
	newestPages  = []string{`SELECT key, body FROM session_docs ORDER BY id DESC LIMIT 500`}
	newestTotals = []string{`SELECT min(total, 10000) FROM session_stats`}

	// offsetPages skip ?1 sessions, in the table or in an index that is narrower,
	// and go on in the documents from there.
	offsetPages = []string{
		`SELECT key, body FROM session_docs WHERE id <= (
			SELECT id FROM sessions NOT INDEXED ORDER BY id DESC LIMIT 1 OFFSET ?1) ORDER BY id DESC LIMIT 500`,
		`SELECT key, body FROM session_docs WHERE id <= (
			SELECT id FROM sessions INDEXED BY sessions_time ORDER BY start_time DESC, id DESC LIMIT 1 OFFSET ?1) ORDER BY id DESC LIMIT 500`,
	}

	// The index of users ends in the id, so that one user's sessions lie in it by
	// time, and those of a month next to each other. ?1 is the user.
	ofUser = sessionsBy(byUser, `s.user_name = ?1`)
	// ?2 is the protocol, ?3 and ?4 are ids, ?5 bounds the end.
	ofUserInMonth = sessionsBy(byUser, `s.user_name = ?1 AND s.id BETWEEN ?3 AND ?4 AND s.protocol = ?2 COLLATE NOCASE AND s.end_time <= ?5`)

	// A prefix is a range of the index, whose ids have to be sorted; where many
	// match, the newest are found sooner by reading the table from its end.
	// ?1 is the prefix, ?2 what comes after all that begin with it.
	byPrefix = []plan{
		sessionsBy(byUser, `s.user_name >= ?1 AND s.user_name < ?2`),
		sessionsBy(noIndex, `s.user_name >= ?1 AND s.user_name < ?2`),
	}

	// What stands in the middle of names is looked for in the names, which the
	// index yields one by one: each is the smallest after the one before. Else
	// in the whole index, or in the table from its end. ?1 is the infix.
	byInfix = []plan{
		{`(WITH RECURSIVE names (name) AS (
			SELECT min(user_name) FROM sessions
			UNION ALL SELECT (SELECT min(user_name) FROM sessions WHERE user_name > name) FROM names WHERE name IS NOT NULL)
			SELECT name FROM names WHERE instr(name, ?1) > 0) n CROSS JOIN sessions s INDEXED BY sessions_user_name ON s.user_name = n.name`, "s.id", "TRUE"},
		sessionsBy(byUser, `s.user_name > '' AND instr(s.user_name, ?1) > 0`),
		sessionsBy(noIndex, `instr(s.user_name, ?1) > 0`),
	}

	// Whoever is not ?1 made most of the newest sessions. Their number is that of
	// all without that of ?1, or found before much of the table is read.
	notUser       = sessionsBy(noIndex, `s.user_name IS NOT ?1`)
	notUserTotals = append(totals(notUser), `
		SELECT min(10000, total - (SELECT count(*) FROM sessions INDEXED BY sessions_user_name WHERE user_name = ?1)) FROM session_stats`)

	// Of two users, either the newest of each are put together, or all are
	// sorted, or the table is read from its end.
	ofTwoUsers = []plan{
		sessionsBy(byUser, `s.user_name IN (?1, ?2)`),
		sessionsBy(noIndex, `s.user_name IN (?1, ?2)`),
	}
	ofTwoUsersPages = append(pages(ofTwoUsers...), `
		SELECT key, body FROM session_docs WHERE id IN (
			SELECT id FROM (
				SELECT id FROM (SELECT id FROM sessions INDEXED BY sessions_user_name WHERE user_name = ?1 ORDER BY id DESC LIMIT 500)
				UNION ALL
				SELECT id FROM (SELECT id FROM sessions INDEXED BY sessions_user_name WHERE user_name = ?2 ORDER BY id DESC LIMIT 500))
			ORDER BY id DESC LIMIT 500) ORDER BY id DESC`)

	// The full-text index alone tells which sessions have the word ?1.
	withWord = plan{"session_text t", "t.rowid", `t.session_text MATCH ?1`}

	// A word, a user and a month: from the word, looking up whose each session
	// is; from the user, asking the full-text index about each session; or from
	// both, and what they have in common. ?1 is the word, ?2 the user, ?3 and ?4
	// are ids, ?5 bounds the end.
	withWordOfUser = []plan{
		texts(`t.session_text MATCH ?1 AND t.rowid BETWEEN ?3 AND ?4 AND s.user_name = ?2 AND s.end_time <= ?5`),
		sessionsBy(byUser, `s.user_name = ?2 AND s.id BETWEEN ?3 AND ?4 AND s.end_time <= ?5
			AND EXISTS (SELECT 1 FROM session_text WHERE session_text MATCH ?1 AND rowid = s.id)`),
		sessionsBy(byUser, `s.user_name = ?2 AND s.id BETWEEN ?3 AND ?4 AND s.end_time <= ?5
			AND s.id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1 AND rowid BETWEEN ?3 AND ?4)`),
	}

	// A protocol and a word that many sessions have: from the word, looking up
	// each session's protocol as it comes, or once all that have the word are
	// known; from the index of protocols, looking each session up among those; or
	// what that index and the full-text index have in common. ?1 is the word, ?2
	// the protocol.
	withWordByProtocol = []plan{
		texts(`t.session_text MATCH ?1 AND s.protocol = ?2 COLLATE NOCASE`),
		sessionsBy(noIndex, `s.protocol = ?2 COLLATE NOCASE AND s.id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1)`),
		sessionsBy(byFacet, `s.protocol = ?2 COLLATE NOCASE AND s.id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1)`),
		{`(SELECT id FROM sessions INDEXED BY sessions_facets WHERE protocol = ?2 COLLATE NOCASE
			INTERSECT SELECT rowid FROM session_text WHERE session_text MATCH ?1) s`, "s.id", "TRUE"},
		{`(SELECT rowid AS id FROM session_text WHERE session_text MATCH ?1
			INTERSECT SELECT id FROM sessions INDEXED BY sessions_facets WHERE protocol = ?2 COLLATE NOCASE) s`, "s.id", "TRUE"},
	}

	// The index of fields with few values is read from end to end: it holds
	// each session once, which is as narrow as it gets. Or its protocols are found
	// one by one, and the entries of each are counted.
	protocolCounts = []string{
		`SELECT protocol, count(*) FROM sessions INDEXED BY sessions_facets WHERE protocol IS NOT NULL
		GROUP BY protocol COLLATE NOCASE ORDER BY 2 DESC, 1 LIMIT ?1`,
		`WITH RECURSIVE protocols (p) AS (
			SELECT (SELECT protocol FROM sessions INDEXED BY sessions_facets WHERE protocol IS NOT NULL
				ORDER BY protocol COLLATE NOCASE LIMIT 1)
			UNION ALL SELECT (SELECT protocol FROM sessions INDEXED BY sessions_facets WHERE protocol > p COLLATE NOCASE
				ORDER BY protocol COLLATE NOCASE LIMIT 1) FROM protocols WHERE p IS NOT NULL)
		SELECT p, (SELECT count(*) FROM sessions INDEXED BY sessions_facets WHERE protocol = p COLLATE NOCASE)
		FROM protocols WHERE p IS NOT NULL ORDER BY 2 DESC, 1 LIMIT ?1`,
	}

	// The index of times holds both the start, from ?1 to ?3, and the end, up to
	// ?2, all in microseconds. Its entries are grouped by day, or each day's are
	// counted.
	dayCounts = []string{
		`SELECT strftime('%Y-%m-%dT00:00:00Z', day * 86400, 'unixepoch'), n FROM (
			SELECT start_time / 86400000000 AS day, count(*) AS n FROM sessions INDEXED BY sessions_time
			WHERE start_time BETWEEN ?1 AND ?3 AND end_time <= ?2 GROUP BY day)`,
		`WITH RECURSIVE days (day) AS (
			SELECT ?1 / 86400000000 UNION ALL SELECT day + 1 FROM days WHERE day < ?3 / 86400000000)
		SELECT strftime('%Y-%m-%dT00:00:00Z', day * 86400, 'unixepoch'), n FROM (
			SELECT day, (SELECT count(*) FROM sessions INDEXED BY sessions_time
				WHERE start_time >= max(?1, day * 86400000000) AND start_time < min(?3 + 1, (day + 1) * 86400000000)
				AND end_time <= ?2) AS n FROM days) WHERE n > 0`,
	}

	// The number of all is kept in a row.
	allCounts = []string{`SELECT total FROM session_stats`}

	// walkPage reads the documents on from the one with the id ?1.
	walkPage = `SELECT id, key, body FROM session_docs WHERE id < ?1 ORDER BY id DESC LIMIT 500`
)
