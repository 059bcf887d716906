package client

import "context"

// WebInterface are the settings of the web interface, some of which hold for the API
// as well.
type WebInterface struct {
	Timeout int     `json:"timeout"` // how long a login may be idle, in minutes
	Extra   Members `json:"-"`
}

const webInterface = "/api/configuration/management/webinterface"

// WebInterface reads the settings of the web interface.
func (c *Client) WebInterface(ctx context.Context) (*WebInterface, error) {
	return read[WebInterface](ctx, c.scope(), "getWebInterface", webInterface)
}

// WebInterface reads the settings of the web interface, with the pending changes in
// them.
func (tx *Tx) WebInterface(ctx context.Context) (*WebInterface, error) {
	return read[WebInterface](ctx, tx.scope(), "getWebInterface", webInterface)
}

// SetWebInterface replaces the settings of the web interface.
func (tx *Tx) SetWebInterface(ctx context.Context, settings *WebInterface) error {
	return replace(ctx, tx.scope(), "replaceWebInterface", webInterface, settings)
}

// Accounting says how changes of the configuration are accounted for.
type Accounting struct {
	RequireCommitMessage bool    `json:"require_commitlog"` // from the next transaction on; see WithCommitMessage
	Extra                Members `json:"-"`
}

const accounting = "/api/configuration/management/accounting"

// Accounting reads how changes are accounted for.
func (c *Client) Accounting(ctx context.Context) (*Accounting, error) {
	return read[Accounting](ctx, c.scope(), "getAccounting", accounting)
}

// Accounting reads how changes are accounted for, with the pending changes in it.
func (tx *Tx) Accounting(ctx context.Context) (*Accounting, error) {
	return read[Accounting](ctx, tx.scope(), "getAccounting", accounting)
}

// SetAccounting replaces how changes are accounted for.
func (tx *Tx) SetAccounting(ctx context.Context, settings *Accounting) error {
	return replace(ctx, tx.scope(), "replaceAccounting", accounting, settings)
}
