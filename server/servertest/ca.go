package servertest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spskit/spskit/server"
)

// CA issues certificates that clients log in with.
type CA struct {
	File string // PEM file of its own certificate

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewCA makes a CA that lasts until the test ends.
func NewCA(t testing.TB) *CA {
	t.Helper()
	dir, err := os.MkdirTemp("", "servertest") // see Start
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	ca := &CA{File: filepath.Join(dir, "ca.pem")}
	der, key := certify(t, nil, nil, &x509.Certificate{
		Subject: pkix.Name{CommonName: "servertest CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	ca.key = key
	if err := os.WriteFile(ca.File, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return ca
}

// Issue makes a certificate that logs in the user of that name.
func (ca *CA) Issue(t testing.TB, user string) tls.Certificate {
	t.Helper()
	der, key := certify(t, ca.cert, ca.key, &x509.Certificate{
		Subject: pkix.Name{CommonName: user}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// certify issues a certificate, or makes one that is signed by itself.
func certify(t testing.TB, issuer *x509.Certificate, by *ecdsa.PrivateKey, template *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if issuer == nil {
		issuer, by = template, key
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		t.Fatal(err)
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// WithClientCA lets clients log in with certificates that ca issued.
func WithClientCA(ca *CA) Option { return func(c *server.Config) { c.ClientCA = ca.File } }

// APIKey makes an API key of a user.
func (s *Server) APIKey(t testing.TB, user string) string {
	t.Helper()
	var key string
	s.withData(t, func(ctx context.Context, d *server.Data) error {
		made, _, err := d.Accounts(0).CreateKey(ctx, user)
		key = string(made)
		return err
	})
	return key
}
