package config_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/store"
)

const (
	times     = "/api/configuration/policies/time_policies"
	ssh       = "/api/configuration/ssh/channel_policies"
	groups    = "/api/configuration/aaa/local_database/groups"
	users     = "/api/configuration/aaa/local_database/users"
	passwords = "/api/configuration/passwords"
	rules     = "/api/acl/audit_data"
)

// newService returns a service of an 8.0 appliance, with "hash of " before what it
// hashes and the store's accounts.
func newService(t *testing.T) (*config.Service, store.Store) {
	t.Helper()
	s := newStore(t)
	svc := config.New(s, config.TreeFor(80), profile(t, "8.0"), clock)
	svc.Accounts = func(ctx context.Context) ([]string, error) {
		var names []string
		accounts, err := s.ListUsers(ctx)
		for _, a := range accounts {
			names = append(names, a.Name)
		}
		return names, err
	}
	svc.Hash = func(_ context.Context, password string) (string, error) { return "hash of " + password, nil }
	return svc, s
}

func create(t *testing.T, svc *config.Service, path, body string) string {
	t.Helper()
	created, err := svc.Create(t.Context(), ann, path, []byte(body))
	if err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
	return created
}

func key(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func commit(t *testing.T, svc *config.Service) {
	t.Helper()
	if _, err := svc.Commit(t.Context(), ann, "ann", ""); err != nil {
		t.Fatal(err)
	}
}

func paths(t *testing.T, svc *config.Service, login store.LoginID, path string) []string {
	t.Helper()
	entries, err := svc.List(t.Context(), login, path)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Path)
	}
	return all
}

func violationsOf(err error) []string {
	var invalid *config.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	var at []string
	for _, v := range invalid.Violations {
		at = append(at, v.Path)
	}
	return at
}

// An item is created, read, replaced and deleted; others see it from the commit on.
func TestItemComesAndGoes(t *testing.T) {
	svc, _ := newService(t)
	path := create(t, svc, times, `{"name":"mondays","days":{"monday":[{"from":"08:00","to":"18:00"}]}}`)
	both := []string{times + "/-100", path}
	if d := cmp.Diff(both, paths(t, svc, ann, times)); d != "" {
		t.Errorf("own list (-want +got):\n%s", d)
	}
	if d := cmp.Diff(both[:1], paths(t, svc, bob, times)); d != "" {
		t.Errorf("other's list (-want +got):\n%s", d)
	}
	if _, err := svc.Get(t.Context(), bob, path); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("others see what is pending: %v", err)
	}
	commit(t, svc)
	d, err := svc.Get(t.Context(), bob, path)
	want := config.Document{
		Path: path, Key: key(path), Body: []byte(`{"days":{"monday":[{"from":"08:00","to":"18:00"}]},"name":"mondays"}`),
		Links: config.Links{First: both[0], Last: path, Previous: both[0], Parent: times},
	}
	if diff := cmp.Diff(want, d); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	if err := svc.Put(t.Context(), ann, path, []byte(`{"name":"mondays","days":{}}`)); err != nil {
		t.Fatal(err)
	}
	links, err := svc.Delete(t.Context(), ann, path)
	if diff := cmp.Diff(want.Links, links); diff != "" || err != nil {
		t.Errorf("links (-want +got):\n%s%v", diff, err)
	}
	if _, err := svc.Delete(t.Context(), ann, path); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if err := svc.Put(t.Context(), ann, path, []byte(`{"name":"a","days":{}}`)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("replaced what is deleted: %v", err)
	}
	changes, err := svc.Changes(t.Context(), ann)
	if err != nil || len(changes) != 1 || changes[0].Type != config.Delete || changes[0].Path != path {
		t.Errorf("changes %v, %v", changes, err)
	}
	commit(t, svc)
	if d := cmp.Diff(both[:1], paths(t, svc, bob, times)); d != "" {
		t.Errorf("after the deletion (-want +got):\n%s", d)
	}
}

// What came with the appliance without being built in is gone for good.
func TestDeletedDefaultStaysAway(t *testing.T) {
	svc, s := newService(t)
	const policy = "/api/configuration/policies/audit_policies/78101850949e47437dd91d"
	if _, err := svc.Delete(t.Context(), ann, policy); err != nil {
		t.Fatal(err)
	}
	commit(t, svc)
	again := config.New(s, config.TreeFor(80), profile(t, "8.0"), clock)
	if _, err := again.Get(t.Context(), ann, policy); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it came back: %v", err)
	}
}

