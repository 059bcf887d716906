package client_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

// start starts the stand-in of a generation, and makes clients of it.
func start(t *testing.T, generation string, opts ...servertest.Option) (*servertest.Server, func(...client.Option) *client.Client) {
	t.Helper()
	s := servertest.Start(t, append(opts, servertest.WithAppliance(generation))...)
	return s, func(opts ...client.Option) *client.Client {
		return newClient(t, s.URL, append([]client.Option{
			client.WithCAFile(s.CAFile), client.WithPassword(servertest.Username, servertest.Password),
		}, opts...)...)
	}
}

// trusting is a transport that trusts a stand-in.
func trusting(t *testing.T, s *servertest.Server) *http.Transport {
	t.Helper()
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// bothGenerations runs a test with the stand-in of each.
func bothGenerations(t *testing.T, test func(t *testing.T, s *servertest.Server, connect func(...client.Option) *client.Client)) {
	t.Helper()
	for _, generation := range []string{"6.0", "8.0"} {
		t.Run(generation, func(t *testing.T) {
			s, connect := start(t, generation)
			test(t, s, connect)
		})
	}
}

func logLevel(t *testing.T, c *client.Client) int {
	t.Helper()
	options, err := c.Options(t.Context(), client.ProtocolVNC)
	if err != nil {
		t.Fatal(err)
	}
	return *options.Service.LogLevel
}

func setLogLevel(level int) func(context.Context, *client.Tx) error {
	return func(ctx context.Context, tx *client.Tx) error {
		options, err := tx.Options(ctx, client.ProtocolVNC)
		if err != nil {
			return err
		}
		options.Service.LogLevel = &level
		return tx.SetOptions(ctx, client.ProtocolVNC, options)
	}
}

func TestIntegrationTransaction(t *testing.T) {
	bothGenerations(t, func(t *testing.T, _ *servertest.Server, connect func(...client.Option) *client.Client) {
		c, other := connect(), connect()
		err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
			if err := setLogLevel(9)(ctx, tx); err != nil {
				return err
			}
			mine, err := tx.Options(ctx, client.ProtocolVNC)
			if err != nil || *mine.Service.LogLevel != 9 {
				t.Errorf("the transaction itself sees %+v, %v", mine, err)
			}
			if got := logLevel(t, other); got != 4 {
				t.Errorf("others see %d before the commit", got)
			}
			return nil
		}, client.WithCommitMessage("test"))
		if err != nil {
			t.Fatal(err)
		}
		if got := logLevel(t, other); got != 9 {
			t.Errorf("others see %d after the commit", got)
		}

		stop := errors.New("stop")
		err = c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
			return errors.Join(setLogLevel(1)(ctx, tx), stop)
		})
		if !errors.Is(err, stop) || logLevel(t, c) != 9 {
			t.Errorf("after a roll-back the level is %d; %v", logLevel(t, c), err)
		}
		if err := other.Transaction(t.Context(), setLogLevel(2)); err != nil {
			t.Errorf("the configuration is still locked: %v", err)
		}
	})
}

func TestIntegrationInvalidDocument(t *testing.T) {
	bothGenerations(t, func(t *testing.T, _ *servertest.Server, connect func(...client.Option) *client.Client) {
		c := connect()
		err := c.Transaction(t.Context(), setLogLevel(99))
		var failure *client.Error
		if !errors.Is(err, client.ErrInvalidDocument) || !errors.As(err, &failure) {
			t.Fatalf("the error is %v", err)
		}
		if v := failure.Violations(); len(v) != 1 || v[0].Path != "/service/log_level" {
			t.Errorf("the violations are %v", v)
		}
		if got := logLevel(t, c); got != 4 {
			t.Errorf("the level is %d", got)
		}
	})
}

func TestIntegrationLoginExpires(t *testing.T) {
	bothGenerations(t, func(t *testing.T, s *servertest.Server, connect func(...client.Option) *client.Client) {
		c := connect()
		logLevel(t, c)
		s.Clock.Advance(time.Hour)
		logLevel(t, c) // a read just logs in again

		err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
			if err := setLogLevel(9)(ctx, tx); err != nil {
				return err
			}
			s.Clock.Advance(time.Hour)
			return tx.Put(ctx, "/api/configuration/vnc/options", json.RawMessage(`{}`))
		})
		if !errors.Is(err, client.ErrTransactionLost) {
			t.Errorf("the error is %v", err)
		}
		if err := c.Transaction(t.Context(), setLogLevel(5)); err != nil {
			t.Errorf("the next transaction: %v", err)
		}
		if got := logLevel(t, c); got != 5 {
			t.Errorf("the level is %d", got)
		}
	})
}

