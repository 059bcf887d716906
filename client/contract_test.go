package client_test

import (
	"encoding/json"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/gen/apispec"
)

var document = sync.OnceValues(apispec.JSON)

// contract gives a part of the contract, by the names that lead to it.
func contract(t *testing.T, path ...string) json.RawMessage {
	t.Helper()
	part, err := document()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range path {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(part, &object); err != nil || object[name] == nil {
			t.Fatalf("the contract has no %s: %v", strings.Join(path, "/"), err)
		}
		part = object[name]
	}
	return part
}

// members are what a type reads, by the names that the API uses.
func members(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			names = append(names, members(f.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}

// Whatever the contract says of an object, the client has a place for it.
func TestTypesHaveEveryProperty(t *testing.T) {
	times := []string{"start_time", "end_time", "duration"}
	forward := append([]string{"originator.address", "originator.port", "connected.address", "connected.port"}, times...)
	links := []string{"alerts", "channels", "events", "indexing", "trail_downloads"} // methods
	channel, change, part := reflect.TypeFor[client.Channel](), reflect.TypeFor[client.Change](), reflect.TypeFor[client.IndexingPart]()
	for schema, tt := range map[string]struct {
		goType reflect.Type
		byHand []string // what the type reads in a way of its own
		shared bool     // the type stands for other schemas too, so it has more
	}{
		"AccessRequest":     {goType: reflect.TypeFor[client.AccessRequest]()},
		"AccessRequestStep": {goType: reflect.TypeFor[client.AccessRequestStep]()},
		"AccessRequestUser": {goType: reflect.TypeFor[client.AccessRequestUser]()},
		"Alert":             {reflect.TypeFor[client.Alert](), []string{"time"}, false},
		"Analytics":         {goType: reflect.TypeFor[client.Analytics]()},
		"AnalyticsScore":    {goType: reflect.TypeFor[client.AnalyticsScore]()},
		"AuditTrail":        {goType: reflect.TypeFor[client.AuditTrail]()},
		"ChangeCreate":      {change, nil, true},
		"ChangeDelete":      {change, nil, true},
		"ChangeReorder":     {change, nil, true},
		"ChangeReplace":     {change, nil, true},
		"ContentHit":        {reflect.TypeFor[client.ContentHit](), []string{"time"}, false},
		"DynamicChannel":    {channel, times, true},
		"Endpoint":          {goType: reflect.TypeFor[client.PermittedEndpoint]()},
		"Event":             {reflect.TypeFor[client.Event](), []string{"time"}, false},
		"ExecChannel":       {channel, times, true},
		"ForwardChannel":    {channel, forward, true},
		"HistogramBin":      {reflect.TypeFor[client.HistogramBin](), []string{"start", "end"}, false},
		"IndexingBuffer":    {part, nil, true},
		"IndexingConfig":    {goType: reflect.TypeFor[client.IndexingConfig]()},
		"IndexingScreen":    {part, nil, true},
		"IndexingSwitch":    {part, nil, true},
		"Info":              {goType: reflect.TypeFor[client.Info]()},
		"Peer":              {goType: reflect.TypeFor[client.Peer]()},
		"PlainChannel":      {channel, times, true},
		"Recording":         {goType: reflect.TypeFor[client.Recording]()},
		"RedirectChannel":   {channel, times, true},
		"ScpChannel":        {channel, times, true},
		"Server":            {goType: reflect.TypeFor[client.Server]()},
		"SessionLog":        {goType: reflect.TypeFor[client.SessionLog]()},
		"SessionProperties": {reflect.TypeFor[client.Session](), slices.Concat(times, links, []string{"creation_time"}), false},
		"SessionUser":       {reflect.TypeFor[client.SessionUser](), []string{"server_username"}, false},
		"StatisticsItem":    {goType: reflect.TypeFor[client.StatsValue]()},
		"StatisticsSubItem": {reflect.TypeFor[client.StatsValue](), nil, true},
		"SubsystemChannel":  {channel, times, true},
		"TrailArchive":      {goType: reflect.TypeFor[client.TrailArchive]()},
		"TrailDownload":     {reflect.TypeFor[client.TrailDownload](), []string{"time"}, false},
		"Violation":         {goType: reflect.TypeFor[client.Violation]()},

		"Accounting":               {goType: reflect.TypeFor[client.Accounting]()},
		"AuditDataRule":            {goType: reflect.TypeFor[client.AuditDataRule]()},
		"AuditEncryption":          {goType: reflect.TypeFor[client.Switch]()},
		"AuditPolicy":              {goType: reflect.TypeFor[client.AuditPolicy]()},
		"AuditSettings":            {goType: reflect.TypeFor[client.AuditOptions]()},
		"AuditSigning":             {goType: reflect.TypeFor[client.Switch]()},
		"AuditTimestamping":        {goType: reflect.TypeFor[client.AuditTimestamping]()},
		"ChannelActions":           {goType: reflect.TypeFor[client.ChannelActions]()},
		"ChannelDatabaseCleanup":   {goType: reflect.TypeFor[client.ChannelDatabaseCleanup]()},
		"ChannelPolicyInput":       {goType: reflect.TypeFor[client.ChannelPolicy]()},
		"ChannelRuleInput":         {goType: reflect.TypeFor[client.ChannelRule]()},
		"Cleanup":                  {goType: reflect.TypeFor[client.AuditCleanup]()},
		"GssapiSettings":           {goType: reflect.TypeFor[client.Switch]()},
		"LocalGroup":               {goType: reflect.TypeFor[client.LocalGroup]()},
		"LocalUserInput":           {goType: reflect.TypeFor[client.LocalUser]()},
		"LoginMethod":              {goType: reflect.TypeFor[client.LoginMethod]()},
		"TimestampingOid":          {goType: reflect.TypeFor[client.TimestampingOID]()},
		"ProtocolOptions":          {reflect.TypeFor[client.ProtocolOptions](), nil, true},
		"ServiceSettings":          {goType: reflect.TypeFor[client.ServiceOptions]()},
		"SshOptions":               {goType: reflect.TypeFor[client.ProtocolOptions]()},
		"TimePolicy":               {goType: reflect.TypeFor[client.TimePolicy]()},
		"TimePolicyDays":           {goType: reflect.TypeFor[client.TimePolicyDays]()},
		"TimeRange":                {goType: reflect.TypeFor[client.TimeRange]()},
		"TimestampingRemote":       {goType: reflect.TypeFor[client.Timestamping]()},
		"TimestampingServerRemote": {reflect.TypeFor[client.Timestamping](), nil, true},
		"WebInterface":             {goType: reflect.TypeFor[client.WebInterface]()},
	} {
		var properties map[string]json.RawMessage
		if err := json.Unmarshal(contract(t, "components", "schemas", schema, "properties"), &properties); err != nil {
			t.Fatal(err)
		}
		read := members(tt.goType)
		for name := range properties {
			if !slices.Contains(read, name) && !slices.Contains(tt.byHand, name) {
				t.Errorf("%v has no place for %s of %s", tt.goType, name, schema)
			}
		}
		for _, name := range read {
			if properties[name] == nil && !tt.shared {
				t.Errorf("%v reads %s, which %s doesn't have", tt.goType, name, schema)
			}
		}
	}
}

// Constants are spelled as the contract spells them, and there is one for each value.
func TestConstants(t *testing.T) {
	for schema, constants := range map[string][]string{
		"Protocol": texts(
			client.ProtocolSSH, client.ProtocolRDP, client.ProtocolICA, client.ProtocolVNC, client.ProtocolTelnet,
			client.ProtocolHTTP, client.ProtocolMSSQL,
		),
		"RecordingVerdict": texts(
			client.VerdictAccept, client.VerdictAuthFail, client.VerdictTerminated, client.VerdictFail, client.VerdictDeny,
			client.VerdictGatewayAuthFail, client.VerdictKeyError, client.VerdictUserMapFail, client.VerdictAccepted,
		),
		"SessionOrigin": texts(client.OriginRecording, client.OriginLog, client.OriginVault),
		"IndexStatus": texts(
			client.IndexChannelOpen, client.IndexNotIndexed, client.IndexInProgress, client.IndexDone,
			client.IndexNotRequired, client.IndexFailed, client.IndexNoTrail,
		),
		"ChannelVerdict": texts(client.ChannelAccept, client.ChannelDeny),
		"EventType":      texts(client.EventCommand, client.EventWindowTitle, client.EventScreenContent),
		"AlertType":      texts(client.AlertCommand, client.AlertScreenContent, client.AlertCreditCard, client.AlertWindowTitle),
		"IndexingStatus": texts(client.IndexingCompleted, client.IndexingFailed, client.IndexingInProgress, client.IndexingQueued),
		"BinSize": texts(
			client.BinMinute, client.BinHour, client.BinDay, client.BinWeek, client.BinMonth, client.BinQuarter, client.BinYear,
		),
		"ContentKind": texts(client.Screen, client.Command, client.Title),
		"TrailFormat": texts(client.TrailZAT, client.TrailSRS),
		"AuthenticationBackend": texts(
			client.BackendLocal, client.BackendLDAP, client.BackendX509, client.BackendRADIUS, client.BackendSAML2,
		),
		"CommitMessagePolicy": texts(client.CommitMessageRequired, client.CommitMessageOptional),
		"CredentialType": texts(
			client.CredentialPassword, client.CredentialX509, client.CredentialLocal, client.CredentialCluster,
			client.CredentialFederated,
		),
		"LoginType":         texts(client.AuthenticationBasic, client.AuthenticationX509),
		"SetupStatus":       texts(client.SetupUninitialized, client.SetupBooting, client.SetupCompleted),
		"TransactionStatus": texts(client.TransactionClosed, client.TransactionOpen),
	} {
		var values []string
		if err := json.Unmarshal(contract(t, "components", "schemas", schema, "enum"), &values); err != nil {
			t.Fatal(err)
		}
		slices.Sort(values)
		slices.Sort(constants)
		if !slices.Equal(values, constants) {
			t.Errorf("%s: the contract has %q, the client %q", schema, values, constants)
		}
	}
}

func texts[T ~string](values ...T) []string {
	var list []string
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}

// Whoever imports the SDK gets neither a validator nor a database nor a server.
func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"github.com/spskit/spskit/client", "github.com/spskit/spskit/gen/api", "github.com/spskit/spskit/gen/apiclient",
		"github.com/oapi-codegen/nullable", "github.com/oapi-codegen/runtime", "github.com/oapi-codegen/runtime/types",
		"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "golang.org/x/time/rate",
		"github.com/gofrs/flock", "golang.org/x/sys/unix", "golang.org/x/sys/windows",
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		module, _, _ := strings.Cut(pkg, "/")
		if strings.Contains(module, ".") && !slices.Contains(allowed, pkg) {
			t.Errorf("the client depends on %s", pkg)
		}
		if pkg == "database/sql" || pkg == "testing" {
			t.Errorf("the client depends on %s", pkg)
		}
	}
}