func TestReferences(t *testing.T) {
	svc, _ := newService(t)
	policy := create(t, svc, times, `{"name":"mondays","days":{}}`)
	channel := create(t, svc, ssh, `{"name":"a","rules":[{"actions":{"audit":true}},{"time_policy":"`+key(policy)+`"}]}`)
	d, err := svc.Get(t.Context(), ann, channel)
	want := `{"name":"a","rules":[{"actions":{"audit":true}},{"time_policy":{"key":"` + key(policy) + `","meta":{"href":"` + policy + `"}}}]}`
	if string(d.Body) != want || err != nil {
		t.Errorf("got %s (%v)\nwant %s", d.Body, err, want)
	}
	entries, _ := svc.List(t.Context(), ann, ssh)
	if i := slices.IndexFunc(entries, func(e config.Entry) bool { return e.Path == channel }); i < 0 || string(entries[i].Body) != want {
		t.Errorf("the list has other bodies: %v", entries)
	}
	var needed *config.NotDeletableError
	if _, err := svc.Delete(t.Context(), ann, policy); !errors.As(err, &needed) || !slices.Equal(needed.References, []string{channel}) {
		t.Errorf("deleting what is referred to: %v", err)
	}
	if _, err := svc.Delete(t.Context(), ann, times+"/-100"); !errors.As(err, &needed) || len(needed.References) > 0 {
		t.Errorf("deleting what is built in: %v", err)
	}
	_, err = svc.Create(t.Context(), ann, ssh, []byte(`{"name":"b","rules":[{"time_policy":"-1"}]}`))
	if d := cmp.Diff([]string{"/rules/0/time_policy"}, violationsOf(err)); d != "" {
		t.Errorf("a reference to nothing: %v", err)
	}
	if _, err := svc.Delete(t.Context(), ann, channel); err != nil {
		t.Fatal(err)
	}
	if _, err := svc.Delete(t.Context(), ann, policy); err != nil {
		t.Errorf("nothing refers to it any more: %v", err)
	}
}

// Two transactions that are right each by itself may not go together.
func TestCommitsMustGoTogether(t *testing.T) {
	for name, theirs := range map[string]func(svc *config.Service, policy string) error{
		"the target is gone": func(svc *config.Service, policy string) error {
			_, err := svc.Delete(t.Context(), bob, policy)
			return err
		},
		"the name is taken": func(svc *config.Service, _ string) error {
			_, err := svc.Create(t.Context(), bob, ssh, []byte(`{"name":"a","rules":[]}`))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			svc, _ := newService(t)
			policy := create(t, svc, times, `{"name":"mondays","days":{}}`)
			commit(t, svc)
			channel := create(t, svc, ssh, `{"name":"a","rules":[{"time_policy":"`+key(policy)+`"}]}`)
			if err := theirs(svc, policy); err != nil {
				t.Fatal(err)
			}
			if _, err := svc.Commit(t.Context(), bob, "bob", ""); err != nil {
				t.Fatal(err)
			}
			var conflict *store.ConflictError
			if _, err := svc.Commit(t.Context(), ann, "ann", ""); !errors.As(err, &conflict) {
				t.Fatalf("committed: %v", err)
			}
			if _, err := svc.Get(t.Context(), bob, channel); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("it is there all the same: %v", err)
			}
		})
	}
}

func TestInvalidDocuments(t *testing.T) {
	const options7 = "/api/configuration/ssh/options"
	svc, _ := newService(t)
	for _, tt := range []struct{ path, body, at string }{
		{times, `{"name":"7x24","days":{}}`, "/name"},
		{times, `{"name":"a","days":{"friday":[{"from":"08:00","to":"10:00"},{"from":"11:00","to":"11:00"}]}}`, "/days/friday/1/to"},
		{groups, `{"name":"a","members":["b","c","b"]}`, "/members/2"},
		{rules, `{"name":"a","groups":[],"query":"protocol:(SSH"}`, "/query"},
		{rules, `{"name":"a","groups":[],"query":"nothing:1"}`, "/query"},
		{rules, `{"name":"a","groups":[],"query":"screen.content:s?o"}`, "/query"},
		{options7, `{"audit":{},"service":{},"gssapi":{}}`, "/audit /channel_database_cleanup"},
		{options7, `{"channel_database_cleanup":{},"service":{}}`, "/gssapi"},
		{users, `{"name":"eve","password":"1"}`, "/password"},
		{users, `{"name":"e\u200bve","password":"1"}`, "/name /password"},
		{times, `[]`, ""},
	} {
		var err error
		if strings.HasSuffix(tt.path, "options") {
			err = svc.Put(t.Context(), ann, tt.path, []byte(tt.body))
		} else {
			_, err = svc.Create(t.Context(), ann, tt.path, []byte(tt.body))
		}
		if got := strings.Join(violationsOf(err), " "); got != tt.at || err == nil {
			t.Errorf("%s %s: %v, want violations at %q", tt.path, tt.body, err, tt.at)
		}
	}
	if _, open, _ := svc.Transaction(t.Context(), ann); open {
		t.Error("what is refused opened a transaction")
	}
}

