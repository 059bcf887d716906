package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
)

// listNumber returns the number that a list field has in session_lists.
func listNumber(f *query.Field) int {
	for i, field := range listFields {
		if query.Fields[field].Path == f.Path {
			return i + 1
		}
	}
	panic("sqlite: not a list field: " + f.Path)
}

// deleteLists removes the values of a session's lists, which its row names.
func deleteLists(ctx context.Context, dbtx *sql.Tx, id int64) error {
	lists := make([]sql.NullString, len(listFields))
	dest := make([]any, len(lists))
	for i := range lists {
		dest[i] = &lists[i]
	}
	columns := strings.TrimPrefix(columnList(listFields, "*"), ", ")
	if err := dbtx.QueryRowContext(ctx, `SELECT `+columns+` FROM sessions WHERE id = ?`, id).Scan(dest...); err != nil {
		return mapError(err)
	}
	for i, list := range lists {
		if !list.Valid {
			continue
		}
		for value := range splitList(list.String) {
			if _, err := dbtx.ExecContext(ctx, `
				DELETE FROM session_lists WHERE field = ? AND value = ? AND id = ?`, i+1, value, id); err != nil {
				return mapError(err)
			}
		}
	}
	return nil
}

// splitList yields the values of a list as it is kept in a column.
func splitList(list string) iter.Seq[string] {
	inner := strings.TrimSuffix(strings.TrimPrefix(list, listSeparator), listSeparator)
	return strings.SplitSeq(inner, listSeparator)
}
