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
// It logs in at its first call, and again when the login has expired. Certificates
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
// a session, in the same way; Collect makes a slice of any of them. DownloadTrail
// streams the audit trail to an io.Writer, FollowTrail that of a session which still
// goes on.
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
// Raw takes an expression that somebody has typed. Sessions goes through any number of
// sessions; more than a list of the API can show come from a snapshot. Count, Stats and
// Histogram count sessions, by the values of a property and by time, and SearchContent
// searches in one session.
//
// # Configuration
//
// Get reads any resource. Changes are made in a transaction, which is committed if
// the function returns nil, and rolled back if it doesn't:
//
//	err := sps.Transaction(ctx, func(ctx context.Context, tx *client.Tx) error {
//		options, err := tx.Options(ctx, client.ProtocolVNC)
//		if err != nil {
//			return err
//		}
//		options.Service.LogLevel = new(6)
//		return tx.SetOptions(ctx, client.ProtocolVNC, options)
//	})
//
// # Errors
//
// A failure that the server tells of is an *Error. Its kind is asked with errors.Is,
// as in errors.Is(err, client.ErrNotFound), and errors.As gives the whole of it. An
// answer that is not the API's, such as a proxy's error page, is ErrUnexpectedAnswer.
// Other errors, of the network and of contexts, are wrapped as they are. Passwords and
// cookies are in none of them.
//
// # Appliances of all versions
//
// Newer appliances send more than this package knows. Sessions, and what belongs to
// them, hold what they were made from in a field Raw, and give it back when they are
// marshalled to JSON; values of enumerations are kept even if they are unknown. What
// has no method here can be read with Get.
//
// # Tests
//
// Package servertest starts a stand-in for an appliance inside of a test, for programs
// that use this package.
package client
