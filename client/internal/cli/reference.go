package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/client/internal/cli/app"
)

// Documented returns the tree of commands, for reading and not for running.
func Documented() *cobra.Command {
	root := newRoot(app.New(app.System{Now: time.Now, Location: time.UTC, Lookup: func(string) (string, bool) { return "", false }}))
	root.DisableAutoGenTag = true
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

// Reference returns all that the commands' help says, as one page of Markdown.
func Reference() string {
	root := Documented()
	var b strings.Builder
	b.WriteString("# spsctl\n\nMade from the commands by `make docs`.\n\n")
	describe(&b, root)
	for _, cmd := range root.Commands() {
		each(cmd, func(cmd *cobra.Command) {
			fmt.Fprintf(&b, "## %s\n\n", cmd.CommandPath())
			describe(&b, cmd)
		})
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func each(cmd *cobra.Command, do func(*cobra.Command)) {
	if cmd.Hidden || cmd.Name() == "help" {
		return
	}
	do(cmd)
	for _, sub := range cmd.Commands() {
		each(sub, do)
	}
}

func describe(b *strings.Builder, cmd *cobra.Command) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	b.WriteString(fence(text))
	if cmd.Runnable() && !cmd.HasSubCommands() {
		b.WriteString(fence(cmd.UseLine()))
	}
	if cmd.Example != "" {
		b.WriteString("Examples:\n\n" + fence(cmd.Example))
	}
	if flags := cmd.NonInheritedFlags(); flags.HasAvailableFlags() {
		title := "Options:"
		if !cmd.HasParent() {
			title = "Options of every command:"
		}
		b.WriteString(title + "\n\n" + fence(flags.FlagUsages()))
	}
}

// fence keeps text as it is: help is written for terminals.
func fence(text string) string { return "```\n" + strings.Trim(text, "\n") + "\n```\n\n" }
