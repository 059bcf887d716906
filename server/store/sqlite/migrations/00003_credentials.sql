-- +goose Up

-- How the user proved who they are; empty for a password.
ALTER TABLE logins ADD COLUMN method TEXT NOT NULL DEFAULT '';

-- id is a hash of the key, and the id of the login that the key acts as.
CREATE TABLE api_keys (
    id         BLOB PRIMARY KEY,
    user_name  TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_user_name ON api_keys (user_name);
