-- +goose Up

-- version is the state of the sessions since which the row is there.
ALTER TABLE sessions ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- The values of the list fields, one by one; field is a number from listFields.
CREATE TABLE session_lists (
    field INTEGER NOT NULL,
    value TEXT NOT NULL,
    id    INTEGER NOT NULL,
    PRIMARY KEY (field, value, id)
) STRICT, WITHOUT ROWID;
INSERT INTO session_lists (field, value, id) SELECT DISTINCT l.field, v.value, l.id
FROM (SELECT id, 1 AS field, analytics_interesting_events AS list FROM sessions
      UNION ALL SELECT id, 2, analytics_similar_sessions FROM sessions
      UNION ALL SELECT id, 3, analytics_tags FROM sessions
      UNION ALL SELECT id, 4, user_server_username FROM sessions) l,
    json_each(list_json(l.list)) v
WHERE l.list IS NOT NULL;

-- Names that the API writes in capitals are found in any case.
DROP INDEX sessions_facets;
CREATE INDEX sessions_facets ON sessions (
    protocol COLLATE NOCASE, verdict COLLATE NOCASE, recording_auth_method, recording_archived,
    recording_channel_policy, recording_index_status COLLATE NOCASE, origin COLLATE NOCASE, active,
    analytics_scripted, analytics_score_aggregated, duration);

CREATE INDEX session_vault_ticket_number ON session_vault (vault_ticket_number);
CREATE INDEX session_vault_account_name ON session_vault (vault_account_name);

-- The words of the content are kept apart by what they were read from. Sessions
-- without content have words of their events, most of which are commands.
ALTER TABLE session_details ADD COLUMN screen_words TEXT NOT NULL DEFAULT '';
ALTER TABLE session_details ADD COLUMN command_words TEXT NOT NULL DEFAULT '';
ALTER TABLE session_details ADD COLUMN title_words TEXT NOT NULL DEFAULT '';
UPDATE session_details SET
    screen_words = content_words(content, 'screen'),
    command_words = CASE WHEN content = x'5b5d' THEN words ELSE content_words(content, 'command') END,
    title_words = content_words(content, 'title')
WHERE content IS NOT NULL;
ALTER TABLE session_details DROP COLUMN words;

-- The words arrive normalised, so that every back end finds the same; the
-- tokeniser only has to split them at the spaces.
DROP TABLE session_text;
CREATE VIRTUAL TABLE session_text USING fts5 (
    screen, command, title, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '.-_'");
INSERT INTO session_text (rowid, screen, command, title)
SELECT id, screen_words, command_words, title_words FROM session_details
WHERE screen_words <> '' OR command_words <> '' OR title_words <> '';

-- Every word that ever was in session_text, for the patterns that it cannot look
-- up itself.
CREATE TABLE session_words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE session_vocabulary USING fts5vocab (session_text, row);
INSERT INTO session_words (word) SELECT term FROM session_vocabulary;
DROP TABLE session_vocabulary;

-- version is the state of the sessions that the snapshot shows.
CREATE TABLE snapshots (
    id         TEXT PRIMARY KEY,
    user_name  TEXT NOT NULL,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    version    INTEGER NOT NULL,
    opened_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (user_name, address, agent)
) STRICT, WITHOUT ROWID;

-- The sessions that were replaced while there were snapshots. They stay in all
-- the tables above under the ids that they had; the key in sessions gets the
-- character 0x1f and the id appended. Snapshots of a state before version show
-- them, and nothing else does. session_stats.past counts them.
CREATE TABLE session_past (
    id      INTEGER PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT;
ALTER TABLE session_stats ADD COLUMN past INTEGER NOT NULL DEFAULT 0;
