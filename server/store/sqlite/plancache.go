package sqlite

import (
	"fmt"
	"sync"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// maxPlans and maxPlanKey bound the cache of plans: it is for what people ask, not
// for the longest expression that can be written.
const maxPlans, maxPlanKey = 256, 1024

// planCache keeps the plans of the latest searches, with what was counted on the
// way, for as long as the sessions stay as they are: a page, its count and the
// pages after it are one search.
type planCache struct {
	mu      sync.Mutex
	version int64
	plans   map[string]*plan
}

func (c *planCache) get(version int64, key string) (*plan, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.plans[key]
	return p, ok && c.version == version
}

func (c *planCache) put(version int64, key string, p *plan) {
	if len(key) > maxPlanKey {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if version < c.version { // of a search that began before the latest change
		return
	}
	if c.plans == nil || c.version != version || len(c.plans) >= maxPlans {
		c.version, c.plans = version, make(map[string]*plan)
	}
	c.plans[key] = p
}

// cacheKey names a search.
func cacheKey(f store.Filter, at *store.Snapshot) string {
	version := int64(-1)
	if at != nil {
		version = at.Version
	}
	text := ""
	if f.Expr != nil {
		text = query.Format(f.Expr)
	}
	return fmt.Sprintf("%d %d %d %s", version, f.StartFrom.UnixMicro(), f.EndTo.UnixMicro(), text)
}

// counted remembers how many matches a plan has, as far as they were counted.
type counted struct {
	mu    sync.Mutex
	n     int64
	limit int64
}

func (c *counted) get(limit int64) (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit == 0 || c.n == c.limit && c.limit < limit {
		return 0, false
	}
	return min(c.n, limit), true
}

func (c *counted) put(limit, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if limit > c.limit {
		c.n, c.limit = n, limit
	}
}
