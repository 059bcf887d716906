package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

const (
	// maxWords is how many different words the patterns of a search may stand for.
	maxWords = 1024
	// maxKnownWords bounds what a vocabulary remembers.
	maxKnownWords = 100_000
)

// vocabulary remembers words that are in session_words, so that most words need
// not be offered to it again.
type vocabulary struct {
	mu    sync.Mutex
	known map[string]struct{}
}

// unknown yields the words of a text that it does not remember.
func (v *vocabulary) unknown(text string) func(yield func(word string) bool) {
	return func(yield func(string) bool) {
		for word := range strings.FieldsSeq(text) {
			v.mu.Lock()
			_, known := v.known[word]
			v.mu.Unlock()
			if !known && word != query.Boundary && !yield(word) {
				return
			}
		}
	}
}

// learn remembers words that are stored. What it forgets is only offered again.
func (v *vocabulary) learn(words map[string]struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil || len(v.known) > maxKnownWords {
		v.known = make(map[string]struct{})
	}
	for word := range words {
		v.known[strings.Clone(word)] = struct{}{}
	}
}

// likeWords returns the stored words that the pattern stands for.
func likeWords(ctx context.Context, dbtx *sql.Tx, glob query.Glob, most int) ([]string, error) {
	prefix, _ := glob.Prefix()
	where, args := "word GLOB ?", []any{sqlGlob(glob)}
	if prefix != "" {
		where += " AND word >= ? AND word < ?"
		args = append(args, prefix, afterPrefix(prefix))
	}
	return findWords(ctx, dbtx, most, where, args...)
}

// similarWords returns the stored words that are that similar.
func similarWords(ctx context.Context, dbtx *sql.Tx, word string, edits, most int) ([]string, error) {
	n := len([]rune(word))
	return findWords(ctx, dbtx, most, "length(word) BETWEEN ? AND ? AND within_edits(word, ?, ?)", n-edits, n+edits, word, edits)
}

func findWords(ctx context.Context, dbtx *sql.Tx, most int, where string, args ...any) ([]string, error) {
	rows, err := dbtx.QueryContext(ctx, fmt.Sprintf(`SELECT word FROM session_words WHERE %s LIMIT %d`, where, most+1), args...)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var words []string
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			return nil, mapError(err)
		}
		words = append(words, word)
	}
	if len(words) > most {
		return nil, store.ErrTooManyWords
	}
	return words, mapError(rows.Err())
}
