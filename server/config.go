package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/spskit/spskit/server/internal/config"
)

// Config says how a server is to run. DataDir and Listen are required.
type Config struct {
	DataDir     string // directory of the database, the trails and the certificate
	Listen      string // HOST:PORT of the API; port 0 picks a free one
	AdminListen string // HOST:PORT of /metrics and /healthz; empty for none
	TLSCert     string // PEM file; with TLSKey, instead of the self-signed certificate
	TLSKey      string // PEM file
	ClientCA    string // PEM file; clients may log in with certificates that it issued; empty for none
	HTTP        bool   // serve plain HTTP instead of HTTPS
	Appliance   string // behaviour profile: "6.0" (also when empty) or "8.0"
	Strict      bool   // refuse members and query parameters that the contract does not know
	Demo        bool   // fill an empty database with demo data
	ReadyFile   string // written as {"url", "ca"} once the server answers

	AdminPassword string        // of the first administrator; empty for a random one
	IdleTimeout   time.Duration // of logins; 0 for that of management/webinterface
	BcryptCost    int           // of password hashes; 0 for bcrypt's default

	Logger *slog.Logger     // nil for slog.Default()
	Now    func() time.Time // nil for time.Now
}

// Validate reports everything that is wrong with the configuration at once.
func (c Config) Validate() error {
	var problems []error
	check := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(c.DataDir == "", "no data directory is given")
	check((c.TLSCert == "") != (c.TLSKey == ""), "a certificate and its key go together")
	check(c.HTTP && c.TLSCert != "", "plain HTTP and a certificate exclude each other")
	check(c.HTTP && c.ClientCA != "", "plain HTTP and client certificates exclude each other")
	check(c.BcryptCost != 0 && (c.BcryptCost < bcrypt.MinCost || c.BcryptCost > bcrypt.MaxCost),
		"the bcrypt cost is not between %d and %d", bcrypt.MinCost, bcrypt.MaxCost)
	check(c.IdleTimeout < 0, "the idle timeout is negative")
	_, err := config.ProfileFor(c.withDefaults().Appliance)
	check(err != nil, "%w", err)
	checkListen := func(what, address string) {
		_, _, err := net.SplitHostPort(address)
		check(err != nil, "%s address %q is not HOST:PORT", what, address)
	}
	checkListen("listen", c.Listen)
	if c.AdminListen != "" {
		checkListen("admin listen", c.AdminListen)
	}
	return errors.Join(problems...)
}

func (c Config) withDefaults() Config {
	if c.Appliance == "" {
		c.Appliance = "6.0"
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}
