package client_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/spskit/spskit/client"
)

func TestLogLeavesSecretsOut(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/configuration/x", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session_id", Value: strings.Repeat("0", 39) + "9"})
		w.Header().Set("X-Token", password)
		answer(w, `{"secret":"`+password+`"}`)
	})
	var b bytes.Buffer
	c := f.client(t, client.WithLogger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	var document any
	if err := c.Get(t.Context(), "/api/configuration/x?q=user", &document); err != nil {
		t.Fatal(err)
	}
	f.CloseClientConnections()
	f.Close()
	if err := c.Get(t.Context(), "/api/configuration/x", &document); err == nil {
		t.Fatal("no error")
	}
	log := b.String()
	checkNoSecrets(t, log)
	for _, want := range []string{
		"path=/api/authentication", `path=/api/configuration/x query="q=user"`, "status=200", "error=",
		"request.Authorization=[[redacted]]", "request.Cookie=[[redacted]]", "response.Set-Cookie=[[redacted]]",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log doesn't say %q:\n%s", want, log)
		}
	}
}

func TestLogOfLevelInfoIsQuiet(t *testing.T) {
	f := newFake(t)
	var b bytes.Buffer
	c := f.client(t, client.WithLogger(slog.New(slog.NewTextHandler(&b, nil))))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 0 {
		t.Errorf("logged %s", b.String())
	}
}
