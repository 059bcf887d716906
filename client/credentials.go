package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// secretFunc gives a secret each time that it is needed.
type secretFunc func(context.Context) (string, error)

// credentials say who the user is. There is one kind of them, or none.
type credentials struct {
	option      string // that gave them
	user        string
	password    secretFunc       // for each login
	certificate *tls.Certificate // of the connection
	key         secretFunc       // goes with each request, instead of a login
}

// logIn tells whether a login can be made with them.
func (c *credentials) logIn() bool { return c.password != nil || c.certificate != nil }

// identifyWith takes credentials, and refuses a second kind of them.
func (s *settings) identifyWith(c credentials) error {
	if before := s.credentials.option; before != "" && before != c.option {
		return fmt.Errorf("%s and %s exclude each other", before, c.option)
	}
	s.credentials = c
	return nil
}

func (s *settings) usePassword(option, user string, password secretFunc) error {
	switch {
	case user == "":
		return errors.New("the user name is empty")
	case strings.Contains(user, ":"):
		return errors.New("a user name with a colon cannot be sent")
	}
	return s.identifyWith(credentials{option: option, user: user, password: password})
}

// WithPassword logs in with a user name and a password.
func WithPassword(user, password string) Option {
	return func(s *settings) error {
		return s.usePassword("WithPassword", user, func(context.Context) (string, error) { return password, nil })
	}
}

// WithPasswordFunc logs in with the password that the function returns. It is called for
// each login, so the password may change, and not before the first one. Its ctx ends
// with the time that a login may take, see WithTimeout. An error of the function is the
// error of the login, so keep the password out of it.
func WithPasswordFunc(user string, password func(ctx context.Context) (string, error)) Option {
	return func(s *settings) error {
		if password == nil {
			return errors.New("the function for the password is nil")
		}
		return s.usePassword("WithPasswordFunc", user, password)
	}
}

// WithPasswordEnv logs in with the password that the environment variable has, which
// has to be there already. It is looked at for each login.
func WithPasswordEnv(user, variable string) Option {
	return func(s *settings) error {
		read := func(context.Context) (string, error) {
			password := os.Getenv(variable)
			if password == "" {
				return "", fmt.Errorf("the environment variable %q is not set", variable)
			}
			return password, nil
		}
		if _, err := read(context.Background()); err != nil {
			return err
		}
		return s.usePassword("WithPasswordEnv", user, read)
	}
}

// maxPassword bounds what is read of a file that ought to hold a password.
const maxPassword = 4 << 10

// WithPasswordFile logs in with the password in a file, which has to be there already,
// without the newline at its end. It is read for each login, so the file may be
// replaced by one with a new password. Who else may read the file is not looked at:
// container platforms mount secrets as files for everybody in the container.
func WithPasswordFile(user, path string) Option {
	return func(s *settings) error {
		read := func(context.Context) (string, error) { return readPassword(path) }
		if _, err := read(context.Background()); err != nil {
			return err
		}
		return s.usePassword("WithPasswordFile", user, read)
	}
}

func readPassword(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxPassword+1))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	switch {
	case password == "":
		return "", fmt.Errorf("the password file %s is empty", path)
	case len(content) > maxPassword:
		return "", fmt.Errorf("the password file %s is longer than %d bytes", path, maxPassword)
	case strings.ContainsAny(password, "\r\n"):
		return "", fmt.Errorf("the password file %s has more than one line", path)
	}
	return password, nil
}

// WithClientCertificate logs in with a certificate instead of a password. The appliance
// has to be set up to ask for it; who the user is, it takes from the certificate. The
// certificate needs its key, and https.
func WithClientCertificate(cert tls.Certificate) Option {
	return func(s *settings) error {
		if len(cert.Certificate) == 0 || cert.PrivateKey == nil {
			return errors.New("the client certificate is empty, or lacks its key")
		}
		return s.identifyWith(credentials{option: "WithClientCertificate", certificate: &cert})
	}
}

// WithClientCertificateFiles is WithClientCertificate with PEM files of the certificate,
// behind which those of its issuers may follow, and of its key.
func WithClientCertificateFiles(certPath, keyPath string) Option {
	return func(s *settings) error {
		cert, err := tls.LoadX509KeyPair(certPath, keyPath)
		if err != nil {
			return fmt.Errorf("read the client certificate: %w", err)
		}
		return WithClientCertificate(cert)(s)
	}
}

// WithAPIKey sends an API key with every request, as "Authorization: apikey KEY", and
// doesn't log in.
//
// A Transaction that is idle for too long is dropped with a key as with a login. It
// fails with ErrNoTransaction then: the contract assumes that a change made with a key
// never opens a transaction by itself.
func WithAPIKey(key string) Option {
	return func(s *settings) error {
		if err := checkAPIKey(key); err != nil {
			return err
		}
		return s.identifyWith(credentials{
			option: "WithAPIKey", key: func(context.Context) (string, error) { return key, nil },
		})
	}
}

// WithAPIKeyFunc is WithAPIKey with a function, which is called for every request, so
// that the key may change.
func WithAPIKeyFunc(key func(ctx context.Context) (string, error)) Option {
	return func(s *settings) error {
		if key == nil {
			return errors.New("the function for the API key is nil")
		}
		return s.identifyWith(credentials{option: "WithAPIKeyFunc", key: key})
	}
}

// checkAPIKey keeps the key out of its errors.
func checkAPIKey(key string) error {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("an API key has to be printable ASCII without blanks")
	}
	return nil
}

// keyLayer adds the API key to requests.
type keyLayer struct {
	next doer
	key  secretFunc
}

func (l keyLayer) Do(req *http.Request) (*http.Response, error) {
	key, err := l.key(req.Context())
	if err == nil {
		err = checkAPIKey(key)
	}
	if err != nil {
		return nil, fmt.Errorf("get the API key: %w", err)
	}
	req.Header.Set("Authorization", "apikey "+key) // of a request that the login layer has cloned
	return l.next.Do(req)
}
