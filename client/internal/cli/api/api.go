// Package api has the command that sends a request of the user's own.
package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

type request struct {
	method, path string
	data         string
	include      bool
	transaction  bool
	message      string
}

// New makes the command.
func New(a *app.App) []*cobra.Command {
	var r request
	cmd := &cobra.Command{
		Use:   "api METHOD PATH",
		Short: "Send a request that no other command sends",
		Long: `Send a request, and print the body of the answer as it comes. On a terminal JSON is
indented. A PATH may leave out /api/configuration/ or /api/, and have a query.

A change needs a transaction: one of its own with --transaction, which is committed if the
answer is a success, or the one that 'spsctl transaction open' has opened.`,
		Example: `  spsctl api GET /api/info
  spsctl api GET 'audit/sessions?limit=5&fields=user.name' -i
  spsctl api PUT vnc/options -d @options.json --transaction -m "Log more"
  echo '"secret"' | spsctl api POST /api/configuration/passwords -d - --transaction`,
		Args: app.Args(2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			switch len(args) {
			case 0:
				return contract.Methods, cobra.ShellCompDirectiveNoFileComp
			case 1:
				return contract.Complete(word, func(p contract.Path) bool { return p.Operation(args[0]) != nil }),
					cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
	}
	f := cmd.Flags()
	f.StringVarP(&r.data, "data", "d", "", "`body` in JSON, @FILE, or - for standard input")
	f.BoolVarP(&r.include, "include", "i", false, "print the status and the headers to standard error")
	f.BoolVar(&r.transaction, "transaction", false, "send it in a transaction of its own, and commit")
	f.StringVarP(&r.message, "commit-message", "m", "", "`words` that say why, with --transaction")
	_ = cmd.RegisterFlagCompletionFunc("commit-message", cobra.NoFileCompletions)
	return []*cobra.Command{a.Do(cmd, func(ctx context.Context, args []string) error {
		r.method, r.path = strings.ToUpper(args[0]), fullPath(args[1])
		if !slices.Contains(contract.Methods, r.method) {
			return failure.Usage("%q is no method: use %s", args[0], strings.Join(contract.Methods, ", "))
		}
		if r.message != "" && !r.transaction {
			return failure.Usage("--commit-message needs --transaction")
		}
		return r.run(ctx, a)
	})}
}

// fullPath completes the path in front of a query.
func fullPath(path string) string {
	path, query, has := strings.Cut(path, "?")
	path = contract.Full(path)
	if has {
		path += "?" + query
	}
	return path
}

func (r request) run(ctx context.Context, a *app.App) error {
	body, done, err := r.body(a)
	if err != nil {
		return err
	}
	defer done()
	sps, err := a.Client()
	if err != nil {
		return err
	}
	send := func(ctx context.Context, raw func(context.Context, string, string, io.Reader) (*http.Response, error)) error {
		resp, err := raw(ctx, r.method, r.path, body) //nolint:bodyclose // show closes it
		if err != nil {
			return err
		}
		return r.show(a, resp)
	}
	if !r.transaction {
		if err := r.needsTransaction(ctx, a, sps); err != nil {
			return err
		}
		return send(ctx, sps.Raw)
	}
	if err := a.NotInTransaction(ctx, sps, "leave out --transaction to send it in that one"); err != nil {
		return err
	}
	return sps.Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
		return send(ctx, tx.Raw)
	}, client.WithCommitMessage(r.message))
}

// body is what is sent, nil for nothing, and what to do after that.
func (r request) body(a *app.App) (body io.Reader, done func(), err error) {
	done = func() {}
	switch {
	case r.data == "":
		return nil, done, nil
	case r.data == "-":
		return a.In, done, nil
	case r.data[0] == '@':
		f, err := os.Open(r.data[1:])
		if err != nil {
			return nil, nil, err
		}
		return f, func() { _ = f.Close() }, nil // it was only read
	}
	return strings.NewReader(r.data), done, nil
}

// needsTransaction refuses a change outside of a transaction, for which a newer
// appliance would open one that nobody closes.
func (r request) needsTransaction(ctx context.Context, a *app.App, sps *client.Client) error {
	changes := strings.HasPrefix(r.path, "/api/configuration") || strings.HasPrefix(r.path, "/api/acl")
	if r.method == http.MethodGet || !changes || a.Dry() {
		return nil
	}
	status, err := sps.TransactionStatus(ctx)
	if err != nil || status.State == client.TransactionOpen {
		return err
	}
	return failure.WithHint(fmt.Errorf("no transaction is open: %w", client.ErrNoTransaction), failure.Conflict,
		"send it with --transaction, or open a transaction with 'spsctl transaction open' first")
}

var errBinary = errors.New("the answer is no text, and would upset the terminal")

func (r request) show(a *app.App, resp *http.Response) error {
	if r.include {
		a.Notef("%s %s", resp.Proto, resp.Status)
		for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
			if name != "Set-Cookie" {
				a.Notef("%s: %s", name, strings.Join(resp.Header[name], ", "))
			}
		}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return client.CheckResponse(resp)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	if a.Dry() {
		return nil
	}
	if !a.Terminal(a.Out) {
		_, err := io.Copy(a.Out, resp.Body)
		return err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind != "application/json" && !strings.HasPrefix(kind, "text/") {
		return failure.WithHint(errBinary, failure.UsageError, "send the output to a file")
	}
	return a.Text(resp.Body, kind == "application/json")
}
