package config

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/failure"
	"github.com/spskit/spskit/client/internal/cli/output"
)

const editHelp = `Edit the body of %s, save it and leave the editor.
Without a change, or if everything is deleted, nothing happens.
'spsctl explain %s' tells what the members mean.`

func newEdit(a *app.App) *cobra.Command {
	var c committing
	var yes bool
	cmd := &cobra.Command{
		Use:   "edit PATH",
		Short: "Edit an object in an editor, and commit",
		Long: `Edit the body of an object in $VISUAL or $EDITOR, look at the difference, and commit.

No transaction is open while you edit, so that nobody has to wait for you. If somebody
else has changed the object in the meantime, or the appliance refuses it, the editor opens
again and says so. When it comes to nothing, your text is kept in a file.`,
		Example: `  spsctl config edit vnc/options
  EDITOR="code --wait" spsctl config edit ssh/channel_policies/KEY -m "As agreed"`,
		Args:              app.Args(1),
		ValidArgsFunction: paths(a, false),
	}
	c.add(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "commit without a question")
	return a.Do(cmd, func(ctx context.Context, args []string) (err error) {
		if !yes && !a.Terminal(a.In) {
			return failure.WithHint(failure.Usage("there is nobody to ask whether to commit"), failure.UsageError,
				"give --yes, or use 'spsctl config set' or apply in scripts")
		}
		sps, err := a.Client()
		if err != nil {
			return err
		}
		if err := c.allowed(ctx, a, sps); err != nil {
			return err
		}
		found, err := read(ctx, sps, contract.Full(args[0]))
		if err != nil {
			return err
		}
		if found.Items != nil {
			return failure.Usage("%s is a list: give the path of an object in it", found.path)
		}
		base, err := found.body()
		if err != nil || a.Dry() {
			return err
		}
		d, err := newDraft()
		if err != nil {
			return err
		}
		e := editing{App: a, c: &c, sps: sps, draft: d, path: found.path, base: base, yes: yes}
		keep := true // also if it panics
		defer func() {
			if keep {
				a.Notef("Your text is kept in %s", d.path)
			} else {
				d.drop()
			}
		}()
		keep, err = e.run(ctx)
		return err
	})
}

// editing is one run of edit.
type editing struct {
	*app.App
	c     *committing
	sps   *client.Client
	draft *draft
	path  string
	base  any // the body that the text started from
	yes   bool
}

// run offers the text until it is committed, or given up. keep says that the text of a
// person would be lost.
func (e *editing) run(ctx context.Context) (keep bool, err error) {
	help := fmt.Sprintf(editHelp, e.path, contract.Short(e.path))
	body := []byte(text(e.base))
	comment, again, refused := help, false, ""
	for {
		if err := e.draft.offer(comment, body); err != nil {
			return again, err
		}
		edited, changed, err := e.draft.edit(ctx, e.App)
		body = uncommented(edited)
		switch {
		case err != nil:
			return true, err
		case !changed && again:
			return true, failure.WithHint(errors.New("the text was left as it was, and nothing is committed"), failure.Invalid, "run the command again")
		case !changed, strings.TrimSpace(string(body)) == "":
			e.Notef("Nothing has changed.")
			return false, nil
		}
		s, err := e.step(body)
		switch {
		case err == nil && s.Action == unchanged:
			e.Notef("Nothing has changed.")
			return false, nil
		case err == nil:
			e.Tell(output.Diff(s.diff()))
			ok, askErr := e.agreed(ctx)
			if askErr != nil || !ok {
				if askErr == nil {
					e.Notef("Nothing is committed.")
				}
				return true, askErr
			}
			err = e.commit(ctx, s)
		}
		if err == nil {
			e.Notef("Changed %s.", e.path)
			return false, nil
		}
		if !worthAnotherTry(err) || string(body) == refused { // an editor that is a program would go on for ever
			return true, err
		}
		refused = string(body)
		comment, again = fmt.Sprintf("%v\n\nCorrect the text, or leave it as it is to give up.\n\n%s", err, help), true
	}
}

// invalidTextError is a text that a person can correct.
type invalidTextError struct{ error }

func (e invalidTextError) Unwrap() error { return e.error }

// changedError says that the object is not what the text started from.
type changedError struct{ diff string }

func (e changedError) Error() string {
	return "Somebody else has changed the object since you began:\n" + e.diff +
		"\nYour text, below, is without that change. Bring it in, or remove this paragraph to overwrite it."
}

func worthAnotherTry(err error) bool {
	var text invalidTextError
	var meanwhile changedError
	return errors.As(err, &text) || errors.As(err, &meanwhile) ||
		errors.Is(err, client.ErrInvalidDocument) || errors.Is(err, client.ErrConflict)
}

// step makes of the text what has to be done.
func (e *editing) step(body []byte) (step, error) {
	s := step{Action: replace, Path: e.path, before: e.base}
	documents, err := parse(body)
	if err == nil && len(documents) != 1 {
		err = errors.New("it has to be one document")
	}
	if err != nil {
		return s, invalidTextError{err}
	}
	if s.after = written(documents[0]); reflect.DeepEqual(s.before, s.after) {
		s.Action = unchanged
		return s, nil
	}
	if err := s.check(e.c.force); err != nil {
		return s, invalidTextError{err}
	}
	return s, nil
}

func (e *editing) agreed(ctx context.Context) (bool, error) {
	if e.yes {
		return true, nil
	}
	return confirm(ctx, e.App, "Commit this?")
}

// commit writes the object, unless it has changed meanwhile.
func (e *editing) commit(ctx context.Context, s step) error {
	return e.c.transaction(ctx, e.App, e.sps, func(ctx context.Context, tx *client.Tx) error {
		found, err := read(ctx, tx, e.path)
		if err != nil {
			return err
		}
		now, err := found.body()
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(now, e.base) {
			difference := unified(e.path, e.base, now)
			e.base = now
			return changedError{difference}
		}
		return s.do(ctx, tx, false)
	})
}
