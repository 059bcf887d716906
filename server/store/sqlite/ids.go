package sqlite

import (
	"hash/fnv"
	"time"
)

const (
	hashBits = 20
	hashMask = 1<<hashBits - 1
	// maxMillis keeps ids within 64 bits. It is reached in the year 2248; what
	// starts later sorts as if it started then.
	maxMillis = 1<<43 - 1
	minMillis = -1 << 43
)

// sessionID is where a session wants to be: newer starts have larger ids, and
// the hash tells apart what starts in the same millisecond.
func sessionID(key string, start time.Time) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return clampMillis(start.UnixMilli())<<hashBits | int64(h.Sum32()>>(32-hashBits))
}

func clampMillis(ms int64) int64 { return min(max(ms, minMillis), maxMillis) }

// nextID is the id to try when id is taken, of the same millisecond.
func nextID(id int64) int64 { return id&^hashMask | (id+1)&hashMask }

// firstID and lastID bound the ids of what starts at a time, in microseconds.
func firstID(micros int64) int64 { return clampMillis(time.UnixMicro(micros).UnixMilli()) << hashBits }

func lastID(micros int64) int64 { return firstID(micros) | hashMask }
