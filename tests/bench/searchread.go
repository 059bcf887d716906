//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// reader takes from an answer what the SQL finds, too: the rows, and for a page
// match_count.
type reader func(body []byte) (rows [][]string, total int64, err error)

func readPage(body []byte) (rows [][]string, total int64, err error) {
	var page struct {
		Items []struct {
			Key  string
			Body struct{ Protocol *string } // must be there, as fields=* asks for all
		}
		Meta struct {
			Matches int64 `json:"match_count"`
		}
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, 0, err
	}
	for _, item := range page.Items {
		if item.Body.Protocol == nil {
			return nil, 0, fmt.Errorf("session %s came without its fields", item.Key)
		}
		rows = append(rows, []string{item.Key})
	}
	return rows, page.Meta.Matches, nil
}

func readStats(body []byte) (rows [][]string, total int64, err error) {
	var stats struct {
		Items []struct {
			Value string
			Count int64
		}
	}
	err = json.Unmarshal(body, &stats)
	for _, item := range stats.Items {
		rows = append(rows, []string{item.Value, strconv.FormatInt(item.Count, 10)})
	}
	return rows, 0, err
}

// readHistogram leaves out empty bins, which SQL does not find.
func readHistogram(body []byte) (rows [][]string, total int64, err error) {
	var histogram struct {
		Items []struct {
			Start string
			Count int64
		}
	}
	err = json.Unmarshal(body, &histogram)
	for _, item := range histogram.Items {
		if item.Count > 0 {
			rows = append(rows, []string{item.Start, strconv.FormatInt(item.Count, 10)})
		}
	}
	return rows, 0, err
}

func readCount(body []byte) (rows [][]string, total int64, err error) {
	var answer struct{ Count int64 }
	err = json.Unmarshal(body, &answer)
	return [][]string{{strconv.FormatInt(answer.Count, 10)}}, 0, err
}
