package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spskit/spskit/server"
)

// adminPasswordVariable is read from the environment only: a flag would show
// the password to everybody who can list processes.
const adminPasswordVariable = "SPSD_ADMIN_PASSWORD" //nolint:gosec // the name of a variable, not a password

// gcPercent lets garbage grow to four times the live heap, unless GOGC says
// otherwise. The live heap of a server is a few megabytes, so that the usual 100
// percent keep the collector running all the time. Against those it took some 8
// percent off the CPU time of a page of sessions, and 12 off that of one session.
const gcPercent = 400

func newServe(streams Streams) *cobra.Command {
	var cfg server.Config
	var logFormat, logLevel string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the REST API",
		Long: "Serve the REST API until SIGTERM or Ctrl-C.\n\nUnless somebody may edit the configuration already, the user admin is\ncreated. Its password is taken from " +
			adminPasswordVariable + "; without that a random one is\nmade and printed, once.",
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			logger, err := newLogger(streams.Err, logFormat, logLevel)
			if err != nil {
				return &usageError{err}
			}
			cfg.Logger = logger
			cfg.DataDir = dataDir(cmd)
			cfg.AdminPassword = os.Getenv(adminPasswordVariable)
			if err := cfg.Validate(); err != nil {
				return &usageError{err}
			}
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(gcPercent)
			}
			s, err := server.New(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			return s.Run(cmd.Context(), func(ready server.Ready) { welcome(streams.Out, cfg, ready) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Listen, "listen", "127.0.0.1:8443", "HOST:PORT to listen on; port 0 picks a free one")
	flags.StringVar(&cfg.AdminListen, "admin-listen", "", "HOST:PORT of /metrics and /healthz, which need no login (default none)")
	flags.StringVar(&cfg.TLSCert, "tls-cert", "", "PEM file of the certificate (default: a self-signed one is made)")
	flags.StringVar(&cfg.TLSKey, "tls-key", "", "PEM file of the certificate's key")
	flags.StringVar(&cfg.ClientCA, "client-ca", "", "PEM file of who issues client certificates: their common name is the user that they log in (type=x509)")
	flags.BoolVar(&cfg.HTTP, "http", false, "serve plain HTTP: passwords and cookies travel unencrypted")
	flags.StringVar(&cfg.Appliance, "appliance", "6.0", "generation to behave like: 6.0 or 8.0")
	flags.BoolVar(&cfg.Strict, "strict", false, "refuse members and query parameters that the contract does not know")
	flags.BoolVar(&cfg.Demo, "demo", false, "fill an empty database with demo data")
	flags.StringVar(&cfg.ReadyFile, "ready-file", "", `file to write {"url", "ca"} into once the server answers`)
	flags.DurationVar(&cfg.IdleTimeout, "idle-timeout", 0, "how long an unused login lives, whatever the configuration says (management/webinterface)")
	bcryptCost(cmd, &cfg.BcryptCost)
	flags.StringVar(&logFormat, "log-format", "text", "text or json")
	flags.StringVar(&logLevel, "log-level", "info", "debug, info, warn or error; info logs every request")
	return cmd
}

func newLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var options slog.HandlerOptions
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q is not one of debug, info, warn, error", level)
	}
	options.Level = l
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, &options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, &options)), nil
	default:
		return nil, fmt.Errorf("log format %q is neither text nor json", format)
	}
}

// welcome tells a person what runs where, and what to try first.
func welcome(w io.Writer, cfg server.Config, ready server.Ready) {
	var b strings.Builder
	fmt.Fprintf(&b, "spsd answers at  %s\n", ready.URL)
	switch {
	case ready.AdminPassword != "":
		fmt.Fprintf(&b, "Log in as        admin, password %s   (shown only this once)\n", ready.AdminPassword)
	case cfg.AdminPassword != "":
		fmt.Fprintf(&b, "Log in as        admin, with the password that %s had at the first start\n", adminPasswordVariable)
	default:
		fmt.Fprintf(&b, "Log in as        admin, with the password from the first start\n")
	}
	fmt.Fprintf(&b, "Reference        %s/docs, to read and to try\n", ready.URL)
	if ready.AdminURL != "" {
		fmt.Fprintf(&b, "Operations       %s/metrics  %s/healthz\n", ready.AdminURL, ready.AdminURL)
	}
	curl := "curl"
	if ready.CAFile != "" {
		curl += " --cacert " + ready.CAFile
	}
	session := "<session-id>"
	if cfg.Demo {
		session = "rUhhQZ3jYsY1NDWYp9DEpq"
	}
	b.WriteString("\nTry next:\n")
	for _, line := range []string{
		" --user admin --cookie-jar cookies " + ready.URL + "/api/authentication",
		" --cookie cookies " + ready.URL + "/api/configuration/vnc/options",
		" --cookie cookies " + ready.URL + "/api/audit/sessions",
		" --cookie cookies " + ready.URL + "/api/audit/sessions/" + session,
		" --cookie cookies " + ready.URL + "/api/audit/sessions/" + session + "/audit_trail > my-downloaded-trail.zat",
	} {
		fmt.Fprintf(&b, "  %s%s\n", curl, line)
	}
	b.WriteString("\n")
	_, _ = io.WriteString(w, b.String())
}