func TestIntegrationLock(t *testing.T) {
	_, connect := start(t, "6.0")
	c, other := connect(), connect()
	options, err := c.Options(t.Context(), client.ProtocolVNC)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.StrayPut(t.Context(), "/api/configuration/vnc/options", options); !errors.Is(err, client.ErrNoTransaction) {
		t.Errorf("a write outside of a transaction: %v", err)
	}
	err = c.Transaction(t.Context(), func(context.Context, *client.Tx) error {
		err := other.Transaction(t.Context(), setLogLevel(9))
		var failure *client.Error
		if !errors.Is(err, client.ErrLocked) || !errors.As(err, &failure) {
			t.Fatalf("the error is %v", err)
		}
		lock, ok := failure.Lock()
		if !ok || lock.Holder != servertest.Username || !lock.ExpiresAt.After(lock.OpenedAt) || lock.OpenedAt.IsZero() {
			t.Errorf("the lock is %+v", lock)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestIntegrationConflict(t *testing.T) {
	_, connect := start(t, "8.0")
	c, other := connect(), connect()
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		if err := setLogLevel(9)(ctx, tx); err != nil {
			return err
		}
		return other.Transaction(t.Context(), setLogLevel(7))
	})
	var failure *client.Error
	if !errors.Is(err, client.ErrConflict) || !errors.As(err, &failure) || failure.Conflict() != "/api/configuration/vnc/options" {
		t.Errorf("the error is %v", err)
	}
	if got := logLevel(t, c); got != 7 {
		t.Errorf("the level is %d", got)
	}
}

// An appliance of this generation opens a transaction at the first write.
func TestIntegrationPendingChanges(t *testing.T) {
	_, connect := start(t, "8.0")
	c := connect()
	options, err := c.Options(t.Context(), client.ProtocolVNC)
	if err != nil {
		t.Fatal(err)
	}
	options.Service.LogLevel = new(8)
	if err := c.StrayPut(t.Context(), "/api/configuration/vnc/options", options); err != nil {
		t.Fatal(err)
	}
	if err := c.Transaction(t.Context(), setLogLevel(9)); !errors.Is(err, client.ErrTransactionOpen) {
		t.Errorf("the error is %v", err)
	}
	if err := c.Transaction(t.Context(), func(context.Context, *client.Tx) error { return nil }, client.WithAdoption()); err != nil {
		t.Fatal(err)
	}
	if got := logLevel(t, connect()); got != 8 {
		t.Errorf("the level is %d", got)
	}
	if err := c.RollBack(t.Context()); err != nil {
		t.Errorf("a roll-back of nothing: %v", err)
	}
}

func TestIntegrationTLS(t *testing.T) {
	s, connect := start(t, "6.0")
	text, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	sum := sha256.Sum256(block.Bytes)
	if err := connect(client.WithFingerprint(hex.EncodeToString(sum[:]))).Login(t.Context()); err != nil {
		t.Errorf("with CA and fingerprint: %v", err)
	}
	untrusting := newClient(t, s.URL, client.WithPassword(servertest.Username, servertest.Password))
	if err := untrusting.Login(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("with the system's roots: %v", err)
	}
}

func TestIntegrationLogout(t *testing.T) {
	_, connect := start(t, "6.0")
	c, other := connect(), connect()
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		if err := setLogLevel(9)(ctx, tx); err != nil {
			return err
		}
		if err := c.Logout(t.Context()); !errors.Is(err, client.ErrTransactionOpen) {
			t.Errorf("a logout from outside: %v", err)
		}
		if err := c.Logout(ctx); err != nil {
			t.Error(err)
		}
		return other.Transaction(t.Context(), setLogLevel(3)) // the lock went with the login
	})
	if !errors.Is(err, client.ErrTransactionLost) {
		t.Errorf("the error is %v", err)
	}
	if got := logLevel(t, c); got != 3 {
		t.Errorf("the level is %d", got)
	}
}

func TestIntegrationWrongPassword(t *testing.T) {
	s, _ := start(t, "6.0")
	for attempt := range 20 {
		c := newClient(t, s.URL, client.WithCAFile(s.CAFile), client.WithoutRetry(),
			client.WithPassword(servertest.Username, fmt.Sprint("wrong", attempt)))
		err := c.Login(t.Context())
		if errors.Is(err, client.ErrAuthenticationFailed) {
			continue
		}
		var failure *client.Error
		if !errors.Is(err, client.ErrTooManyRequests) || !errors.As(err, &failure) || failure.RetryAfter <= 0 {
			t.Errorf("attempt %d: %v", attempt, err)
		}
		return
	}
	t.Error("the server lets anybody try for ever")
}
