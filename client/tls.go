package client

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// transport makes what sends the requests: the caller's or a new one, with the
// options for certificates applied. What the caller gave is never changed.
func (s *settings) transport(scheme string) (http.RoundTripper, error) {
	chosen := s.ca != nil || s.fingerprint != nil || s.skipVerify || s.credentials.certificate != nil
	switch {
	case chosen && scheme != "https":
		return nil, errors.New("options for certificates make no sense without https")
	case s.skipVerify && (s.ca != nil || s.fingerprint != nil):
		return nil, errors.New("to skip verification and to ask for it exclude each other")
	}
	base := http.DefaultTransport
	if s.httpClient != nil && s.httpClient.Transport != nil {
		base = s.httpClient.Transport
	}
	t, ok := base.(*http.Transport)
	switch {
	case !ok && chosen:
		return nil, fmt.Errorf("options for certificates cannot be applied to a %T", base)
	case !ok:
		return base, nil
	case chosen && (t.DialTLSContext != nil || t.DialTLS != nil): //nolint:staticcheck // deprecated, but net/http heeds it
		return nil, errors.New("options for certificates cannot be applied to a transport with a DialTLSContext or DialTLS")
	}
	t = t.Clone()
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	// The original may have put HTTP/2 into its offer; the clone, which now has a
	// configuration of its own, would offer it too and then not speak it.
	t.ForceAttemptHTTP2 = t.ForceAttemptHTTP2 || slices.Contains(t.TLSClientConfig.NextProtos, "h2")
	t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	if chosen {
		s.applyTo(t.TLSClientConfig)
	}
	return t, nil
}

func (s *settings) applyTo(c *tls.Config) {
	// Without verification by crypto/tls VerifyConnection still runs, for resumed
	// connections too, and there the fingerprint is compared.
	c.InsecureSkipVerify = s.skipVerify || (s.fingerprint != nil && s.ca == nil)
	if s.ca != nil {
		c.RootCAs = s.ca
	}
	if s.credentials.certificate != nil {
		c.Certificates, c.GetClientCertificate = []tls.Certificate{*s.credentials.certificate}, nil
	}
	if s.fingerprint == nil {
		return
	}
	before := c.VerifyConnection
	c.VerifyConnection = func(state tls.ConnectionState) error {
		if err := verifyFingerprint(state, s.fingerprint); err != nil {
			return err
		}
		if before != nil {
			return before(state)
		}
		return nil
	}
}

func verifyFingerprint(state tls.ConnectionState, want []byte) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server has no certificate")
	}
	got := sha256.Sum256(state.PeerCertificates[0].Raw)
	if subtle.ConstantTimeCompare(got[:], want) != 1 {
		return fmt.Errorf("%w: its fingerprint is %x", ErrWrongFingerprint, got)
	}
	return nil
}

func parseFingerprint(s string) ([]byte, error) {
	sum, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	if err != nil || len(sum) != sha256.Size {
		return nil, fmt.Errorf("the fingerprint %q is not %d hexadecimal digits", s, 2*sha256.Size)
	}
	return sum, nil
}
