// Package blackbox tests the real spsd binary from outside: over HTTPS, through
// the SDK and with raw requests, every one of them checked against the contract.
// It touches nothing that a user could not.
package blackbox
