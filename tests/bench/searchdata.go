//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// loaded is a data directory full of made-up sessions, and what filling it took.
type loaded struct {
	Sessions int
	Took     time.Duration
	CPU      time.Duration
	reused   bool  // an earlier run has filled it
	database int64 // bytes
	disk     int64 // bytes of the whole directory
}

// loadSessions fills a data directory and makes it the one that is measured. A
// directory that is kept is filled once.
func (b *bench) loadSessions(ctx context.Context, keep string, sessions int) (l loaded, err error) {
	b.sessions = sessions
	if keep == "" {
		keep = b.dir
	}
	b.data = filepath.Join(keep, fmt.Sprintf("search-%d", sessions))
	// It is written when the directory is full, and not before.
	note := b.data + ".json"
	raw, err := os.ReadFile(note)
	switch {
	case err == nil:
		if err := json.Unmarshal(raw, &l); err != nil {
			return l, fmt.Errorf("%s: %w", note, err)
		}
		l.reused = true
	case errors.Is(err, fs.ErrNotExist):
		if err := os.RemoveAll(b.data); err != nil {
			return l, err
		}
		if err := os.MkdirAll(keep, 0o700); err != nil {
			return l, err
		}
		say("making up %s sessions", count(float64(sessions)))
		took, err := b.seed(ctx, b.data)
		if err != nil {
			return l, err
		}
		l = loaded{Sessions: sessions, Took: took.wall, CPU: took.cpu}
		if raw, err = json.Marshal(l); err != nil {
			return l, err
		}
		if err := os.WriteFile(note, raw, 0o600); err != nil {
			return l, err
		}
	default:
		return l, err
	}
	return l, l.weigh(b.data, b.database())
}

// weigh takes what the directory occupies.
func (l *loaded) weigh(dir, database string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		l.disk += info.Size()
		if path == database {
			l.database = info.Size()
		}
		return nil
	})
}

func (l loaded) columns() []string {
	n := float64(l.Sessions)
	when := "now"
	if l.reused {
		when = "by an earlier run"
	}
	return []string{
		count(n), when, duration(l.Took.Seconds()), count(n/l.Took.Seconds()) + "/s", duration(l.CPU.Seconds() / n),
		size(l.database), count(float64(l.database)/n) + " B", size(l.disk), count(float64(l.disk)/n) + " B",
	}
}
