package transaction

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
)

type status struct {
	Status        client.TransactionState    `json:"status"`
	CommitMessage client.CommitMessagePolicy `json:"commit_message,omitempty"`
	Remaining     float64                    `json:"remaining_seconds,omitempty"`

	told *client.TransactionStatus
}

var statusColumns = []output.Column[status]{
	{Name: "status", Value: func(s status) any { return string(s.Status) }, Tone: func(s status) output.Tone {
		if s.Status == client.TransactionOpen {
			return output.Notable
		}
		return output.Plain
	}},
	{Name: "commit message", Value: func(s status) any { return string(s.CommitMessage) }},
	{Name: "login ends in", Value: func(s status) any {
		if s.told.Remaining == 0 {
			return nil
		}
		return s.told.Remaining
	}},
}

func newStatus(a *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell whether this login has a transaction open",
		Long:  "Tell whether this login has a transaction open. Those of others don't show.",
	}
	return a.Show(cmd, func(ctx context.Context, _ []string) (output.Result, error) {
		sps, err := a.Client()
		if err != nil {
			return nil, err
		}
		s, err := sps.TransactionStatus(ctx)
		if err != nil {
			return nil, err
		}
		return output.One(statusColumns, status{s.State, s.CommitMessage, s.Remaining.Seconds(), s}), nil
	})
}
