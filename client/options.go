package client

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// DefaultTimeout is how long a call may take unless WithTimeout says otherwise.
const DefaultTimeout = time.Minute

// Option is a setting of New.
type Option func(*settings) error

type settings struct {
	credentials  credentials
	loginMethod  string
	store        LoginStore
	ca           *x509.CertPool
	fingerprint  []byte
	skipVerify   bool
	httpClient   *http.Client
	timeout      *time.Duration
	retry        RetryPolicy
	limit        *rate.Limiter
	logger       *slog.Logger
	observers    observers
	userAgent    string
	roundTripper func(http.RoundTripper) http.RoundTripper
}

// WithLoginMethod chooses one of the appliance's login methods by its name, such as
// "local". Without it the appliance decides. Login methods came with version 7.1.
func WithLoginMethod(name string) Option {
	return func(s *settings) error {
		s.loginMethod = name
		return nil
	}
}

// WithCA trusts the certificates in pem, and no others. Given again, it adds to them.
func WithCA(pem []byte) Option {
	return func(s *settings) error {
		if s.ca == nil {
			s.ca = x509.NewCertPool()
		}
		if !s.ca.AppendCertsFromPEM(pem) {
			return errors.New("the CA has no certificate in PEM form")
		}
		return nil
	}
}

// WithCAFile trusts the certificates in a PEM file, and no others, as WithCA does.
func WithCAFile(path string) Option {
	return func(s *settings) error {
		pem, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the CA: %w", err)
		}
		if err := WithCA(pem)(s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
}

// WithFingerprint accepts the server whose own certificate has this SHA-256
// fingerprint: 64 hexadecimal digits, with or without colons between them, as
//
//	openssl x509 -noout -fingerprint -sha256 -in certificate.pem
//
// prints them. The fingerprint takes the place of the usual verification, so a
// self-signed certificate will do, and names and dates don't matter. Together with
// WithCA both must hold.
func WithFingerprint(fingerprint string) Option {
	return func(s *settings) (err error) {
		s.fingerprint, err = parseFingerprint(fingerprint)
		return err
	}
}

// WithInsecureSkipVerify accepts every certificate.
//
// DANGER: anybody between here and the appliance can then read the password and
// whatever else goes over the line, and change it. WithFingerprint is as easy and
// safe.
func WithInsecureSkipVerify() Option {
	return func(s *settings) error {
		s.skipVerify = true
		return nil
	}
}

// WithHTTPClient sends requests the way h does. Only two things are taken from h,
// which stays as it is:
//
//   - its Transport. An *http.Transport is cloned, so that the options for
//     certificates can be applied to it, and TLS below 1.2 is ruled out; with any
//     other kind those options are refused.
//   - its Timeout if it has one, unless WithTimeout is given.
//
// Its Jar and CheckRedirect are not used.
func WithHTTPClient(h *http.Client) Option {
	return func(s *settings) error {
		if h == nil {
			return errors.New("the HTTP client is nil")
		}
		s.httpClient = h
		return nil
	}
}

// WithTimeout limits how long a call may take, the answer and repeated requests
// included; for iterators, how long a page may take. While a trail is downloaded it
// limits the wait for the beginning of the answer only. 0 means no limit but for logging in, and without this
// option it is DefaultTimeout. An earlier deadline of the context counts too.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return errors.New("the timeout is negative")
		}
		s.timeout = &d
		return nil
	}
}

// WithLogger logs every request, each time that it is sent, at level Debug. Passwords,
// API keys, cookies and bodies are left out; queries are there. A login store that
// fails is logged at level Warn.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		s.logger = l
		return nil
	}
}

// WithUserAgent names the program in the User-Agent header. From version 7.5 on
// appliances ask programs that claim to be a browser for a token which this package
// doesn't send, so better not begin it with "Mozilla".
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("the user agent %q has to be printable ASCII", name)
		}
		s.userAgent = name
		return nil
	}
}

// WithRoundTripper puts a layer around what sends the requests, which is handed over
// as next, with the options for certificates applied. The layer sees every request as
// it goes over the wire, logins with their passwords included, and must not change it.
func WithRoundTripper(layer func(next http.RoundTripper) http.RoundTripper) Option {
	return func(s *settings) error {
		if layer == nil {
			return errors.New("the layer is nil")
		}
		s.roundTripper = layer
		return nil
	}
}
