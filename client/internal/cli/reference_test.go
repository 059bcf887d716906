package cli

import (
	"os"
	"testing"
)

// The reference says what the commands' help says.
func TestReference(t *testing.T) {
	const path = "../../cmd/spsctl/reference.md"
	want := Reference()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the commands say; run 'make docs'", path)
	}
}
