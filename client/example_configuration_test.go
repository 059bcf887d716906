package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

func ExampleClient_Options() {
	sps := connect()
	options, err := sps.Options(context.Background(), client.ProtocolSSH)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("SSH is served:", options.Service.Enabled)
	fmt.Println("metadata is deleted after days:", options.CleanupDays())
	// Output:
	// SSH is served: true
	// metadata is deleted after days: 0
}

func ExampleClient_ChannelPolicies() {
	sps := connect()
	for policy, err := range sps.ChannelPolicies(client.ProtocolRDP).List(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(policy.Key, policy.Name, len(policy.Rules))
	}
	// Output: -100 all 1
}

// To change an object, change what was read: members that this package doesn't know stay
// as they are.
func ExampleTxCollection_Replace() {
	sps := connect()
	err := sps.Transaction(context.Background(), func(ctx context.Context, tx *client.Tx) error {
		policies := tx.TimePolicies()
		key, err := policies.Create(ctx, &client.TimePolicy{
			Name: "mondays",
			Days: client.TimePolicyDays{Monday: []client.TimeRange{{From: "08:00", To: "18:00"}}},
		})
		if err != nil {
			return err
		}
		policy, err := policies.Get(ctx, key)
		if err != nil {
			return err
		}
		policy.Days.Tuesday = policy.Days.Monday
		if err := policies.Replace(ctx, policy); err != nil {
			return err
		}
		fmt.Println(policy.Name, policy.Days.Tuesday[0].From)
		return policies.Delete(ctx, key)
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: mondays 08:00
}

// A user who may see what was done on databases, and nothing else.
func ExampleTx_CreatePassword() {
	sps := connect()
	err := sps.Transaction(context.Background(), func(ctx context.Context, tx *client.Tx) error {
		password, err := tx.CreatePassword(ctx, "correct horse battery staple")
		if err != nil {
			return err
		}
		if _, err := tx.LocalUsers().Create(ctx, &client.LocalUser{Name: "joe", Password: password}); err != nil {
			return err
		}
		if _, err := tx.LocalGroups().Create(ctx, &client.LocalGroup{Name: "database-auditors", Members: []string{"joe"}}); err != nil {
			return err
		}
		_, err = tx.AuditDataRules().Create(ctx, &client.AuditDataRule{
			Name: "databases", Groups: []string{"database-auditors"}, Query: "protocol:MSSQL OR server.name:db*",
		})
		return err
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleTx_SetWebInterface() {
	sps := connect()
	err := sps.Transaction(context.Background(), func(ctx context.Context, tx *client.Tx) error {
		settings, err := tx.WebInterface(ctx)
		if err != nil {
			return err
		}
		settings.Timeout = 30
		if err := tx.SetWebInterface(ctx, settings); err != nil {
			return err
		}
		diff, err := tx.Diff(ctx)
		fmt.Print(diff)
		return errors.Join(err, errors.New("only an example"))
	})
	fmt.Println(err)
	// Output:
	// --- /api/configuration/management/webinterface
	// +++ /api/configuration/management/webinterface
	// -timeout: 10
	// +timeout: 30
	// only an example
}

func ExampleClient_Children() {
	sps := connect()
	for child, err := range sps.Children(context.Background(), "/api/configuration/aaa/local_database") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(child.Key, child.Path)
	}
	// Output:
	// groups /api/configuration/aaa/local_database/groups
	// users /api/configuration/aaa/local_database/users
}

// While somebody else changes the configuration, it is locked on older appliances.
func ExampleWithLockWait() {
	sps, other := connect(), connect()
	ctx := context.Background()
	if err := other.OpenTransaction(ctx); err != nil {
		log.Fatal(err)
	}
	err := sps.Transaction(ctx, func(context.Context, *client.Tx) error { return nil }, client.WithLockWait(time.Millisecond))
	var failure *client.Error
	if errors.As(err, &failure) {
		if lock, ok := failure.Lock(); ok {
			fmt.Println("locked by", lock.Holder)
		}
	}
	if err := other.RollBack(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sps.Transaction(ctx, func(context.Context, *client.Tx) error { return nil }, client.WithLockWait(time.Minute)))
	// Output:
	// locked by admin
	// <nil>
}

// Newer appliances let several logins change things side by side. Whoever is second to
// commit a change of the same object may try again, on what the first one left.
func ExampleError_Conflict() {
	newer := servertest.Start(&examples, servertest.WithAppliance("8.0"))
	connect := func() *client.Client {
		sps, err := client.New(newer.URL, client.WithCAFile(newer.CAFile), client.WithPassword(servertest.Username, servertest.Password))
		if err != nil {
			log.Fatal(err)
		}
		return sps
	}
	sps, other := connect(), connect()
	louder := func(by int) func(context.Context, *client.Tx) error {
		return func(ctx context.Context, tx *client.Tx) error {
			options, err := tx.Options(ctx, client.ProtocolSSH)
			if err != nil {
				return err
			}
			options.Service.LogLevel = new(*options.Service.LogLevel + by)
			return tx.SetOptions(ctx, client.ProtocolSSH, options)
		}
	}
	ctx := context.Background()
	err := sps.Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
		// The other one is faster.
		return errors.Join(louder(1)(ctx, tx), other.Transaction(context.Background(), louder(2)))
	})
	var failure *client.Error
	if errors.As(err, &failure) && errors.Is(err, client.ErrConflict) {
		fmt.Println("somebody else changed", failure.Conflict())
		err = sps.Transaction(ctx, louder(1))
	}
	if err != nil {
		log.Fatal(err)
	}
	options, err := sps.Options(ctx, client.ProtocolSSH)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("now it is", *options.Service.LogLevel)
	// Output:
	// somebody else changed /api/configuration/ssh/options
	// now it is 7
}

// A transaction whose steps are several runs of a program, which share a login.
func ExampleClient_OpenTransaction() {
	sps := connect()
	ctx := context.Background()
	if err := sps.OpenTransaction(ctx, client.WithLockWait(time.Minute)); err != nil {
		fmt.Println(err)
		return
	}
	resp, err := sps.Raw(ctx, http.MethodPut, "/api/configuration/management/webinterface", strings.NewReader(`{"timeout":20}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	if err := client.CheckResponse(resp); err != nil {
		fmt.Println(err)
		return
	}
	status, err := sps.TransactionStatus(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	changes, err := sps.Changes(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the transaction is", status.State)
	fmt.Println(changes[0])
	fmt.Println(sps.RollBack(ctx)) // or sps.CommitTransaction(ctx, "Let logins live longer")
	// Output:
	// the transaction is open
	// replace /api/configuration/management/webinterface#timeout: 10 -> 20
	// <nil>
}

func ExampleFormatDiff() {
	fmt.Print(client.FormatDiff([]client.Change{
		{
			Type: client.ChangeReplace, Path: "/api/configuration/vnc/options#service/log_level",
			OldValue: json.RawMessage("4"), NewValue: json.RawMessage("6"),
		},
		{
			Type: client.ChangeCreate, Path: "/api/configuration/aaa/local_database/groups/2204261935dd5e81d9a8b0",
			NewValue: json.RawMessage(`{"members":[],"name":"auditors"}`),
		},
	}))
	// Output:
	// --- /api/configuration/vnc/options
	// +++ /api/configuration/vnc/options
	// -service/log_level: 4
	// +service/log_level: 6
	// --- /dev/null
	// +++ /api/configuration/aaa/local_database/groups/2204261935dd5e81d9a8b0
	// +{
	// +  "members": [],
	// +  "name": "auditors"
	// +}
}

// What no method knows can be asked all the same.
func ExampleClient_Raw() {
	sps := connect()
	resp, err := sps.Raw(context.Background(), http.MethodGet, "/api/audit/sessions/_count?q=protocol:SSH", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	if err := client.CheckResponse(resp); err != nil {
		fmt.Println(err)
		return
	}
	var count struct{ Count int }
	if err := json.NewDecoder(resp.Body).Decode(&count); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.StatusCode, count.Count > 0)
	// Output: 200 true
}

// Some things can be asked without a login.
func ExampleClient_Setup() {
	sps, err := client.New(appliance().URL, client.WithCAFile(appliance().CAFile))
	if err != nil {
		log.Fatal(err)
	}
	setup, err := sps.Setup(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	types, err := sps.AuthenticationTypes(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(setup.Status, types[0])
	// Output: completed basic
}