// Users are accounts: those that exist are listed, and a commit makes, changes and
// deletes them.
func TestUsers(t *testing.T) {
	svc, s := newService(t)
	before := paths(t, svc, ann, users)
	if len(before) != 2 {
		t.Fatalf("ann and bob are %v", before)
	}
	secret := create(t, svc, passwords, `{"plain":"correct horse"}`)
	d, err := svc.Get(t.Context(), ann, secret)
	if string(d.Body) != "{}" || err != nil {
		t.Errorf("a password shows %s, %v", d.Body, err)
	}
	joe := create(t, svc, users, `{"name":"joe","password":"`+key(secret)+`"}`)
	if _, err := s.User(t.Context(), "joe"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("joe exists before the commit: %v", err)
	}
	changes, err := svc.Changes(t.Context(), ann)
	if text, _ := json.Marshal(changes); err != nil || len(changes) != 2 || strings.Contains(string(text), "hash") {
		t.Errorf("changes %s, %v", text, err)
	}
	if _, err := svc.Create(t.Context(), ann, users, []byte(`{"name":"jim","password":"`+key(secret)+`"}`)); !slices.Equal(violationsOf(err), []string{"/password"}) {
		t.Errorf("a password was used twice: %v", err)
	}
	var needed *config.NotDeletableError
	if _, err := svc.Delete(t.Context(), ann, secret); !errors.As(err, &needed) {
		t.Errorf("deleted a password that is used: %v", err)
	}
	told := 0
	svc.AccountsChanged = func() { told++ }
	commit(t, svc)
	account, err := s.User(t.Context(), "joe")
	if err != nil || account.PasswordHash != "hash of correct horse" || account.Rights != (store.Rights{}) || told != 1 {
		t.Errorf("account %+v, %v, told %d times", account, err, told)
	}
	if n := len(paths(t, svc, bob, users)); n != 3 {
		t.Errorf("%d users", n)
	}
	if err := svc.Put(t.Context(), ann, joe, []byte(`{"name":"jim","password":"`+key(secret)+`"}`)); !slices.Equal(violationsOf(err), []string{"/name"}) {
		t.Errorf("renamed: %v", err)
	}
	other := create(t, svc, passwords, `{"plain":"battery staple"}`)
	if err := svc.Put(t.Context(), ann, joe, []byte(`{"name":"joe","password":"`+key(other)+`"}`)); err != nil {
		t.Fatal(err)
	}
	commit(t, svc)
	if account, err = s.User(t.Context(), "joe"); err != nil || account.PasswordHash != "hash of battery staple" {
		t.Errorf("account %+v, %v", account, err)
	}
	if _, err := svc.Delete(t.Context(), ann, joe); err != nil {
		t.Fatal(err)
	}
	commit(t, svc)
	if _, err := s.User(t.Context(), "joe"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("joe lives on: %v", err)
	}
	if d := cmp.Diff(before, paths(t, svc, bob, users)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// An account that somebody deletes beside the configuration is gone from it.
func TestUsersFollowAccounts(t *testing.T) {
	svc, s := newService(t)
	joe := create(t, svc, users, `{"name":"joe","password":"`+key(create(t, svc, passwords, `{"plain":"a"}`))+`"}`)
	commit(t, svc)
	if err := s.DeleteUser(t.Context(), "joe"); err != nil {
		t.Fatal(err)
	}
	if _, err := svc.Get(t.Context(), ann, joe); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("joe is there: %v", err)
	}
}

func TestCommitMessageRequired(t *testing.T) {
	const accounting = "/api/configuration/management/accounting"
	svc, _ := newService(t)
	if err := svc.Put(t.Context(), ann, accounting, []byte(`{"require_commitlog":true}`)); err != nil {
		t.Fatal(err)
	}
	commit(t, svc) // what holds already is what counts
	if required, err := svc.CommitMessageRequired(t.Context()); !required || err != nil {
		t.Errorf("required: %t, %v", required, err)
	}
	create(t, svc, times, `{"name":"a","days":{}}`)
	for _, message := range []string{"", " \t"} {
		if _, err := svc.Commit(t.Context(), ann, "ann", message); !errors.Is(err, config.ErrMessageRequired) {
			t.Errorf("committed with %q: %v", message, err)
		}
	}
	if _, open, _ := svc.Transaction(t.Context(), ann); !open {
		t.Error("the transaction is gone")
	}
	if _, err := svc.Commit(t.Context(), ann, "ann", "because"); err != nil {
		t.Error(err)
	}
}

func TestWatch(t *testing.T) {
	svc, _ := newService(t)
	var seen []string
	err := svc.Watch(t.Context(), config.WebInterface, func(doc []byte) error {
		seen = append(seen, string(doc))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(timeout string) {
		if err := svc.Put(t.Context(), ann, config.WebInterface, []byte(`{"timeout":`+timeout+`}`)); err != nil {
			t.Fatal(err)
		}
	}
	put("20")
	if err := svc.Rollback(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	put("30")
	commit(t, svc)
	put("30")
	commit(t, svc)
	if d := cmp.Diff([]string{`{"timeout":10}`, `{"timeout":30}`}, seen); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := svc.Watch(t.Context(), times, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("watching a collection: %v", err)
	}
}

func TestAccess(t *testing.T) {
	svc, _ := newService(t)
	search := store.Rights{Search: true}
	wantAccess := func(user string, rights store.Rights, all bool, want ...string) {
		t.Helper()
		queries, everything, err := svc.AuditQueries(t.Context(), user, rights)
		slices.Sort(queries)
		if everything != all || !slices.Equal(queries, want) || err != nil {
			t.Errorf("%s: %q, all %t, %v", user, queries, everything, err)
		}
	}
	wantAccess("joe", search, true)
	wantAccess("joe", store.Rights{}, false)
	if _, err := svc.Delete(t.Context(), ann, rules+"/autogenerated-all-data-access-id"); err != nil {
		t.Fatal(err)
	}
	wantAccess("joe", search, true) // not before the commit
	create(t, svc, rules, `{"name":"ssh","groups":["unix"],"query":"protocol:SSH"}`)
	create(t, svc, rules, `{"name":"own","groups":["unix","windows"],"query":"user.name:joe"}`)
	create(t, svc, groups, `{"name":"unix","members":["joe","jim"]}`)
	if err := svc.Put(t.Context(), ann, groups+"/b080b1ba546232548bb1f9", []byte(`{"name":"basic-write","members":["jim"]}`)); err != nil {
		t.Fatal(err)
	}
	commit(t, svc)
	wantAccess("joe", search, false, "protocol:SSH", "user.name:joe")
	wantAccess("eve", search, false)
	for user, want := range map[string]store.Rights{"joe": {}, "jim": {ReadConfig: true, EditConfig: true}} {
		if rights, err := svc.GroupRights(t.Context(), user); rights != want || err != nil {
			t.Errorf("%s has %+v, %v", user, rights, err)
		}
	}
}

// A document of another generation is read in the form of this one, and kept as it
// is until it is written.
func TestAnotherGeneration(t *testing.T) {
	s := newStore(t)
	old := config.New(s, config.TreeFor(60), profile(t, "6.0"), clock)
	if _, err := old.Open(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	const written = `{"audit":{"cleanup":{"enabled":false},"timestamping":{"selection":"local","signing_interval":99}},"service":{"enabled":true,"log_level":7}}`
	if err := old.Put(t.Context(), ann, options, []byte(written)); err != nil {
		t.Fatal(err)
	}
	policy := create(t, old, "/api/configuration/policies/audit_policies", `{"name":"a","encryption":{"enabled":true},"signing":{"enabled":true}}`)
	commit(t, old)
	svc := config.New(s, config.TreeFor(80), profile(t, "8.0"), clock)
	for path, want := range map[string]string{
		options: `{"channel_database_cleanup":{"enabled":false},"service":{"enabled":true,"log_level":7}}`,
		policy:  `{"encryption":{"enabled":true},"name":"a","signing":{"enabled":true},"signing_and_timestamping_interval":30,"timestamping":{"enabled":false}}`,
	} {
		if d, err := svc.Get(t.Context(), ann, path); string(d.Body) != want || err != nil {
			t.Errorf("%s: got %s (%v)\nwant %s", path, d.Body, err, want)
		}
	}
	if d, err := old.Get(t.Context(), ann, options); string(d.Body) != written || err != nil {
		t.Errorf("back again: %s, %v", d.Body, err)
	}
}
