package login

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := start
	th := newThrottle(Budget{Burst: 3, Every: 10 * time.Second}, Budget{Burst: 5, Every: time.Second})
	want := func(user, address string, wait time.Duration) {
		t.Helper()
		err := th.check(now, user, address)
		var throttled *ThrottledError
		switch {
		case wait == 0 && err != nil:
			t.Errorf("at %v, %s from %s: %v", now.Sub(start), user, address, err)
		case wait == 0:
		case !errors.Is(err, ErrThrottled) || !errors.As(err, &throttled):
			t.Errorf("at %v, %s from %s: error %v, want a ThrottledError", now.Sub(start), user, address, err)
		case throttled.RetryAfter.Round(time.Microsecond) != wait:
			t.Errorf("at %v, %s from %s: retry after %v, want %v", now.Sub(start), user, address, throttled.RetryAfter, wait)
		}
	}
	fail := func(user, address string, times int) {
		for range times {
			th.failed(now, user, address)
		}
	}

	want("ann", "A", 0)
	fail("ann", "A", 2)
	want("ann", "A", 0)
	fail("ann", "A", 1) // her budget is spent
	want("ann", "A", 10*time.Second)
	want("ann", "B", 0)
	want("bob", "A", 0)

	now = start.Add(4 * time.Second)
	want("ann", "A", 6*time.Second)
	now = start.Add(10 * time.Second)
	want("ann", "A", 0)
	fail("ann", "A", 1)
	want("ann", "A", 10*time.Second)

	th.succeeded("ann", "A")
	want("ann", "A", 0)

	// The address spent 1 of its 5 on ann, whatever became of her; 4 failures
	// of one name each are the rest, whoever comes next.
	for i := range 4 {
		fail(fmt.Sprint("user", i), "A", 1)
	}
	want("ann", "A", time.Second)
	want("new", "A", time.Second)
	want("ann", "B", 0)

	// Overdrawn budgets take longer.
	fail("cid", "C", 5)
	want("cid", "C", 30*time.Second)
}

func TestThrottleForgetsTheOldest(t *testing.T) {
	now := time.Now()
	th := newThrottle(Budget{Burst: 1, Every: time.Hour}, Budget{Burst: 1, Every: time.Hour})
	for i := range remembered + 1 {
		th.failed(now, "user", fmt.Sprint("address", i))
	}
	if n := th.users.Len() + th.addresses.Len(); n != 2*remembered {
		t.Errorf("%d limiters", n)
	}
	if err := th.check(now, "user", "address0"); err != nil {
		t.Errorf("the first: %v", err)
	}
	if err := th.check(now, "user", "address1"); err == nil {
		t.Error("the second is forgotten")
	}
}
