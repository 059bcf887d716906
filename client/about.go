package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// UserInfo is who the client is logged in as, and what that user may call.
type UserInfo struct {
	Name           string
	LoginMethod    string // name of a LoginMethod; empty if the server doesn't say, as up to 7.2; so are the next two
	Authentication AuthenticationBackend
	Credential     CredentialType
	Endpoints      []PermittedEndpoint
}

// PermittedEndpoint is a part of the API that a user may call.
type PermittedEndpoint struct {
	URL     string   `json:"url"` // path below which the methods may be used
	Methods []string `json:"methods"`
}

// UserInfo tells who the client is logged in as. The guides have two paths for that; it
// asks the second one when there is nothing at the first.
func (c *Client) UserInfo(ctx context.Context) (*UserInfo, error) {
	info, err := c.userInfo(ctx, "getUserInfo", func(ctx context.Context) (*http.Response, error) {
		return c.api.GetUserInfo(ctx)
	})
	if !errors.Is(err, ErrNotFound) {
		return info, err
	}
	return c.userInfo(ctx, "getUserInfoAlias", func(ctx context.Context) (*http.Response, error) {
		return c.api.GetUserInfoAlias(ctx)
	})
}

func (c *Client) userInfo(ctx context.Context, operation string, send sendFunc) (*UserInfo, error) {
	type user struct{ Name string }
	var document struct {
		User      user
		Endpoints []PermittedEndpoint
		Body      struct {
			User        user
			LoginMethod LoginMethod `json:"login_method"`
		}
	}
	err := c.call(ctx, operation, &document, send)
	if err != nil {
		return nil, err
	}
	method := document.Body.LoginMethod
	info := &UserInfo{
		Name: document.User.Name, Endpoints: document.Endpoints,
		LoginMethod: method.Name, Authentication: method.Authentication, Credential: method.Credential,
	}
	if info.Name == "" {
		info.Name = document.Body.User.Name
	}
	return info, nil
}

// Info describes the appliance. Clients without credentials learn only its names.
type Info struct {
	Hostname         string   `json:"hostname"`
	Domain           string   `json:"domainname"`
	Nickname         string   `json:"nickname"`
	Version          string   `json:"version"`
	FirmwareVersion  string   `json:"firmware_version"`
	BuildDate        string   `json:"build_date"`
	ConfigHash       string   `json:"config_hash"` // changes with every committed change
	Roles            []string `json:"roles"`       // in the cluster
	AnalyticsEnabled bool     `json:"analytics_enabled"`
	SupportLink      string   `json:"support_link"`
	PluginSDKVersion struct {
		Feature string `json:"feature"`
		Full    string `json:"full"`
	} `json:"plugin_sdk_version"`
}

// Info describes the appliance.
func (c *Client) Info(ctx context.Context) (*Info, error) {
	// Of an expired login the answer makes an anonymous client, without an error.
	p := c.login.pinOf(ctx)
	inTransaction := p != nil
	if !inTransaction {
		p = &pin{} // only to learn the token
	}
	info, anonymous, err := c.info(c.login.withPin(ctx, p))
	switch {
	case err != nil:
		return nil, err
	case !anonymous || p.token == "":
		return info, nil
	case inTransaction:
		return nil, fmt.Errorf("getInfo: %w", ErrTransactionLost)
	}
	c.login.forget(p.token)
	info, _, err = c.info(ctx)
	return info, err
}

// info tells also whether the answer is one for anonymous clients.
func (c *Client) info(ctx context.Context) (info *Info, anonymous bool, err error) {
	var document struct {
		Body Info
		Meta struct {
			RemainingSeconds *int64 `json:"remaining_seconds"` // 0 without a login
		}
	}
	err = c.call(ctx, "getInfo", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetInfo(ctx)
	})
	if err != nil {
		return nil, false, err
	}
	left := document.Meta.RemainingSeconds
	return &document.Body, left != nil && *left == 0 && document.Body.Version == "", nil
}
