package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// completeWithin is how long somebody who has pressed Tab is kept waiting.
const completeWithin = 3 * time.Second

// Completion is what cobra completes flags and arguments with.
type Completion = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// FromServer completes with words that the appliance gives. It asks no questions, and
// completes nothing when there is no login and no password to be had.
func (a *App) FromServer(words func(ctx context.Context, sps *client.Client) ([]string, error)) Completion {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		a.completing = true
		sps, err := a.Client()
		if err != nil {
			return nil, directive
		}
		ctx := cmd.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, completeWithin)
		defer cancel()
		all, err := words(ctx, sps)
		if err != nil {
			cobra.CompDebugln(err.Error(), false)
			return nil, directive
		}
		var fitting []string
		for _, w := range all {
			if strings.HasPrefix(w, word) {
				fitting = append(fitting, w)
			}
		}
		return fitting, directive | cobra.ShellCompDirectiveKeepOrder
	}
}

// Word makes a word of a completion with a description, which may be a server's text.
// A word with characters that are not printable cannot be completed, and is empty.
func Word(word, description string) string {
	if word == "" || output.Clean(word) != word {
		return ""
	}
	return word + "\t" + output.Clean(description)
}

// SessionKeys completes the keys of the latest sessions, as the only argument.
func (a *App) SessionKeys() Completion {
	complete := a.FromServer(func(ctx context.Context, sps *client.Client) ([]string, error) {
		page, err := sps.ListSessions(ctx, client.SessionQuery{
			Fields: []string{"start_time", "user.name", "server.name", "protocol"}, Sort: []string{"-start_time"}, Limit: 50,
		})
		if err != nil {
			return nil, err
		}
		var words []string
		for _, s := range page.Sessions {
			words = append(words, Word(s.Key, strings.Join([]string{
				s.StartTime.In(a.Location).Format("2006-01-02 15:04"), s.User.Name, s.Server.Name, string(s.Protocol),
			}, " ")))
		}
		return words, nil
	})
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, word)
	}
}

// FieldValues completes the most frequent values of a search field.
func (a *App) FieldValues(field string) Completion {
	return a.FromServer(func(ctx context.Context, sps *client.Client) ([]string, error) {
		stats, err := sps.Stats(ctx, client.StatsQuery{Field: field, Size: 100})
		if err != nil {
			return nil, err
		}
		var words []string
		for _, v := range stats.Values {
			words = append(words, Word(v.Value, ""))
		}
		return words, nil
	})
}

// Fields completes a list of search fields with commas between them. Words that begin
// each are also tried with the prefixes, such as "-" for a sort.
func Fields(more ...string) Completion {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		before, last := "", word
		if i := strings.LastIndexByte(word, ','); i >= 0 {
			before, last = word[:i+1], word[i+1:]
		}
		var words []string
		for _, field := range slices.Concat(more, client.SearchFields()) {
			if name := strings.TrimPrefix(last, "-"); strings.HasPrefix(field, name) {
				words = append(words, before+strings.TrimSuffix(last, name)+field)
			}
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}
