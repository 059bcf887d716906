package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/spskit/spskit/server/store"
)

// storedSession is what has to be known of a session to replace it.
type storedSession struct {
	id, revision int64
	links        store.Links
}

func (b *batchWriter) stored(ctx context.Context, key string) (storedSession, error) {
	var old storedSession
	err := b.dbtx.QueryRowContext(ctx, `
		SELECT id, put_revision,
		       EXISTS (SELECT 1 FROM trails t WHERE t.key = s.key),
		       EXISTS (SELECT 1 FROM trail_downloads d WHERE d.key = s.key)
		FROM sessions s WHERE key = ?`, key).Scan(&old.id, &old.revision, &old.links.Trail, &old.links.Downloads)
	return old, mapError(err)
}

// replace puts the newer version of a session in place of the old one. It moves
// to another id if its start has changed.
func (b *batchWriter) replace(ctx context.Context, old storedSession, s *store.Session) error {
	b.replaced++
	var err error
	if b.keepPast {
		if old.id, err = b.keep(ctx, old.id, s.Key); err != nil {
			return err
		}
	}
	id, err := b.idFor(ctx, old.id, s)
	if err != nil {
		return err
	}
	if err := deleteLists(ctx, b.dbtx, old.id); err != nil {
		return err
	}
	args, _, err := appendValues(append(b.args[:0], id, s.Key, s.Revision, b.version), s, sessionFields)
	if err != nil {
		return err
	}
	args = append(args, old.id)
	b.args = args
	if _, err := b.exec(ctx, updateSession, args...); err != nil {
		return err
	}
	old.links.Trail = old.links.Trail || s.Trail != nil
	body, err := s.Body(old.links)
	if err != nil {
		return err
	}
	if _, err := b.exec(ctx, `UPDATE session_docs SET id = ?, body = ? WHERE id = ?`, id, body, old.id); err != nil {
		return err
	}
	if err := b.replaceDetails(ctx, old.id, id, s); err != nil {
		return err
	}
	if _, err := b.exec(ctx, `DELETE FROM session_vault WHERE id = ?`, old.id); err != nil {
		return err
	}
	return b.putRest(ctx, id, s)
}

// idFor returns the id of a session that has the id old: the same, if it starts
// in the same millisecond as before, else one that is free.
func (b *batchWriter) idFor(ctx context.Context, old int64, s *store.Session) (int64, error) {
	id := sessionID(s.Key, s.Start)
	if id>>hashBits == old>>hashBits {
		return old, nil
	}
	return b.freeID(ctx, id)
}

// freeID returns the first free id from id on.
func (b *batchWriter) freeID(ctx context.Context, id int64) (int64, error) {
	for {
		var one int
		err := b.dbtx.QueryRowContext(ctx, `SELECT 1 FROM sessions WHERE id = ?`, id).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return id, nil
		}
		if err != nil {
			return 0, mapError(err)
		}
		id = nextID(id)
	}
}

// replaceDetails replaces the lists that are given, and the words if the content
// is; the rest only moves along.
func (b *batchWriter) replaceDetails(ctx context.Context, old, id int64, s *store.Session) error {
	var before store.Text
	err := b.dbtx.QueryRowContext(ctx, `SELECT screen_words, command_words, title_words FROM session_details WHERE id = ?`, old).
		Scan(&before.Screen, &before.Command, &before.Title)
	if errors.Is(err, sql.ErrNoRows) {
		if err := b.insertDetails(ctx, id, s); err != nil {
			return err
		}
		return b.insertText(ctx, id, s.Text)
	}
	if err != nil {
		return mapError(err)
	}
	text := before
	if s.Content != nil {
		text = s.Text
	}
	if _, err := b.exec(ctx, `
		UPDATE session_details SET id = ?, channels = coalesce(?, channels), alerts = coalesce(?, alerts),
			events = coalesce(?, events), indexing = coalesce(?, indexing), content = coalesce(?, content),
			screen_words = ?, command_words = ?, title_words = ?
		WHERE id = ?`,
		id, s.Channels, s.Alerts, s.Events, s.Indexing, s.Content, text.Screen, text.Command, text.Title, old); err != nil {
		return err
	}
	if id == old && text == before {
		return nil
	}
	if before != (store.Text{}) {
		if _, err := b.exec(ctx, `DELETE FROM session_text WHERE rowid = ?`, old); err != nil {
			return err
		}
	}
	return b.insertText(ctx, id, text)
}

// keep leaves the stored version of a session to the snapshots, and returns the id
// of a copy, which is the session from now on.
func (b *batchWriter) keep(ctx context.Context, old int64, key string) (int64, error) {
	b.kept++
	id, err := b.freeID(ctx, nextID(old))
	if err != nil {
		return 0, err
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`UPDATE sessions SET key = key || char(31) || id WHERE id = ?`, []any{old}},
		{`INSERT INTO session_past (id, version) VALUES (?, ?)`, []any{old, b.version}},
		{copySession, []any{id, key, old}},
		{`INSERT INTO session_docs (id, key, body) SELECT ?, key, body FROM session_docs WHERE id = ?`, []any{id, old}},
		{copyDetails, []any{id, old}},
		{copyText, []any{id, old}},
	} {
		if _, err := b.exec(ctx, step.query, step.args...); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// These leave out what is written anew when a session is replaced.
var copySession = `
	INSERT INTO sessions (id, key, put_revision, version` + columnList(sessionFields, "*") + `)
	SELECT ?, ?, put_revision, version` + columnList(sessionFields, "*") + ` FROM sessions WHERE id = ?`

const (
	copyDetails = `
		INSERT INTO session_details
			(id, channels, alerts, events, indexing, content, screen_words, command_words, title_words)
		SELECT ?, channels, alerts, events, indexing, content, screen_words, command_words, title_words
		FROM session_details WHERE id = ?`
	copyText = `
		INSERT INTO session_text (rowid, screen, command, title)
		SELECT ?, screen_words, command_words, title_words FROM session_details
		WHERE id = ? AND (screen_words <> '' OR command_words <> '' OR title_words <> '')`
)
