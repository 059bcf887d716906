package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strconv"

	"github.com/spskit/spskit/gen/apiserver"
)

type pluginVersion struct {
	Feature string `json:"feature"`
	Full    string `json:"full"`
}

// about is the body of /api/info. The pointers are what only users are told.
type about struct {
	AnalyticsEnabled *bool         `json:"analytics_enabled,omitempty"`
	BuildDate        *string       `json:"build_date,omitempty"`
	ConfigHash       *string       `json:"config_hash,omitempty"`
	DomainName       string        `json:"domainname"`
	FirmwareVersion  *string       `json:"firmware_version,omitempty"`
	HostName         string        `json:"hostname"`
	Nickname         string        `json:"nickname"`
	PluginSDKVersion pluginVersion `json:"plugin_sdk_version"`
	Roles            *[]string     `json:"roles,omitempty"`
	SupportLink      string        `json:"support_link"`
	Version          *string       `json:"version,omitempty"`
}

// buildDate is when the generation that a profile stands for came out, roughly:
// clients only show it.
const buildDate = "2018-11-14T12:26:59Z"

// GetInfo describes the appliance, and to users also its version.
func (h handlers) GetInfo(ctx context.Context, _ apiserver.GetInfoRequestObject) (apiserver.GetInfoResponseObject, error) {
	x := exchangeIn(ctx)
	host, err := os.Hostname()
	if err != nil {
		host = "spsd"
	}
	body := about{
		DomainName:       "localdomain",
		HostName:         host,
		Nickname:         "spsd",
		PluginSDKVersion: pluginVersion{Feature: "1.5", Full: "1.5.0"},
		SupportLink:      "https://support.oneidentity.com/one-identity-safeguard-for-privileged-sessions",
	}
	if x.loggedIn() {
		revision, err := h.config.Revision(ctx)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte("revision " + strconv.FormatInt(revision, 10)))
		analytics, built, hash, version := false, buildDate, hex.EncodeToString(sum[:16]), h.appliance+".0"
		body.AnalyticsEnabled, body.BuildDate, body.ConfigHash = &analytics, &built, &hash
		body.FirmwareVersion, body.Version, body.Roles = &version, &version, &[]string{}
	}
	meta := x.meta("/api/info", "/api")
	seconds := x.remainingSeconds()
	meta.RemainingSeconds = &seconds // documented as 0 for an anonymous client
	return ok(struct {
		Body about      `json:"body"`
		Key  string     `json:"key"`
		Meta objectMeta `json:"meta"`
	}{body, "about_info", meta}), nil
}

// eula is where the licence terms of the appliance are.
const eula = "https://www.oneidentity.com/legal/sta.aspx"

// GetSetup tells that the appliance is set up: a stand-in always is.
func (h handlers) GetSetup(ctx context.Context, _ apiserver.GetSetupRequestObject) (apiserver.GetSetupResponseObject, error) {
	type setupMeta struct {
		EULA             string `json:"eula"`
		Href             string `json:"href"`
		Parent           string `json:"parent"`
		RemainingSeconds int    `json:"remaining_seconds"`
	}
	return ok(struct {
		Meta   setupMeta `json:"meta"`
		Status string    `json:"status"`
	}{setupMeta{eula, "/api/setup", "/api", exchangeIn(ctx).remainingSeconds()}, "completed"}), nil
}

// ListEndpoints tells what the user may call.
func (h handlers) ListEndpoints(ctx context.Context, _ apiserver.ListEndpointsRequestObject) (apiserver.ListEndpointsResponseObject, error) {
	x := exchangeIn(ctx)
	return ok(struct {
		Endpoints []endpoint `json:"endpoints"`
		Meta      objectMeta `json:"meta"`
	}{permittedEndpoints(x.login.Rights), x.meta("/api/endpoints", "/api")}), nil
}
