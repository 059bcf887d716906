package har

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// largestEntry bounds the memory that one entry takes, in bytes of the file.
	largestEntry = 64 << 20
	// deepest bounds the nesting of what is skipped; encoding/json does for the rest.
	deepest = 10_000
)

var errTooLarge = fmt.Errorf("it is larger than %d MiB", largestEntry>>20)

// reader reads a HAR file entry by entry, so that one of any length takes the
// memory of its largest entry.
type reader struct {
	source  *bounded
	decoder *json.Decoder
	index   int   // of the entry that is being read
	begin   int64 // where it begins; -1 between entries
}

// read calls do with every entry of a HAR file, in their order. Errors say where
// in the file they are.
func read(file io.Reader, largest int64, do func(index int, e *entry) error) error {
	buffered := bufio.NewReaderSize(file, 64<<10)
	if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(len(mark)) // what was peeked at is there
	}
	source := &bounded{r: buffered, most: largest}
	r := &reader{source: source, decoder: json.NewDecoder(source), begin: -1}
	err := r.file(do)
	if err == nil {
		return nil
	}
	where := fmt.Sprintf("at byte %d", r.decoder.InputOffset())
	if r.begin >= 0 {
		where = fmt.Sprintf("at log.entries[%d], which begins at byte %d", r.index, r.begin)
	}
	return fmt.Errorf("%s: %w", where, plain(err))
}

func (r *reader) file(do func(int, *entry) error) error {
	var found bool
	err := r.object(func(name string) error {
		if name != "log" {
			return r.skip()
		}
		return r.object(func(name string) error {
			if name != "entries" {
				return r.skip()
			}
			found = true
			return r.entries(do)
		})
	})
	if err != nil {
		return err
	}
	if !found {
		return errors.New("this is no HAR file: it has no log.entries")
	}
	switch _, err := r.token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	default:
		return errors.New("there is more after the end of the HAR file")
	}
}

func (r *reader) entries(do func(int, *entry) error) error {
	if err := r.open('['); err != nil {
		return err
	}
	for ; r.decoder.More(); r.index++ {
		r.source.renew()
		r.begin = r.decoder.InputOffset()
		var e entry
		if err := r.decoder.Decode(&e); err != nil {
			return err
		}
		if err := do(r.index, &e); err != nil {
			return err
		}
		r.begin = -1
	}
	_, err := r.token()
	return err
}

// object calls do with the name of every member, to read its value.
func (r *reader) object(do func(name string) error) error {
	if err := r.open('{'); err != nil {
		return err
	}
	for r.decoder.More() {
		name, err := r.token()
		if err != nil {
			return err
		}
		if err := do(name.(string)); err != nil { // which the decoder sees to
			return err
		}
	}
	_, err := r.token()
	return err
}

func (r *reader) open(want json.Delim) error {
	switch found, err := r.token(); {
	case err != nil:
		return err
	case found != want:
		return fmt.Errorf("this is no HAR file: expected %q", rune(want))
	default:
		return nil
	}
}

// skip passes over one value, whatever its size.
func (r *reader) skip() error {
	for depth := 0; ; {
		found, err := r.token()
		if err != nil {
			return err
		}
		switch found {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > deepest {
			return errors.New("it is nested too deeply")
		}
		if depth == 0 {
			return nil
		}
	}
}

func (r *reader) token() (json.Token, error) {
	r.source.renew()
	return r.decoder.Token()
}

// plain says in words of the file what encoding/json says in those of Go.
func plain(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the file ends here, within itself")
	case errors.As(err, &wrong):
		field := wrong.Field
		if field == "" {
			field = "it"
		}
		return fmt.Errorf("%s can't be a JSON %s", field, wrong.Value)
	default:
		return err
	}
}

// bounded fails once more than most bytes are read without a renewal.
type bounded struct {
	r          io.Reader
	most, left int64
}

func (b *bounded) renew() { b.left = b.most }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
