package client_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
)

// secureFake serves TLS with a certificate that no system trusts.
func secureFake(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session_id", Value: "1"})
		answer(w, `{"body":{}}`)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = config
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestVerification(t *testing.T) {
	s := secureFake(t, nil)
	other := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: otherCertificate(t)})
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(s.Certificate().Raw)
	fingerprint := hex.EncodeToString(sum[:])
	colons := strings.ToUpper(strings.Join(pairs(fingerprint), ":"))
	wrong := hex.EncodeToString(make([]byte, sha256.Size))
	asName := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // the certificate names example.com and 127.0.0.1

	for _, tt := range []struct {
		name string
		url  string
		opts []client.Option
		err  string // empty for success
	}{
		{"system's roots", s.URL, nil, "unknown authority"},
		{"CA", s.URL, []client.Option{client.WithCA(ca)}, ""},
		{"CA file", s.URL, []client.Option{client.WithCAFile(file)}, ""},
		{"two CAs", s.URL, []client.Option{client.WithCA(other), client.WithCA(ca)}, ""},
		{"other CA", s.URL, []client.Option{client.WithCA(other)}, "unknown authority"},
		{"CA, other name", asName, []client.Option{client.WithCA(ca)}, "localhost"},
		{"fingerprint", s.URL, []client.Option{client.WithFingerprint(fingerprint)}, ""},
		{"fingerprint with colons", s.URL, []client.Option{client.WithFingerprint(colons)}, ""},
		{"fingerprint, other name", asName, []client.Option{client.WithFingerprint(fingerprint)}, ""},
		{"wrong fingerprint", s.URL, []client.Option{client.WithFingerprint(wrong)}, fingerprint},
		{"CA and fingerprint", s.URL, []client.Option{client.WithCA(ca), client.WithFingerprint(fingerprint)}, ""},
		{"CA and wrong fingerprint", s.URL, []client.Option{client.WithCA(ca), client.WithFingerprint(wrong)}, fingerprint},
		{"other CA and fingerprint", s.URL, []client.Option{client.WithCA(other), client.WithFingerprint(fingerprint)}, "unknown authority"},
		{"no verification", asName, []client.Option{client.WithInsecureSkipVerify()}, ""},
		{"caller's transport", s.URL, []client.Option{client.WithHTTPClient(s.Client())}, ""},
		{"caller's transport and wrong fingerprint", s.URL, []client.Option{client.WithHTTPClient(s.Client()), client.WithFingerprint(wrong)}, fingerprint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, tt.url, append(tt.opts, client.WithPassword(user, password))...)
			for range 2 { // the second connection may resume the first one's TLS session
				err := c.Login(t.Context())
				switch {
				case tt.err == "" && err != nil:
					t.Error(err)
				case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
					t.Errorf("the error is %v, want one that says %q", err, tt.err)
				}
			}
		})
	}
}

func pairs(s string) []string {
	var list []string
	for i := 0; i < len(s); i += 2 {
		list = append(list, s[i:i+2])
	}
	return list
}

func otherCertificate(t *testing.T) []byte {
	t.Helper()
	cert, err := tls.X509KeyPair(testCertificate(t))
	if err != nil {
		t.Fatal(err)
	}
	return cert.Certificate[0]
}

