package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/tests/contract/har"
)

func newContract(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Hold recorded traffic against the contract",
		Long:  "Hold recorded traffic against the contract. Needs neither a server nor a data\ndirectory.",
	}
	group(cmd)
	cmd.AddCommand(newContractValidate(streams))
	return cmd
}

// reportFormats are the words of --format.
var reportFormats = map[string]func(*har.Report, io.Writer, bool) error{
	"text":  (*har.Report).WriteText,
	"json":  (*har.Report).WriteJSON,
	"junit": (*har.Report).WriteJUnit,
}

func newContractValidate(streams Streams) *cobra.Command {
	var format, below string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check recorded traffic (HAR), and report by operation",
		Long: "Check the requests and responses of HAR 1.2 files and report by operation; - is\nstandard input. Browsers record them, and proxies such as mitmproxy and Charles,\nwhich Postman and anything else can be sent through.\n\n" +
			"The exit code is 0 if nothing breaks the contract, 1 if something does or a file\ncan't be read, 2 after a wrong command line. The report shows paths without\ntheir queries, and neither cookies, credentials nor passwords.\n\n" +
			"Requests are taken for the API's by their path, wherever it begins. With --base\nthose below that URL are, even if the contract doesn't know them, and no others.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{errors.New("name at least one HAR file, or - for standard input")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := reportFormats[format]
			if !ok {
				return &usageError{fmt.Errorf("format %q is not one of text, json, junit", format)}
			}
			base, err := parseBase(below)
			if err != nil {
				return &usageError{err}
			}
			report := har.NewReport(base)
			for _, name := range args {
				if err := addRecording(cmd.Context(), report, name, streams.In); err != nil {
					return err
				}
			}
			if report.Exchanges() == 0 {
				return fmt.Errorf("none of the %d recorded requests is to the API", report.Entries())
			}
			if err := write(report, streams.Out, verbose); err != nil {
				return fmt.Errorf("write the report: %w", err)
			}
			switch n := report.Violations(); n {
			case 0:
				return nil
			case 1:
				return errors.New("1 violation of the contract")
			default:
				return fmt.Errorf("%d violations of the contract", n)
			}
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&format, "format", "text", "text, json or junit")
	flags.StringVar(&below, "base", "", "URL that /api lies below, such as https://proxy.example/sps")
	flags.BoolVar(&verbose, "verbose", false, "list the operations that were not seen")
	return cmd
}

// parseBase returns nil for an empty text.
func parseBase(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // which tells requests by their paths
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" {
		return nil, errors.New("--base is not a URL such as https://proxy.example/sps")
	}
	base.Path = strings.TrimSuffix(strings.TrimRight(base.Path, "/"), "/api")
	base.RawPath = ""
	return base, nil
}

func addRecording(ctx context.Context, report *har.Report, name string, stdin io.Reader) error {
	if name == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // it was only read
		stdin = file
	}
	if err := report.Add(name, interruptible{ctx, stdin}); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// interruptible ends with its context, and not with the context's error, which
// would pass for success.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, errors.New("interrupted")
	}
	return r.Reader.Read(p)
}
