// Package client talks to One Identity Safeguard for Privileged Sessions (SPS) over
// its REST API, and to spsd, which stands in for it.
//
// # Begin
//
// A Client belongs to one appliance and one user:
//
//	sps, err := client.New("https://sps.example.com",
//		client.WithPassword("admin", password),
//		client.WithFingerprint("3B:9E:..."))
//
// It logs in at its first call, and again when the login has expired. The password may
// come from elsewhere: see WithPasswordFunc, WithPasswordEnv and WithPasswordFile. In its
// place there may be a certificate, WithClientCertificate, or an API key, WithAPIKey; and
// WithLoginStore keeps the login from one run of a program to the next. Certificates
// are verified against the system's roots, or as WithCA, WithCAFile and
// WithFingerprint say. Call Logout when done, or let the login expire.
//
// A session, in this API and here, is a recorded session: what a user did on a server
// through the appliance. What keeps a client logged in is called a login.
//
// # Sessions
//
// Sessions goes through the recorded sessions, ListSessions reads one page of them,
// Session reads one:
//
//	query := client.SessionQuery{Start: time.Now().AddDate(0, 0, -7), Fields: []string{"user", "start_time"}}
//	for session, err := range sps.Sessions(ctx, query) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(session.StartTime, session.User.Name)
//	}
//
// Channels, Events, Alerts, IndexingJobs and TrailDownloads go through what belongs to
// a session, in the same way; Collect makes a slice of any of them.
//
// # Audit trails
//
// DownloadTrail streams the audit trail of a session to an io.Writer, and asks for the
// rest when the connection breaks off. DownloadTrailFile writes a file that is there
// only when it is whole, and continues what an earlier run has left. DownloadTrails does
// so for any number of sessions, some at a time:
//
//	for trail, err := range sps.DownloadTrails(ctx, sps.Sessions(ctx, query), "trails", client.TrailOptions{}) {
//		if err != nil {
//			log.Print(trail.Key, ": ", err) // the others go on
//			continue
//		}
//		fmt.Println(trail.Path, trail.Info.Size)
//	}
//
// FollowTrail reads the trail of a session while the session goes on; io.EOF is its end,
// and not that of a connection which broke off.
//
// # Search
//
// A Query says which sessions. It is made of conditions on their properties and on
// what was recorded, with values escaped and types checked:
//
//	query := client.And(
//		client.Text("user.name").Is("jane", "joe"),
//		client.Time("start_time").InLast(7*24*time.Hour),
//		client.Command.Phrase("sudo su"),
//	)
//	for session, err := range sps.Sessions(ctx, client.SessionQuery{Q: query}) {
//
// The function Raw takes an expression that somebody has typed. Sessions goes through any number of
// sessions; more than a list of the API can show come from a snapshot. Count, Stats and
// Histogram count sessions, by the values of a property and by time, and SearchContent
// searches in one session.
//
// # Configuration
//
// The configuration of an appliance is a tree of settings, such as the options of a
// protocol, and of collections, such as the local users. Methods of Client read it:
//
//	options, err := sps.Options(ctx, client.ProtocolSSH)
//	user, err := sps.LocalUsers().Get(ctx, key)
//	for policy, err := range sps.ChannelPolicies(client.ProtocolRDP).List(ctx) {
//
// and so do WebInterface, Accounting, AuditPolicies, TimePolicies, LocalGroups and
// AuditDataRules. Children tells what lies below a path.
//
// Changes are made in a transaction, and take effect together when it is committed. The
// function gets a Tx, which has the same methods, and those that write:
//
//	err := sps.Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
//		options, err := tx.Options(ctx, client.ProtocolSSH)
//		if err != nil {
//			return err
//		}
//		options.Service.LogLevel = new(6)
//		if err := tx.SetOptions(ctx, client.ProtocolSSH, options); err != nil {
//			return err
//		}
//		diff, err := tx.Diff(ctx)
//		fmt.Print(diff)
//		return err
//	}, client.WithCommitMessage("Log more"), client.WithLockWait(time.Minute))
//
// If the function returns nil the transaction is committed. If it returns an error or
// panics, if ctx ends, or if the commit is refused, it is rolled back. What is written
// replaces the whole object, so read it first, in the transaction, and change what came:
// members that this package has no field for are in Extra, and go back as they were.
//
// Up to 6.0 one login at a time can have a transaction. Another one gets ErrLocked, or
// waits with WithLockWait. Newer appliances let several logins change things side by
// side, and the second one that commits a change of the same object gets ErrConflict; it
// can call Transaction once more. Error.Lock and Error.Conflict tell the particulars.
//
// Get reads any resource, Tx.Put, Tx.Post and Tx.Delete write any, and Raw sends any
// request, for what has no method here. A program whose steps are runs of their own, such
// as a command line, holds a transaction open in between with OpenTransaction,
// TransactionStatus, Changes and CommitTransaction or RollBack.
//
// No generated type is in the way: the API's alternatives of objects, such as the forms
// of timestamping, are single structs here, and what can be changed loses nothing. The
// types of package gen/api, one for each schema of the contract, fit into Get, as in
// Document[api.Info]. They drop members that they don't know, so Put should not send one
// that was read.
//
// # Errors
//
// A failure that the server tells of is an *Error. Its kind is asked with errors.Is,
// as in errors.Is(err, client.ErrNotFound), and errors.As gives the whole of it. An
// answer that is not the API's, such as a proxy's error page, is ErrUnexpectedAnswer.
// Other errors, of the network and of contexts, are wrapped as they are. Passwords and
// cookies are in none of them.
//
// # On the wire
//
// Each request passes the same layers, in this order:
//
//   - the login, which adds the cookie. When the login has expired, requests that read
//     are sent once more after a new one;
//   - repeating what failed for the moment: WithRetry, which is on by default;
//   - waiting for its turn: WithRateLimit;
//   - telling an Observer, such as those for OpenTelemetry and Prometheus in packages
//     otelsps and promsps: WithObserver;
//   - logging, which leaves secrets out: WithLogger.
//
// A call takes no longer than WithTimeout says, all of this included. Documents and
// errors of any size that no appliance sends are refused, and what is meant to be large
// is streamed.
//
// # Appliances of all versions
//
// Newer appliances send more than this package knows. Sessions, and what belongs to
// them, hold what they were made from in a field Raw, and give it back when they are
// marshalled to JSON. Objects of the configuration have a field Extra for members that
// are new; see Members. Values of enumerations are kept even if they are unknown. Where
// versions spell a path or a list differently, a method understands all of them.
//
// # Tests
//
// Package servertest starts a stand-in for an appliance inside of a test, for programs
// that use this package.
package client
