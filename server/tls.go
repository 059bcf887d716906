package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	certFile     = "tls-cert.pem"
	keyFile      = "tls-key.pem"
	certLifetime = 2 * 365 * 24 * time.Hour
)

// certificate returns the given key pair, or the self-signed one of the data
// directory, which is made when it is missing or about to expire. caFile is what
// a client needs to trust the server.
func certificate(cfg Config, now time.Time) (cert tls.Certificate, caFile string, err error) {
	if cfg.TLSCert != "" {
		cert, err = tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
		return cert, cfg.TLSCert, err
	}
	caFile, key := filepath.Join(cfg.DataDir, certFile), filepath.Join(cfg.DataDir, keyFile)
	cert, err = tls.LoadX509KeyPair(caFile, key)
	if err == nil && now.Before(cert.Leaf.NotAfter.Add(-24*time.Hour)) && cert.Leaf.VerifyHostname(certHost(cfg.Listen)) == nil {
		return cert, caFile, nil
	}
	// Missing, about to expire, for another address, or torn by a crash between
	// its two files.
	if err := makeCertificate(caFile, key, certHost(cfg.Listen), now); err != nil {
		return cert, "", fmt.Errorf("make a self-signed certificate: %w", err)
	}
	cert, err = tls.LoadX509KeyPair(caFile, key)
	return cert, caFile, err
}

// clientCAs reads who issues the certificates that clients may log in with.
func clientCAs(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the CA of the clients: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("the CA of the clients, %s, has no certificate in PEM form", path)
	}
	return pool, nil
}

// certHost is the name under which clients on this machine reach the listener.
func certHost(listen string) string {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || host == "" || (ip != nil && ip.IsUnspecified()) {
		return "127.0.0.1"
	}
	return host
}

func makeCertificate(certPath, keyPath, host string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "spsd", Organization: []string{"spskit stand-in"}},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if name, err := os.Hostname(); err == nil {
		template.DNSNames = append(template.DNSNames, name)
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else {
		template.DNSNames = append(template.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	// The key goes first: a certificate without its key would look complete.
	if err := os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644) //nolint:gosec // a certificate is public
}
