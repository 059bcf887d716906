//go:build race

package storetest

// raceDetector makes an engine that is written in Go some fifteen times slower, so
// that the suite asks less of it. make test runs the whole suite without.
const raceDetector = true
