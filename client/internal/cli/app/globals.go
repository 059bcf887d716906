package app

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/failure"
)

// EnvPrefix begins the environment variable of every global flag: --ca-file is
// SPSCTL_CA_FILE.
const EnvPrefix = "SPSCTL_"

// globals are the flags that every command has. Their names are none that a command
// would choose for itself: --user and --server select sessions.
type globals struct {
	set *pflag.FlagSet

	context         string
	url             string
	loginUser       string
	loginMethod     string
	passwordCommand string
	apiKeyCommand   string
	clientCert      string
	clientKey       string
	caFile          string
	fingerprint     string
	insecure        bool
	timeout         time.Duration
	noColor         bool
	curl            bool
	debug           bool

	fromEnv map[string]bool // flags that the environment set
}

// AddGlobals gives the root command the flags that every command has.
func (a *App) AddGlobals(root *cobra.Command) {
	g, f := &a.globals, root.PersistentFlags()
	g.set = f
	f.StringVar(&g.context, "context", "", "`name` of the context to use instead of the current one")
	f.StringVar(&g.url, "url", "", "`URL` of the appliance, instead of a context")
	f.StringVar(&g.loginUser, "login-user", "", "log in as this `user`")
	f.StringVar(&g.loginMethod, "login-method", "", "`name` of the login method, from version 7.1 on")
	f.StringVar(&g.passwordCommand, "password-command", "", "shell `command` that prints the password")
	f.StringVar(&g.apiKeyCommand, "api-key-command", "", "shell `command` that prints an API key (or SPSCTL_API_KEY), which needs no login")
	f.StringVar(&g.clientCert, "client-cert", "", "log in with the certificate in this PEM `file`")
	f.StringVar(&g.clientKey, "client-key", "", "PEM `file` of its key (default the file of the certificate)")
	f.StringVar(&g.caFile, "ca-file", "", "trust the CA certificates in this PEM `file`, and no others")
	f.StringVar(&g.fingerprint, "fingerprint", "", "trust the certificate with this SHA-256 `fingerprint`")
	f.BoolVar(&g.insecure, "insecure", false, "trust every certificate, which lets anybody between read the password")
	f.DurationVar(&g.timeout, "timeout", client.DefaultTimeout, "`time` that a request may take, or 0 for any")
	f.BoolVar(&g.noColor, "no-color", false, "no colours on a terminal (also NO_COLOR)")
	f.BoolVar(&g.curl, "curl", false, "print curl lines without secrets instead of the result; changes are not sent")
	f.BoolVar(&g.debug, "debug", false, "log every request, without secrets, to standard error")
	must(root.RegisterFlagCompletionFunc("context", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return a.ContextNames(), cobra.ShellCompDirectiveNoFileComp
	}))
	must(root.MarkPersistentFlagFilename("ca-file", "pem", "crt", "cer"))
	must(root.MarkPersistentFlagFilename("client-cert", "pem", "crt", "cer"))
	must(root.MarkPersistentFlagFilename("client-key", "pem", "key"))
	for _, name := range []string{"url", "login-user", "login-method", "password-command", "api-key-command", "fingerprint", "timeout"} {
		must(root.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
}

// fromEnvironment sets the flags that the command line leaves out and the environment
// has.
func (g *globals) fromEnvironment(lookup func(string) (string, bool)) error {
	g.fromEnv = map[string]bool{}
	var failed error
	g.set.VisitAll(func(f *pflag.Flag) {
		name := EnvPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := lookup(name)
		if f.Changed || !ok || value == "" || failed != nil {
			return
		}
		if err := g.set.Set(f.Name, value); err != nil {
			failed = failure.Usage("%s: %w", name, err)
		}
		g.fromEnv[f.Name] = true
	})
	return failed
}

// given tells whether the command line, or the environment, has a flag.
func (g *globals) given(name string) bool { return g.set.Changed(name) }

// onCommandLine tells whether the command line has a flag.
func (g *globals) onCommandLine(name string) bool { return g.given(name) && !g.fromEnv[name] }
