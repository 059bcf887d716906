// Package sessionflags has the flags that choose sessions, which all commands about
// sessions share. Show makes such a command; it makes the query of the flags, and
// answers --explain in place of the command. Do is for commands without a result. The package sends nothing.
package sessionflags

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/output"
	"github.com/spskit/spskit/client/internal/cli/timeflag"
)

// flags are the conditions. All of them must hold; of one flag that is given several
// times, one value.
type flags struct {
	since, until                    *timeflag.Point
	user, gatewayUser, serverUser   []string
	server, client                  []string
	protocol, verdict               []string
	content, command, title         []string
	connectionPolicy, channelPolicy []string
	active                          bool
	longerThan, shorterThan         string
	query                           []string
	explain                         bool
	now                             func() time.Time
	changed                         func(name string) bool
}

// Show completes a command about sessions: it adds the flags, and prints what run
// returns for their query, or with --explain the query.
func Show(a *app.App, cmd *cobra.Command, run func(ctx context.Context, q client.Query, args []string) (output.Result, error)) *cobra.Command {
	return ShowAnd(a, cmd, func([]string) client.Query { return client.Query{} }, run)
}

// ShowAnd is Show for a command whose arguments are a condition, too.
func ShowAnd(a *app.App, cmd *cobra.Command, condition func(args []string) client.Query, run func(ctx context.Context, q client.Query, args []string) (output.Result, error)) *cobra.Command {
	f := add(a, cmd)
	return a.Show(cmd, func(ctx context.Context, args []string) (output.Result, error) {
		q, err := f.queryAnd(condition(args))
		if err != nil {
			return nil, err
		}
		a.Query = q.String()
		if f.explain {
			return output.Value("query", q.String()), nil
		}
		return run(ctx, q, args)
	})
}

// Conditions are what the flags say, for a command that runs again and again.
type Conditions struct {
	Query   client.Query // all but Since
	Since   time.Time    // sessions that began then or later; zero without
	Moves   bool         // Query has a moment in it that is another in each run
	Explain bool         // the query is to be printed, and nothing done
}

// Do completes a command about sessions that has no result to show. It adds the flags,
// and leaves what they say to run.
func Do(a *app.App, cmd *cobra.Command, run func(ctx context.Context, c Conditions, args []string) error) *cobra.Command {
	f := add(a, cmd)
	return a.Do(cmd, func(ctx context.Context, args []string) error {
		c := Conditions{Moves: f.until.Ago > 0, Explain: f.explain}
		if f.since.IsSet() {
			c.Since = f.since.Moment(a.Now())
		}
		rest := *f
		rest.since = timeflag.NewPoint(a.Location)
		var err error
		if c.Query, err = rest.queryAnd(client.Query{}); err != nil {
			return err
		}
		return run(ctx, c, args)
	})
}

func add(a *app.App, cmd *cobra.Command) *flags {
	f := &flags{
		since: timeflag.NewPoint(a.Location), until: timeflag.NewPoint(a.Location),
		now: a.Now, changed: cmd.Flags().Changed,
	}
	set := cmd.Flags()
	set.Var(f.since, "since", "sessions that began since this `time`: 7d, 2h, 2026-01-02 or RFC 3339")
	set.Var(f.until, "until", "sessions that began before this `time`")
	lists := []struct {
		into              *[]string
		name, what, field string
	}{
		{&f.user, "user", "`name` of the user, with * and ? for any characters", "user.name"},
		{&f.gatewayUser, "gateway-user", "`name` of the user at the gateway, with * and ?", "user.gateway_username"},
		{&f.serverUser, "server-user", "`name` of the user on the server, with * and ?", "user.server_username"},
		{&f.server, "server", "`host` of the server: a name with * and ?, an address, or a network", "server.name"},
		{&f.client, "client", "`host` of the client: a name with * and ?, an address, or a network", "client.name"},
		{&f.protocol, "protocol", "`protocol`: ssh, rdp, ica, vnc, telnet, http, mssql", "protocol"},
		{&f.verdict, "verdict", "`verdict`: accept, deny, auth-fail, terminated, ...", "verdict"},
		{&f.content, "content", "`words` that were on the screen, typed, or in a title", ""},
		{&f.command, "command", "`words` that were typed as a command", ""},
		{&f.title, "title", "`words` in the title of a window", ""},
		{&f.connectionPolicy, "connection-policy", "`name` of the connection policy, with * and ?", "recording.connection_policy"},
		{&f.channelPolicy, "channel-policy", "`name` of the channel policy, with * and ?", "recording.channel_policy"},
	}
	for _, l := range lists {
		set.StringArrayVar(l.into, l.name, nil, l.what)
		if l.field != "" {
			must(cmd.RegisterFlagCompletionFunc(l.name, a.FieldValues(l.field)))
		}
	}
	set.BoolVar(&f.active, "active", false, "sessions that go on; with --active=false those that are over")
	set.StringVar(&f.longerThan, "min-duration", "", "sessions that took at least this `period`, such as 10m")
	set.StringVar(&f.shorterThan, "max-duration", "", "sessions that took at most this `period`")
	set.StringArrayVarP(&f.query, "query", "q", nil, "a whole `query` in the search language of the appliance")
	set.BoolVar(&f.explain, "explain", false, "print the query that the flags make, and stop")
	for _, name := range []string{"since", "until", "min-duration", "max-duration", "query", "content", "command", "title"} {
		must(cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
	return f
}

// must is for what only a mistake in this package makes fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
