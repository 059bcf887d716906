// Package trail keeps trail files as blobs: it writes them under names that
// their content determines, opens them for reading in any order, and follows
// those that still grow. Which session has which trail is the store's business;
// the package knows no HTTP.
package trail
