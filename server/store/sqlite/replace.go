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
	id, err := b.idFor(ctx, old.id, s)
	if err != nil {
		return err
	}
	args, _, err := appendValues(append(b.args[:0], id, s.Key, s.Revision), s, sessionFields)
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
	var words sql.NullString
	err := b.dbtx.QueryRowContext(ctx, `SELECT words FROM session_details WHERE id = ?`, old).Scan(&words)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = b.exec(ctx, insertDetails, id, s.Channels, s.Alerts, s.Events, s.Indexing, s.Content, s.Text)
		if err == nil && s.Text != "" {
			_, err = b.exec(ctx, insertText, id, s.Text)
		}
		return err
	}
	if err != nil {
		return mapError(err)
	}
	before := words.String
	if s.Content != nil {
		words.String = s.Text
	}
	if _, err := b.exec(ctx, `
		UPDATE session_details SET id = ?, channels = coalesce(?, channels), alerts = coalesce(?, alerts),
			events = coalesce(?, events), indexing = coalesce(?, indexing), content = coalesce(?, content), words = ?
		WHERE id = ?`,
		id, s.Channels, s.Alerts, s.Events, s.Indexing, s.Content, words.String, old); err != nil {
		return err
	}
	if id == old && words.String == before {
		return nil
	}
	if before != "" {
		if _, err := b.exec(ctx, `DELETE FROM session_text WHERE rowid = ?`, old); err != nil {
			return err
		}
	}
	if words.String != "" {
		_, err = b.exec(ctx, insertText, id, words.String)
	}
	return err
}
