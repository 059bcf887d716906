package seed

import (
	"strconv"
	"time"
)

// drawIndexing draws what became of indexing.
func (s *session) drawIndexing(d *dice) {
	chance := d.Float64()
	switch {
	case s.active:
		s.indexed = "CHANNEL_OPEN"
	case !s.accepted:
		s.indexed = "NO_TRAIL"
	case chance < 0.86:
		s.indexed = "INDEXED"
	case chance < 0.93:
		s.indexed = "NOT_INDEXED"
	case chance < 0.98:
		s.indexed = "INDEXING_NOT_REQUIRED"
	default:
		s.indexed = "INDEXING_FAILED"
	}
	s.indexStart = s.end.Add(time.Duration(d.between(5, 900)) * time.Second)
	s.indexSeconds = int64(d.between(1, 240))
}

// appendIndexing writes the indexing jobs of a session: one, or none.
func appendIndexing(dst []byte, s *session) []byte {
	var status string
	switch s.indexed {
	case "INDEXED":
		status = "COMPLETED"
	case "INDEXING_FAILED":
		status = "FAILED"
	default:
		return append(dst, "[]"...)
	}
	dst = append(dst, `[{"config":{"command":{"enabled":true},"keyboard":{"buffer_interval":3,"enabled":false},`+
		`"mouse":{"buffer_interval":1,"enabled":false},"near_realtime":false,"ocr_languages":[],`+
		`"screen":{"enabled":true,"omnipage_trade_off":"TO_ACCURATE"},"title":{"enabled":true}},"statistics":{"cpu_time":`...)
	dst = strconv.AppendInt(dst, 1+s.indexSeconds/20, 10)
	dst = append(dst, `,"duration":`...)
	dst = strconv.AppendInt(dst, s.indexSeconds, 10)
	dst = append(dst, `,"start_time":`...)
	dst = strconv.AppendInt(dst, s.indexStart.UnixMilli(), 10)
	dst = append(dst, `},"status":"`...)
	dst = append(dst, status...)
	return append(dst, `","version":{"adp":"6.0.20","worker":"4.0.26"}}]`...)
}
