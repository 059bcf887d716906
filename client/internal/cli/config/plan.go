package config

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

// wish is how an object is to be. It names the object by its path, or by the path of a
// collection and the name in the body.
type wish struct {
	path   string
	absent bool
	name   string                        // in a collection
	body   func(before any) (any, error) // what it is to be, from what it is; nil if it is not there
}

// action says what is done with an object.
type action string

const (
	create    action = "create"
	replace   action = "replace"
	remove    action = "delete"
	unchanged action = "unchanged"
)

// step is what has to be done for a wish.
type step struct {
	Action action `json:"action"`
	Path   string `json:"path"` // of the object, or of the collection in which it is created
	Name   string `json:"name,omitempty"`
	Key    string `json:"key,omitempty"` // of an object that was created

	before, after any
}

func (s step) diff() string {
	path := s.Path
	if s.Action == create {
		path += fmt.Sprintf(" (new: %q)", s.Name)
	}
	return unified(path, s.before, s.after)
}

// plan finds what has to be done for a wish. Unless force is set, members that nobody
// knows are an error.
func (w wish) plan(ctx context.Context, r reader, force bool) (step, error) {
	s := step{Action: unchanged, Path: w.path, Name: w.name}
	found, err := read(ctx, r, w.path)
	switch {
	case err == nil && found.Items != nil:
		if w.name == "" {
			return s, failure.Usage("%s is a list: give the path of an object in it, or a body with a name", w.path)
		}
		if found, err = found.called(ctx, r, w.name); err != nil {
			return s, err
		}
	case w.absent && errors.Is(err, client.ErrNotFound):
		return s, nil
	case err != nil:
		return s, err
	}
	if found != nil {
		s.Path = found.path
		if s.before, err = found.body(); err != nil {
			return s, err
		}
	}
	if w.absent {
		if found != nil {
			s.Action = remove
		}
		return s, nil
	}
	if s.after, err = w.body(s.before); err != nil {
		return s, err
	}
	s.after = written(s.after)
	switch {
	case found == nil:
		s.Action = create
	case !reflect.DeepEqual(s.before, s.after):
		s.Action = replace
	default:
		return s, nil
	}
	return s, s.check(force)
}

// check refuses members that an appliance would ignore without a word.
func (s step) check(force bool) error {
	method := "PUT"
	if s.Action == create {
		method = "POST"
	}
	p, ok := contract.Find(s.Path)
	schema := contract.Takes(p.Operation(method))
	if force || !ok && s.before == nil {
		return nil
	}
	if schema == nil {
		schema = contract.Object{"properties": map[string]any{"": nil}} // all that is known is what is there
	}
	unknown := contract.Unknown(schema, s.after, s.before)
	if len(unknown) == 0 {
		return nil
	}
	return failure.WithHint(
		fmt.Errorf("%s has no member %s, and an appliance would ignore it silently", s.Path, strings.Join(unknown, ", ")),
		failure.Invalid, fmt.Sprintf("see what there is with 'spsctl explain %s', or send it all the same with --force", contract.Short(s.Path)))
}

// do carries a step out.
func (s *step) do(ctx context.Context, tx *client.Tx, dry bool) (err error) {
	switch s.Action {
	case create:
		s.Key, err = tx.Post(ctx, s.Path, s.after)
		if dry && errors.Is(err, client.ErrUnexpectedAnswer) {
			err = nil // --curl has no answer that would tell the key
		}
	case replace:
		err = tx.Put(ctx, s.Path, s.after)
	case remove:
		err = tx.Delete(ctx, s.Path)
	}
	return err
}

// plans plans all wishes, and tells whether there is anything to do.
func plans(ctx context.Context, r reader, wishes []wish, force bool) (steps []step, changes bool, err error) {
	for _, w := range wishes {
		s, err := w.plan(ctx, r, force)
		if err != nil {
			return nil, false, err
		}
		steps = append(steps, s)
		changes = changes || s.Action != unchanged
	}
	return steps, changes, nil
}

// committing are the flags of commands that commit.
type committing struct {
	message string
	wait    time.Duration
	adopt   bool
	dryRun  bool
	force   bool
}

func (c *committing) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&c.message, "commit-message", "m", "", "`words` that say why; an appliance may demand them")
	f.DurationVar(&c.wait, "wait", 0, "how much `time` to wait while somebody else holds the configuration")
	f.BoolVar(&c.adopt, "adopt", false, "go on in the open transaction of this login, and commit what is pending in it too, or drop it when the command fails")
	f.BoolVar(&c.force, "force", false, "send members that neither the appliance nor the contract has")
	for _, name := range []string{"commit-message", "wait"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

func (c *committing) addDryRun(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false,
		"have the appliance check it all in a transaction that is rolled back; nobody else can change anything meanwhile")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "adopt") // which would drop what is pending
}

// allowed refuses when a transaction is open that the command may not go on in.
func (c *committing) allowed(ctx context.Context, a *app.App, sps *client.Client) error {
	if c.adopt {
		return nil
	}
	return a.NotInTransaction(ctx, sps, "go on in it with --adopt")
}

// transaction calls fn in a transaction, and commits.
func (c *committing) transaction(ctx context.Context, a *app.App, sps *client.Client, fn func(context.Context, *client.Tx) error) error {
	if err := c.allowed(ctx, a, sps); err != nil {
		return err
	}
	options := []client.TransactionOption{client.WithCommitMessage(c.message), client.WithLockWait(c.wait)}
	if c.adopt {
		options = append(options, client.WithAdoption())
	}
	return sps.Transaction(ctx, fn, options...)
}

// report is the result of a command that changes something.
type report struct {
	Committed bool            `json:"committed"`
	Objects   []step          `json:"objects"`
	Changes   []client.Change `json:"changes"` // as the appliance tells
}

func (r report) result() output.Result {
	lines := output.Diff(client.FormatDiff(r.Changes))
	for _, s := range r.Objects {
		if s.Action == unchanged {
			lines = append(lines, output.Line{Text: "unchanged " + output.Clean(strings.TrimSpace(s.Path+" "+s.Name))})
		}
	}
	if len(lines) == 0 {
		lines = []output.Line{{Text: "nothing to change"}}
	}
	return output.Text("changes", lines, r)
}

// errDryRun ends a transaction that is only tried.
var errDryRun = errors.New("nothing is committed")

// fulfil does what has to be done for all wishes, in one transaction: all of it or
// nothing. Without anything to do it opens none.
func fulfil(ctx context.Context, a *app.App, c *committing, wishes []wish) (report, error) {
	sps, err := a.Client()
	if err != nil {
		return report{}, err
	}
	r := report{Changes: []client.Change{}}
	var some bool
	if r.Objects, some, err = plans(ctx, sps, wishes, c.force); err != nil || !some {
		return r, err
	}
	err = c.transaction(ctx, a, sps, func(ctx context.Context, tx *client.Tx) error {
		for i, w := range wishes {
			s, err := w.plan(ctx, tx, c.force) // once more: it may have changed meanwhile
			if err == nil {
				err = s.do(ctx, tx, a.Dry())
			}
			if err != nil {
				return err
			}
			r.Objects[i] = s
		}
		changes, err := tx.Changes(ctx)
		if err != nil {
			return err
		}
		r.Changes = append(r.Changes, changes...)
		if c.dryRun {
			return errDryRun
		}
		return nil
	})
	if err == errDryRun { //nolint:errorlint // wrapped in another it is that of a roll-back that failed
		a.Notef("Dry run: the appliance accepts the changes, and nothing was committed.")
		return r, nil
	}
	r.Committed = err == nil
	return r, err
}
