// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"os"
	"path/filepath"

	"github.com/prometheus/common/promslog"

	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// The same data in Prometheus' own storage, as its own benchmarks have it: one compacted block,
// which is the form in which it reads history fastest.

func writeBlock(path, dir string) {
	s, err := open(path)
	if err != nil {
		panic(err)
	}
	minT, maxT := int64(math.MaxInt64), int64(math.MinInt64)
	all := make([]storage.Series, 0, len(s.all))
	for _, one := range s.all {
		minT = min(minT, one.chunks[0].minT)
		maxT = max(maxT, one.chunks[len(one.chunks)-1].maxT)
		all = append(all, &boundSeries{one, math.MinInt64, math.MaxInt64})
	}
	// Series come one after the other: a head takes what lies within half of its range.
	if _, err := tsdb.CreateBlock(all, dir, 4*(maxT-minT+1), promslog.NewNopLogger()); err != nil {
		panic(err)
	}
}

func openBlock(dir string) (storage.Queryable, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	block, err := tsdb.OpenBlock(promslog.NewNopLogger(), filepath.Join(dir, entries[0].Name()), nil, nil)
	if err != nil {
		return nil, err
	}
	return storage.QueryableFunc(func(minT, maxT int64) (storage.Querier, error) {
		return tsdb.NewBlockQuerier(block, minT, maxT)
	}), nil
}