func TestOldTLSIsRefused(t *testing.T) {
	s := secureFake(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS10}}}
	for name, opts := range map[string][]client.Option{
		"own transport":      {client.WithInsecureSkipVerify()},
		"caller's transport": {client.WithInsecureSkipVerify(), client.WithHTTPClient(old)},
	} {
		err := newClient(t, s.URL, append(opts, client.WithPassword(user, password))...).Login(t.Context())
		if err == nil || !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestCallersClientIsLeftAlone(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{}}`)
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, ServerName: "mine"}}
	mine := &http.Client{Transport: transport, Jar: failingJar{t}, Timeout: time.Minute}
	c := f.client(t, client.WithHTTPClient(mine))
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	newClient(t, "https://127.0.0.1", client.WithHTTPClient(mine), client.WithInsecureSkipVerify())
	if mine.Transport != transport || mine.CheckRedirect != nil || mine.Timeout != time.Minute {
		t.Error("the client was changed")
	}
	if c := transport.TLSClientConfig; c.InsecureSkipVerify || c.VerifyConnection != nil || c.ServerName != "mine" || c.MinVersion != tls.VersionTLS13 {
		t.Error("the transport was changed")
	}
	if got := http.DefaultTransport.(*http.Transport).TLSClientConfig; got != nil && got.InsecureSkipVerify {
		t.Error("the default transport was changed")
	}
}

// A clone of a transport must still speak the protocol that it offers.
func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session_id", Value: "1"})
		answer(w, fmt.Sprintf(`{"body":{"version":%q}}`, r.Proto))
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	used := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	resp, err := used.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for name, tt := range map[string]struct {
		opts []client.Option
		want string
	}{
		"own":          {[]client.Option{client.WithCA(ca)}, "HTTP/2.0"},
		"caller's":     {[]client.Option{client.WithHTTPClient(s.Client())}, "HTTP/2.0"},
		"plain":        {[]client.Option{client.WithHTTPClient(&http.Client{Transport: &http.Transport{}}), client.WithCA(ca)}, "HTTP/2.0"},
		"used":         {[]client.Option{client.WithHTTPClient(used)}, "HTTP/1.1"},
		"used, and CA": {[]client.Option{client.WithHTTPClient(used), client.WithCA(ca)}, "HTTP/1.1"},
	} {
		info, err := newClient(t, s.URL, append(tt.opts, client.WithPassword(user, password))...).Info(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if info.Version != tt.want {
			t.Errorf("%s: it speaks %s", name, info.Version)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestForeignRoundTripper(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{}}`)
	n := 0
	h := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		n++
		return http.DefaultTransport.RoundTrip(r)
	})}
	if _, err := f.client(t, client.WithHTTPClient(h)).Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n != 2 {
		t.Errorf("%d requests went through the transport", n)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	good := strings.Repeat("ab", 32)
	pemBytes, _ := testCertificate(t)
	dialer := &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return nil, nil }}
	oldDialer := &http.Transport{DialTLS: func(string, string) (net.Conn, error) { return nil, nil }} //nolint:staticcheck // deprecated, but net/http heeds it
	for _, tt := range []struct {
		name string
		url  string
		opts []client.Option
	}{
		{"no scheme", "sps.example.com", nil},
		{"other scheme", "ftp://sps.example.com", nil},
		{"no host", "https:///api", nil},
		{"opaque", "https:sps.example.com", nil},
		{"garbage", "https://sps.example.com:port", nil},
		{"credentials", "https://jane:" + password + "@sps.example.com", nil},
		{"garbage with credentials", "https://jane:" + password + "@sps example com", nil},
		{"query", "https://sps.example.com?x=1", nil},
		{"fragment", "https://sps.example.com#x", nil},
		{"no user", "https://sps.example.com", []client.Option{client.WithPassword("", password)}},
		{"colon in the user", "https://sps.example.com", []client.Option{client.WithPassword("a:b", password)}},
		{"no such CA file", "https://sps.example.com", []client.Option{client.WithCAFile("/nonexistent")}},
		{"no PEM", "https://sps.example.com", []client.Option{client.WithCA([]byte("x"))}},
		{"a key for a CA", "https://sps.example.com", []client.Option{client.WithCAFile("tls_test.go")}},
		{"short fingerprint", "https://sps.example.com", []client.Option{client.WithFingerprint("abcd")}},
		{"fingerprint of what", "https://sps.example.com", []client.Option{client.WithFingerprint("sha256:" + good)}},
		{"empty fingerprint", "https://sps.example.com", []client.Option{client.WithFingerprint("")}},
		{"skip and pin", "https://sps.example.com", []client.Option{client.WithInsecureSkipVerify(), client.WithFingerprint(good)}},
		{"skip and CA", "https://sps.example.com", []client.Option{client.WithInsecureSkipVerify(), client.WithCA(pemBytes)}},
		{"pin without TLS", "http://sps.example.com", []client.Option{client.WithFingerprint(good)}},
		{"skip without TLS", "http://sps.example.com", []client.Option{client.WithInsecureSkipVerify()}},
		{"pin and foreign transport", "https://sps.example.com", []client.Option{client.WithFingerprint(good), client.WithHTTPClient(&http.Client{Transport: roundTripper(nil)})}},
		{"pin and own dialer", "https://sps.example.com", []client.Option{client.WithFingerprint(good), client.WithHTTPClient(&http.Client{Transport: dialer})}},
		{"pin and own dialer of old", "https://sps.example.com", []client.Option{client.WithFingerprint(good), client.WithHTTPClient(&http.Client{Transport: oldDialer})}},
		{"CA and own dialer of old", "https://sps.example.com", []client.Option{client.WithCA(pemBytes), client.WithHTTPClient(&http.Client{Transport: oldDialer})}},
		{"nil client", "https://sps.example.com", []client.Option{client.WithHTTPClient(nil)}},
		{"nil logger", "https://sps.example.com", []client.Option{client.WithLogger(nil)}},
		{"negative timeout", "https://sps.example.com", []client.Option{client.WithTimeout(-1)}},
		{"no user agent", "https://sps.example.com", []client.Option{client.WithUserAgent("")}},
		{"user agent of two lines", "https://sps.example.com", []client.Option{client.WithUserAgent("a\r\nCookie: b")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := client.New(tt.url, tt.opts...)
			if c != nil || err == nil {
				t.Fatalf("got %v, %v", c, err)
			}
			checkNoSecrets(t, err.Error())
		})
	}
}
