// Package export takes sessions from an appliance a bit in each run: what has ended
// since the run before, each session once. It reads sessions in the order in which they
// ended, so that one moment, the watermark, tells how far it has come.
//
// Sessions can appear late, with an end before the watermark. Therefore each run looks
// back over an overlap, and the checkpoint remembers the keys of the sessions in it.
// What has been written reaches the disk before the checkpoint says so, and a run begins
// by cutting off what an earlier one has written behind its checkpoint.
//
// The package neither knows formats nor command lines.
package export
