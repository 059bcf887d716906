package client_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/spskit/spskit/server/servertest"
)

// appliance is the stand-in that the examples talk to, filled with demo data. It
// starts when the first example needs it.
var appliance = sync.OnceValue(func() *servertest.Server {
	return servertest.Start(&examples, servertest.WithDemo(), servertest.WithAppliance("6.0"), servertest.WithClientCA(clientCA()))
})

// clientCA issues the certificates that the appliance takes.
var clientCA = sync.OnceValue(func() *servertest.CA { return servertest.NewCA(&examples) })

var examples exampleTB

// exampleTB stands in for the test that an example doesn't have.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (*exampleTB) Helper() {}

func (e *exampleTB) Cleanup(f func()) { e.cleanups = append(e.cleanups, f) }

func (*exampleTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (*exampleTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (*exampleTB) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(examples.cleanups) - 1; i >= 0; i-- {
		examples.cleanups[i]()
	}
	os.Exit(code)
}
