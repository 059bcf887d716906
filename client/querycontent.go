package client

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ContentKind is where content was seen, and makes conditions on it. They find whole
// words, which are runs of letters and digits, and ignore case. Sessions that have
// not been indexed have no content.
//
// Within SessionQuery.Q and SessionQuery.Content, And and Not look at all content of a
// session; within SearchContent they look at one record of it, such as a command.
type ContentKind string

// The kinds that the contract lists, and Content, which is any of them. A hit may
// have one that this package doesn't know.
const (
	Content ContentKind = ""
	Screen  ContentKind = "screen"  // what was on the screen
	Command ContentKind = "command" // what was typed into a terminal
	Title   ContentKind = "title"   // the titles of windows
)

// Phrase selects content with these words, one right after the other. What is no
// word, such as punctuation, makes no difference.
func (k ContentKind) Phrase(words string) Query {
	text, err := phrase(words)
	return k.where(text, err)
}

// Near selects content with these words in any order, and with at most so many other
// words among them, 1 to 100.
func (k ContentKind) Near(words string, others int) Query {
	text, err := phrase(words)
	if err == nil && (others < 1 || others > 100) { // the language takes 0 for a phrase, in order
		err = fmt.Errorf("1 to 100 words can be between others, not %d", others)
	}
	return k.where(text+"~"+strconv.Itoa(others), err)
}

// Prefix selects content with a word that begins like that.
func (k ContentKind) Prefix(prefix string) Query {
	term, err := escape(prefix, false)
	return k.where(term+"*", cmp.Or(err, checkWord(prefix, "")))
}

// Like selects content with a word like the pattern, where "*" stands for any letters
// and digits and "?" for one. It cannot begin with either.
func (k ContentKind) Like(pattern string) Query {
	term, err := escape(pattern, true)
	return k.where(term, cmp.Or(err, checkWord(pattern, "*?")))
}

// Fuzzy selects content with a word that is this one after so many edits, 1 or 2; see
// TextField.Fuzzy.
func (k ContentKind) Fuzzy(word string, edits int) Query {
	term, err := fuzzy(word, edits)
	return k.where(term, cmp.Or(err, checkWord(word, "")))
}

// where writes the condition in both languages.
func (k ContentKind) where(condition string, err error) Query {
	switch {
	case err != nil:
		return wrong("content: %w", err)
	case k == Content:
		return Query{text: "screen.content:" + condition, content: condition, rank: rankClause}
	case k == Screen || k == Command || k == Title:
		content := string(k) + ":" + condition
		return Query{text: "screen.content:(" + content + ")", content: content, rank: rankClause}
	}
	return wrong("%q is no kind of content that this package knows", string(k))
}

func phrase(words string) (string, error) {
	if !strings.ContainsFunc(words, inWord) {
		return "", fmt.Errorf("there is no word in %q", words)
	}
	return quote(words)
}

// checkWord sees to it that text is one word, as far as it isn't wildcards: letters
// and digits, and single characters of ".-_" between two of them.
func checkWord(text, wildcards string) error {
	joined := true // words don't begin with such a character
	for i, r := range text {
		wildcard := strings.ContainsRune(wildcards, r)
		joiner := strings.ContainsRune(".-_", r)
		switch {
		case wildcard && i == 0:
			return fmt.Errorf("%q begins with a wildcard", text)
		case wildcard, inWord(r), joiner && !joined, i > 0 && unicode.IsMark(r):
		default:
			return fmt.Errorf("%q is not one word", text)
		}
		joined = joiner
	}
	if text == "" {
		return errors.New("there is no word")
	}
	return nil
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
