-- +goose Up

CREATE TABLE users (
    name          TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    search        INTEGER NOT NULL,
    read_config   INTEGER NOT NULL,
    edit_config   INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- id is the SHA-256 of the token. The rights are those of the moment of login.
CREATE TABLE logins (
    id          BLOB PRIMARY KEY,
    user_name   TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    search      INTEGER NOT NULL,
    read_config INTEGER NOT NULL,
    edit_config INTEGER NOT NULL,
    address     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_user_name ON logins (user_name);
CREATE INDEX logins_expires_at ON logins (expires_at);

CREATE TABLE transactions (
    login     BLOB PRIMARY KEY REFERENCES logins (id) ON DELETE CASCADE,
    opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- base is the revision of the committed document that the change replaces, 0
-- when there was none. A NULL body deletes the document.
CREATE TABLE pending_documents (
    login BLOB NOT NULL REFERENCES transactions (login) ON DELETE CASCADE,
    path  TEXT NOT NULL,
    body  BLOB,
    base  INTEGER NOT NULL,
    PRIMARY KEY (login, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE config_revisions (
    revision  INTEGER PRIMARY KEY,
    time      INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    message   TEXT NOT NULL
) STRICT;

-- A deleted document stays as a row without a body: its revision is what a
-- transaction that started from the deleted version conflicts with.
CREATE TABLE documents (
    path     TEXT PRIMARY KEY,
    body     BLOB,
    revision INTEGER NOT NULL REFERENCES config_revisions (revision)
) STRICT, WITHOUT ROWID;

-- id is the start in milliseconds << 20 plus a hash of the key, so that rows lie
-- in order of start, every index ends in the start, and a range of time is a
-- range of ids in each of the tables that share the id.
-- put_revision decides which version of a session wins. From start_time on
-- there is one column for each field of the registry, the hot ones first. Times
-- are UTC microseconds, addresses 16 bytes in network order, lists text with
-- the character 0x1f before, between and after the values.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    put_revision INTEGER NOT NULL,
    start_time INTEGER,
    end_time INTEGER,
    active INTEGER,
    protocol TEXT,
    verdict TEXT,
    user_name TEXT,
    server_name TEXT,
    server_ip BLOB,
    client_ip BLOB,
    recording_connection_policy TEXT,
    duration INTEGER,
    analytics_score_aggregated INTEGER,
    analytics_scripted INTEGER,
    origin TEXT,
    recording_auth_method TEXT,
    recording_channel_policy TEXT,
    recording_archived INTEGER,
    recording_index_status TEXT,
    analytics_bucketed_duration TEXT,
    analytics_bucketed_starting_hour TEXT,
    analytics_interesting_events TEXT,
    analytics_score_details_command_score INTEGER,
    analytics_score_details_fis_score INTEGER,
    analytics_score_details_hostlogin_score INTEGER,
    analytics_score_details_keystroke_score INTEGER,
    analytics_score_details_logintime_score INTEGER,
    analytics_score_details_mouse_score INTEGER,
    analytics_score_details_windowtitle_score INTEGER,
    analytics_score_time INTEGER,
    analytics_similar_sessions TEXT,
    analytics_tags TEXT,
    client_name TEXT,
    client_port INTEGER,
    creation_time INTEGER,
    hidden INTEGER,
    log_adapter_name TEXT,
    log_auth_method TEXT,
    log_syslog_time INTEGER,
    node_id TEXT,
    phantom INTEGER,
    recording_archive_date INTEGER,
    recording_archive_path TEXT,
    recording_archive_policy TEXT,
    recording_archive_server TEXT,
    recording_command_extracted INTEGER,
    recording_connection_policy_id TEXT,
    recording_content_reference_id INTEGER,
    recording_deny_reason TEXT,
    recording_has_accepted_channel INTEGER,
    recording_network_id TEXT,
    recording_server_local_ip BLOB,
    recording_server_local_name TEXT,
    recording_server_local_port INTEGER,
    recording_session_id TEXT,
    recording_target_ip BLOB,
    recording_target_name TEXT,
    recording_target_port INTEGER,
    recording_verdict TEXT,
    recording_window_title_extracted INTEGER,
    revision INTEGER,
    server_address TEXT,
    server_id TEXT,
    server_port INTEGER,
    trail_download_link TEXT,
    user_gateway_username TEXT,
    user_gateway_username_domain TEXT,
    user_id TEXT,
    user_name_domain TEXT,
    user_server_username TEXT,
    user_server_username_domain TEXT
) STRICT;

-- Both time filters of a list are answered from this index alone.
CREATE INDEX sessions_time ON sessions (start_time, end_time);
CREATE INDEX sessions_end_time ON sessions (end_time);
CREATE INDEX sessions_user_name ON sessions (user_name);
CREATE INDEX sessions_server_name ON sessions (server_name);
CREATE INDEX sessions_server_ip ON sessions (server_ip);
CREATE INDEX sessions_client_ip ON sessions (client_ip);
CREATE INDEX sessions_connection_policy ON sessions (recording_connection_policy);

-- The fields with few distinct values share one index that covers them all:
-- counting any combination of them reads this and not the table.
CREATE INDEX sessions_facets ON sessions (
    protocol, verdict, recording_auth_method, recording_archived,
    recording_channel_policy, recording_index_status, origin, active,
    analytics_scripted, analytics_score_aggregated, duration);

-- Access-request data, apart because few sessions have any: no row, no values.
CREATE TABLE session_vault (
    id INTEGER PRIMARY KEY,
    vault_access_request_type TEXT,
    vault_account_id INTEGER,
    vault_account_name TEXT,
    vault_appliance_id TEXT,
    vault_appliance_name TEXT,
    vault_approved_comment TEXT,
    vault_approved_timestamp INTEGER,
    vault_approved_user_client_ip_address BLOB,
    vault_approved_user_domain_name TEXT,
    vault_approved_user_user_display_name TEXT,
    vault_approved_user_user_id INTEGER,
    vault_approved_user_user_name TEXT,
    vault_asset_partition_id INTEGER,
    vault_asset_partition_name TEXT,
    vault_auto_approved INTEGER,
    vault_available INTEGER,
    vault_broker_id INTEGER,
    vault_broker_name TEXT,
    vault_checked_in INTEGER,
    vault_closed_comment TEXT,
    vault_closed_timestamp INTEGER,
    vault_closed_user_client_ip_address BLOB,
    vault_closed_user_domain_name TEXT,
    vault_closed_user_user_display_name TEXT,
    vault_closed_user_user_id INTEGER,
    vault_closed_user_user_name TEXT,
    vault_created_comment TEXT,
    vault_created_timestamp INTEGER,
    vault_created_user_client_ip_address BLOB,
    vault_created_user_domain_name TEXT,
    vault_created_user_user_display_name TEXT,
    vault_created_user_user_id INTEGER,
    vault_created_user_user_name TEXT,
    vault_denied_comment TEXT,
    vault_denied_timestamp INTEGER,
    vault_denied_user_client_ip_address BLOB,
    vault_denied_user_domain_name TEXT,
    vault_denied_user_user_display_name TEXT,
    vault_denied_user_user_id INTEGER,
    vault_denied_user_user_name TEXT,
    vault_emergency_access_granted INTEGER,
    vault_expired INTEGER,
    vault_is_emergency INTEGER,
    vault_offline_workflow INTEGER,
    vault_reason_name TEXT,
    vault_reviewed_comment TEXT,
    vault_reviewed_timestamp INTEGER,
    vault_reviewed_user_client_ip_address BLOB,
    vault_reviewed_user_domain_name TEXT,
    vault_reviewed_user_user_display_name TEXT,
    vault_reviewed_user_user_id INTEGER,
    vault_reviewed_user_user_name TEXT,
    vault_revoked_comment TEXT,
    vault_revoked_timestamp INTEGER,
    vault_revoked_user_client_ip_address BLOB,
    vault_revoked_user_domain_name TEXT,
    vault_revoked_user_user_display_name TEXT,
    vault_revoked_user_user_id INTEGER,
    vault_revoked_user_user_name TEXT,
    vault_system_id INTEGER,
    vault_system_name TEXT,
    vault_ticket_number TEXT
) STRICT;

-- What a page of the list reads, and nothing else. The documents are plain JSON:
-- compressing them to a fifth costs 8 us each to read, more than all the rest
-- of a page, and the disk is cheaper than that.
CREATE TABLE session_docs (
    id   INTEGER PRIMARY KEY,
    key  TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- A NULL list is an empty one. words is what session_text was given: that table
-- keeps no text, and has to be fed again when a session gets another id.
CREATE TABLE session_details (
    id       INTEGER PRIMARY KEY,
    channels BLOB,
    alerts   BLOB,
    events   BLOB,
    indexing BLOB,
    content  BLOB,
    words    TEXT
) STRICT;

-- The words arrive normalised, so that every back end finds the same; the ascii
-- tokeniser only splits them at the spaces.
CREATE VIRTUAL TABLE session_text USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- Trails and downloads go by key, because the id of a session may change.
CREATE TABLE trails (
    key         TEXT PRIMARY KEY,
    blob        TEXT NOT NULL,
    size        INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE trail_downloads (
    id        INTEGER PRIMARY KEY,
    key       TEXT NOT NULL,
    time      INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    address   TEXT NOT NULL,
    from_api  INTEGER NOT NULL
) STRICT;
CREATE INDEX trail_downloads_key ON trail_downloads (key, time);

-- One row. total is the number of sessions. version changes whenever a session
-- does. end_lag is the most microseconds by which a session is said to have
-- ended before it started, which bounds the starts that an end leaves possible.
CREATE TABLE session_stats (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    total   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    end_lag INTEGER NOT NULL
) STRICT;
INSERT INTO session_stats (one, total, version, end_lag) VALUES (1, 0, 0, 0);
