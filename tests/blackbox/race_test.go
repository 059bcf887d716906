//go:build race

package blackbox

// The binary under test gets the race detector when the tests have it.
func init() { buildFlags = append(buildFlags, "-race") }
