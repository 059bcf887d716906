package client_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

// whoIs prints who the credentials are of.
func whoIs(credentials ...client.Option) {
	sps, err := client.New(appliance().URL, append(credentials, client.WithCAFile(appliance().CAFile))...)
	if err != nil {
		log.Fatal(err)
	}
	user, err := sps.UserInfo(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name)
}

func ExampleWithPassword() {
	whoIs(client.WithPassword("admin", servertest.Password))
	// Output: admin
}

// A password manager is asked again for each login, so the password may change.
func ExampleWithPasswordFunc() {
	ask := func(context.Context) (string, error) { return servertest.Password, nil } // ask a vault here
	whoIs(client.WithPasswordFunc("admin", ask))
	// Output: admin
}

func ExampleWithPasswordEnv() {
	_ = os.Setenv("SPS_PASSWORD", servertest.Password) // usually by what starts the program
	defer func() { _ = os.Unsetenv("SPS_PASSWORD") }()
	whoIs(client.WithPasswordEnv("admin", "SPS_PASSWORD"))
	// Output: admin
}

func ExampleWithPasswordFile() {
	file := filepath.Join(os.TempDir(), fmt.Sprint("sps-password-", os.Getpid())) // such as /run/secrets/sps
	if err := os.WriteFile(file, []byte(servertest.Password+"\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.Remove(file) }()
	whoIs(client.WithPasswordFile("admin", file))
	// Output: admin
}

func ExampleWithClientCertificate() {
	// Usually WithClientCertificateFiles("client.pem", "client-key.pem"), or a
	// certificate whose key is in a token.
	certificate := clientCA().Issue(&examples, "admin")
	whoIs(client.WithClientCertificate(certificate))
	// Output: admin
}

func ExampleWithAPIKey() {
	key := appliance().APIKey(&examples, "admin") // as "spsd user key admin" makes it
	whoIs(client.WithAPIKey(key))
	// Output: admin
}

// tokenFile keeps a login in a file that only its owner can read.
type tokenFile string

func (f tokenFile) Load(context.Context) (client.Secret, error) {
	token, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return client.Secret(token), err
}

func (f tokenFile) Save(_ context.Context, t client.Secret) error {
	return os.WriteFile(string(f), []byte(t), 0o600)
}

func (f tokenFile) Clear(ctx context.Context, ended client.Secret) error {
	if kept, err := f.Load(ctx); err != nil || kept != ended {
		return err
	}
	return os.Remove(string(f))
}

// A command that is run again and again doesn't log in each time.
func ExampleWithLoginStore() {
	file := tokenFile(filepath.Join(os.TempDir(), fmt.Sprint("sps-login-", os.Getpid())))
	for range 2 {
		sps := connectWith(client.WithLoginStore(file))
		if _, err := sps.UserInfo(context.Background()); err != nil {
			log.Fatal(err)
		}
		token, err := file.Load(context.Background())
		fmt.Println("stored:", token, err)
	}
	fmt.Println("log out:", connectWith(client.WithLoginStore(file)).Logout(context.Background()))
	// Output:
	// stored: [redacted] <nil>
	// stored: [redacted] <nil>
	// log out: <nil>
}
