package blackbox

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestServeOnADirectoryThatIsServed(t *testing.T) {
	d := start(t, "")
	_, errs, code := d.run("", "serve", "--listen", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, d.Data) || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit code %d, %q", code, errs)
	}
	d.admin().get("/api").wantStatus(http.StatusOK)
}

func TestStopIsGraceful(t *testing.T) {
	d := start(t, "")
	if code := d.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, d.log)
	}
	start(t, d.Data).admin().get("/api").wantStatus(http.StatusOK)
}

func TestServeSaysWhatToTryNext(t *testing.T) {
	d := start(t, "", "--demo")
	out := d.out.String()
	if !strings.Contains(out, d.URL) || !strings.Contains(out, "admin") || strings.Count(out, "\n  curl ") != 5 {
		t.Errorf("it says\n%s", out)
	}
	if strings.Contains(out, adminPassword) {
		t.Errorf("it shows the given password:\n%s", out)
	}
}

func TestFirstPasswordIsShownOnce(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SPSD_ADMIN_PASSWORD", "")
	first := startWith(t, dir, nil)
	match := regexp.MustCompile(`password (\S+)`).FindStringSubmatch(first.out.String())
	if match == nil {
		t.Fatalf("it says\n%s", first.out)
	}
	first.login("admin", match[1])
	first.stop()
	second := startWith(t, dir, nil)
	if strings.Contains(second.out.String()+second.log.String(), match[1]) {
		t.Error("the second start shows the password again")
	}
	second.login("admin", match[1])
}

func TestFlagsFromTheEnvironment(t *testing.T) {
	d := startWith(t, "", []string{"SPSD_HTTP=true", "SPSD_APPLIANCE=8.0", "SPSD_ADMIN_PASSWORD=" + adminPassword})
	if !strings.HasPrefix(d.URL, "http://127.0.0.1:") || d.CAFile != "" {
		t.Errorf("URL %s, CA %q", d.URL, d.CAFile)
	}
	if version := d.admin().get("/api/info").at("body", "firmware_version"); version != "8.0.0" {
		t.Errorf("firmware version is %v", version)
	}
	cmd := exec.Command(binary, "serve", "--data", t.TempDir())
	cmd.Env = append(os.Environ(), "SPSD_STRICT=perhaps")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "SPSD_STRICT") {
		t.Errorf("a bad variable: %v, %s", err, out)
	}
}

func TestOwnCertificate(t *testing.T) {
	made := start(t, "")
	cert, key := filepath.Join(made.Data, "tls-cert.pem"), filepath.Join(made.Data, "tls-key.pem")
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	d := start(t, "", "--tls-cert", cert, "--tls-key", key)
	if d.CAFile != cert {
		t.Errorf("the CA is %s", d.CAFile)
	}
	d.admin().get("/api").wantStatus(http.StatusOK)
	for _, args := range [][]string{
		{"serve", "--tls-cert", cert},
		{"serve", "--tls-cert", cert, "--tls-key", key, "--http"},
		{"serve", "--appliance", "5.0"},
		{"serve", "--listen", "nowhere"},
	} {
		if _, errs, code := run(t, "", append(args, "--data", t.TempDir())...); code != 2 || errs == "" {
			t.Errorf("%v: exit code %d, %q", args, code, errs)
		}
	}
}

func TestOperationsListener(t *testing.T) {
	d := start(t, "", "--admin-listen", "127.0.0.1:0")
	d.admin().get("/api").wantStatus(http.StatusOK)
	url := regexp.MustCompile(`http://\S+/metrics`).FindString(d.out.String())
	if url == "" {
		t.Fatalf("it says\n%s", d.out)
	}
	metrics := plainGet(t, url)
	if !strings.Contains(metrics, `spsd_requests_total{operation="getRoot",status="200"} 1`) {
		t.Errorf("the metrics do not count the request:\n%.2000s", metrics)
	}
	var health struct{ Status string }
	if err := json.Unmarshal([]byte(plainGet(t, strings.Replace(url, "/metrics", "/healthz", 1))), &health); err != nil || health.Status != "ok" {
		t.Errorf("health is %+v, %v", health, err)
	}
	d.admin().loose().get("/metrics").wantError(http.StatusNotFound, "NotFound")
}

// What is wrong with a data directory is said, and nothing else happens.
func TestBadDataDirectory(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"garbage": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "spsd.db"), []byte(strings.Repeat("no database", 1000)), 0o600)
		},
		"a directory as database": func(dir string) error { return os.Mkdir(filepath.Join(dir, "spsd.db"), 0o700) },
		"a file as trails":        func(dir string) error { return os.WriteFile(filepath.Join(dir, "trails"), nil, 0o600) },
	} {
		dir := t.TempDir()
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		_, errs, code := run(t, "", "serve", "--data", dir, "--listen", "127.0.0.1:0")
		if code != 1 || !strings.HasPrefix(errs, "spsd: ") || strings.Contains(errs, "goroutine") {
			t.Errorf("%s: exit code %d, %s", name, code, errs)
		}
	}
}

func TestOccupiedPort(t *testing.T) {
	d := start(t, "")
	_, errs, code := run(t, "", "serve", "--data", t.TempDir(), "--listen", strings.TrimPrefix(d.URL, "https://"))
	if code != 1 || !strings.Contains(errs, "address already in use") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}

// Whoever waits for the ready file must not find the address of a server that
// is gone, nor a path that means something else elsewhere.
func TestReadyFileIsNeverStale(t *testing.T) {
	ready := write(t, filepath.Join(t.TempDir(), "ready.json"), `{"url":"https://127.0.0.1:1"}`)
	occupied := start(t, "")
	run(t, "", "serve", "--data", t.TempDir(), "--listen", strings.TrimPrefix(occupied.URL, "https://"), "--ready-file", ready)
	if _, err := os.Stat(ready); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after a failed start: %v", err)
	}
	d := start(t, "")
	if !filepath.IsAbs(d.CAFile) {
		t.Errorf("the CA is %s", d.CAFile)
	}
	d.stop()
	if _, err := os.Stat(d.ready); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the stop: %v", err)
	}
}

func TestTornCertificateIsMadeAnew(t *testing.T) {
	first, other := start(t, ""), start(t, "")
	first.stop()
	key, err := os.ReadFile(filepath.Join(other.Data, "tls-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(first.Data, "tls-key.pem"), string(key))
	start(t, first.Data).admin().get("/api").wantStatus(http.StatusOK)
}
