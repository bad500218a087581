// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"math/rand/v2"
	"os"
	"sort"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

type sample struct {
	st, t int64
	v     float64
	h     *histogram.Histogram
	fh    *histogram.FloatHistogram
}

type series struct {
	labels  labels.Labels
	samples []sample
}

// A storage of its own kind: every other one keeps start timestamps, in the newer chunk encodings.
type world struct {
	db    *tsdb.DB
	dir   string
	start int64 // of its samples, ms
	end   int64
	st    bool
	all   []labels.Labels // sorted
}

func newWorlds(seed uint64, count int) ([]*world, error) {
	worlds := make([]*world, count)
	for i := range worlds {
		w, err := newWorld(rand.New(rand.NewPCG(seed, uint64(i))), i)
		if err != nil {
			return nil, err
		}
		worlds[i] = w
	}
	return worlds, nil
}

func newWorld(rng *rand.Rand, index int) (*world, error) {
	w := &world{st: index%2 == 1}
	// Times around the epoch too: subqueries reach into negative times there.
	if index%3 != 0 {
		w.start = 1_700_000_000_000 + rng.Int64N(100_000_000)
	}
	w.end = w.start + 40*60_000
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = int64(24 * time.Hour / time.Millisecond)
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 0
	options.SamplesPerChunk = []int{120, 30, 7, 50}[index%4]
	options.WALSegmentSize = -1
	if w.st {
		options.EnableSTStorage = true
		options.EnableHistogramSTEncoding = true
		options.FloatChunkEncoding = chunkenc.EncXOR2
	}
	var err error
	if w.dir, err = os.MkdirTemp("", "synoptic_engine"); err != nil {
		return nil, err
	}
	if w.db, err = tsdb.Open(w.dir, nil, nil, options, tsdb.NewDBStats()); err != nil {
		return nil, err
	}
	all := generate(rng, w)
	// Storage hands series out in order of creation, a client of remote read gets them sorted.
	sort.SliceStable(all, func(i, j int) bool { return labels.Compare(all[i].labels, all[j].labels) < 0 })
	for i, s := range all {
		if i > 0 && labels.Equal(s.labels, all[i-1].labels) {
			continue
		}
		if err := w.append(s); err != nil {
			return nil, err
		}
		w.all = append(w.all, s.labels)
	}
	return w, nil
}

func (w *world) append(s series) error {
	appender := w.db.AppenderV2(context.Background())
	var ref storage.SeriesRef
	for _, one := range s.samples {
		if !w.st {
			one.st = 0
		}
		var err error
		ref, err = appender.Append(ref, s.labels, one.st, one.t, one.v, one.h, one.fh, storage.AppendV2Options{})
		if err != nil {
			return err
		}
	}
	return appender.Commit()
}

func (w *world) close() {
	_ = w.db.Close()
	_ = os.RemoveAll(w.dir)
}
