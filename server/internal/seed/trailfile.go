package seed

import "encoding/binary"

// trailHeader begins every made-up trail file.
const trailHeader = "spskit sample trail\nStands in for an audit trail. The rest is noise: no player can replay it.\n"

// appendTrail appends the made-up trail file of a session: a header that says
// what it is, and noise.
func appendTrail(dst []byte, d *dice, key string, size int) []byte {
	end := len(dst) + size
	dst = append(dst, trailHeader...)
	dst = append(append(dst, key...), "\n\n"...)
	return appendNoise(dst, d, end-len(dst))
}

func appendNoise(dst []byte, d *dice, size int) []byte {
	end := len(dst) + size
	for len(dst) < end {
		dst = binary.LittleEndian.AppendUint64(dst, d.Uint64())
	}
	return dst[:end]
}

// trailFile makes the trail file of the session with the number i.
func (m *maker) trailFile(i int) []byte {
	m.dice.throw(m.seed, 2*i+1)
	size := 2048 + m.dice.IntN(14<<10)
	return appendTrail(make([]byte, 0, size+8), m.dice, m.session.key, size)
}
