package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

var (
	insertSession = `INSERT INTO sessions (id, key, put_revision, version` + columnList(sessionFields, "*") + `) VALUES (?, ?, ?, ?` +
		strings.Repeat(", ?", len(sessionFields)) + `) ON CONFLICT DO NOTHING`
	updateSession = `UPDATE sessions SET id = ?, key = ?, put_revision = ?, version = ?` + columnList(sessionFields, "* = ?") + ` WHERE id = ?`
	insertVault   = `INSERT INTO session_vault (id` + columnList(vaultFields, "*") + `) VALUES (?` +
		strings.Repeat(", ?", len(vaultFields)) + `)`
)

const (
	insertDoc     = `INSERT INTO session_docs (id, key, body) VALUES (?, ?, ?)`
	insertDetails = `
		INSERT INTO session_details (id, channels, alerts, events, indexing, content, screen_words, command_words, title_words)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertText = `INSERT INTO session_text (rowid, screen, command, title) VALUES (?, ?, ?, ?)`
	putTrail   = `
		INSERT INTO trails (key, blob, size, sha256, modified_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET
			blob = excluded.blob, size = excluded.size, sha256 = excluded.sha256, modified_at = excluded.modified_at`
)

// PutSessions stores the batch in one database transaction.
func (s *Store) PutSessions(ctx context.Context, batch []store.Session) (store.PutResult, error) {
	var res store.PutResult
	var added map[string]struct{}
	if len(batch) == 0 {
		return res, nil
	}
	err := s.write(ctx, func(dbtx *sql.Tx) error {
		b := &batchWriter{dbtx: dbtx, stmts: make(map[string]*sql.Stmt), words: &s.words, newWords: make(map[string]struct{})}
		if err := b.begin(ctx); err != nil {
			return err
		}
		for i := range batch {
			// Cancellation is looked for once a session: the driver would start a
			// goroutine for each statement to do it.
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := b.put(context.WithoutCancel(ctx), &batch[i]); err != nil {
				return err
			}
		}
		res = store.PutResult{Stored: b.added + b.replaced, Skipped: len(batch) - b.added - b.replaced}
		if res.Stored == 0 {
			return nil
		}
		_, err := dbtx.ExecContext(ctx, `
			UPDATE session_stats SET total = total + ?, version = ?, end_lag = max(end_lag, ?), past = past + ?`,
			b.added, b.version, b.endLag, b.kept)
		added = b.newWords
		return mapError(err)
	})
	if err != nil {
		return store.PutResult{}, err
	}
	s.words.learn(added)
	return res, nil
}

// batchWriter writes the sessions of one batch.
type batchWriter struct {
	dbtx            *sql.Tx
	stmts           map[string]*sql.Stmt // closed with dbtx
	args            []any                // reused from session to session
	added, replaced int
	endLag          int64
	version         int64 // of the sessions once this batch is stored
	keepPast        bool  // there are snapshots, which go on to show what is replaced
	kept            int   // how much was
	words           *vocabulary
	newWords        map[string]struct{} // that this batch has put into session_words
}

func (b *batchWriter) begin(ctx context.Context) error {
	return mapError(b.dbtx.QueryRowContext(ctx, `
		SELECT version + 1, EXISTS (SELECT 1 FROM snapshots) FROM session_stats`).Scan(&b.version, &b.keepPast))
}

// exec runs a statement that was prepared once for the batch.
func (b *batchWriter) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt := b.stmts[query]
	if stmt == nil {
		var err error
		if stmt, err = b.dbtx.PrepareContext(ctx, query); err != nil {
			return nil, mapError(err)
		}
		b.stmts[query] = stmt
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return nil, mapError(err)
	}
	return res, nil
}

func (b *batchWriter) put(ctx context.Context, s *store.Session) error {
	if len(s.Values) != len(query.Fields) {
		return fmt.Errorf("session %q: %d values for %d fields", s.Key, len(s.Values), len(query.Fields))
	}
	if s.Start.IsZero() {
		return fmt.Errorf("session %q has no start", s.Key)
	}
	if strings.Contains(s.Key, pastSeparator) {
		return fmt.Errorf("session %q: a key cannot hold the character U+001F", s.Key)
	}
	if end, ok := s.Values[endField].(time.Time); ok {
		b.endLag = max(b.endLag, toMicros(s.Start)-toMicros(end))
	}
	id := sessionID(s.Key, s.Start)
	for {
		// A new session is the usual case, and inserting it says whether it is
		// one: there is no look-up before.
		args, _, err := appendValues(append(b.args[:0], id, s.Key, s.Revision, b.version), s, sessionFields)
		if err != nil {
			return err
		}
		b.args = args
		res, err := b.exec(ctx, insertSession, args...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return mapError(err)
		}
		if n == 1 {
			return b.insert(ctx, id, s)
		}
		old, err := b.stored(ctx, s.Key)
		switch {
		case err == nil && s.Revision <= old.revision:
			return nil
		case err == nil:
			return b.replace(ctx, old, s)
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		id = nextID(id) // taken by another key
	}
}

// insert writes what belongs to a session whose row is new.
func (b *batchWriter) insert(ctx context.Context, id int64, s *store.Session) error {
	b.added++
	body, err := s.Body(store.Links{Trail: s.Trail != nil})
	if err != nil {
		return err
	}
	if _, err := b.exec(ctx, insertDoc, id, s.Key, body); err != nil {
		return err
	}
	if s.Channels != nil || s.Alerts != nil || s.Events != nil || s.Indexing != nil || s.Content != nil || s.Text != (store.Text{}) {
		if err := b.insertDetails(ctx, id, s); err != nil {
			return err
		}
	}
	if err := b.insertText(ctx, id, s.Text); err != nil {
		return err
	}
	return b.putRest(ctx, id, s)
}

func (b *batchWriter) insertDetails(ctx context.Context, id int64, s *store.Session) error {
	_, err := b.exec(ctx, insertDetails, id, s.Channels, s.Alerts, s.Events, s.Indexing, s.Content,
		s.Text.Screen, s.Text.Command, s.Text.Title)
	return err
}

// insertText makes the words findable.
func (b *batchWriter) insertText(ctx context.Context, id int64, t store.Text) error {
	if t == (store.Text{}) {
		return nil
	}
	if _, err := b.exec(ctx, insertText, id, t.Screen, t.Command, t.Title); err != nil {
		return err
	}
	for _, text := range []string{t.Screen, t.Command, t.Title} {
		for word := range b.words.unknown(text) {
			if _, done := b.newWords[word]; done {
				continue
			}
			if _, err := b.exec(ctx, `INSERT INTO session_words (word) VALUES (?) ON CONFLICT DO NOTHING`, word); err != nil {
				return err
			}
			b.newWords[word] = struct{}{}
		}
	}
	return nil
}

// putRest writes the values of lists, the vault data and the trail, which many
// sessions do without.
func (b *batchWriter) putRest(ctx context.Context, id int64, s *store.Session) error {
	for i, field := range listFields {
		values, _ := s.Values[field].([]string)
		for _, value := range values {
			if _, err := b.exec(ctx, `
				INSERT INTO session_lists (field, value, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, i+1, value, id); err != nil {
				return err
			}
		}
	}
	args, some, err := appendValues(append(b.args[:0], id), s, vaultFields)
	if err != nil {
		return err
	}
	b.args = args
	if some {
		if _, err := b.exec(ctx, insertVault, args...); err != nil {
			return err
		}
	}
	if t := s.Trail; t != nil {
		if _, err := b.exec(ctx, putTrail, s.Key, t.Blob, t.Size, t.SHA256, toMicros(t.Modified)); err != nil {
			return err
		}
	}
	return nil
}
