package seed

import (
	"math"
	"math/rand/v2"
	"slices"
)

// dice are the random numbers of one session. They depend on nothing but what
// throw was given, so that sessions can be made in any order and on any number
// of processors.
type dice struct {
	source rand.PCG
	*rand.Rand
}

func newDice() *dice {
	d := &dice{}
	d.Rand = rand.New(&d.source) //nolint:gosec // sample data has to be repeatable, not secret
	return d
}

// throw starts the sequence that belongs to a seed and a number.
func (d *dice) throw(seed uint64, number int) {
	seed = scramble(seed ^ scramble(uint64(number))) //nolint:gosec // any bits will do
	d.source.Seed(seed, scramble(seed))
}

// scramble spreads neighbouring numbers over all 64 bits (SplitMix64).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d *dice) chance(p float64) bool { return d.Float64() < p }

// between returns a number of [low, high].
func (d *dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// port returns one that a client would use.
func (d *dice) port() int64 { return int64(d.between(32768, 60999)) }

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// appendText appends n characters of the alphabet.
func (d *dice) appendText(dst []byte, n int, alphabet string) []byte {
	for range n {
		dst = append(dst, alphabet[d.IntN(len(alphabet))])
	}
	return dst
}

func (d *dice) uuid() string {
	b := d.appendText(make([]byte, 0, 36), 36, "0123456789abcdef")
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	b[14], b[19] = '4', "89ab"[d.IntN(4)]
	return string(b)
}

func pick[T any](d *dice, from []T) T { return from[d.IntN(len(from))] }

// weighted is a set of which some are picked more often than others.
type weighted[T any] struct {
	items      []T
	cumulative []float64
}

func newWeighted[T any](items []T, weight func(i int) float64) weighted[T] {
	w := weighted[T]{items: items, cumulative: make([]float64, len(items))}
	var sum float64
	for i := range items {
		sum += weight(i)
		w.cumulative[i] = sum
	}
	return w
}

// zipf weighs items by their rank, after Zipf and Mandelbrot: few are
// everywhere, and most are rare. A larger shift makes the first ones less
// frequent.
func zipf[T any](items []T, shift float64) weighted[T] {
	return newWeighted(items, func(i int) float64 { return math.Pow(float64(i)+shift, -1.07) })
}

func (w *weighted[T]) pick(d *dice) T {
	i, _ := slices.BinarySearch(w.cumulative, d.Float64()*w.cumulative[len(w.cumulative)-1])
	return w.items[min(i, len(w.items)-1)]
}
