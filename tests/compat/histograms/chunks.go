// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"math/rand"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// A series of samples as it was appended, then the chunks it became and what is read from them:
//
//	series <encoding> <cut before each n-th sample; 0: never>
//	sample <time> <start> <histogram or value>
//	chunk <bytes>
//	read <time> <start> <histogram or value>

type point struct {
	t, st int64
	h     *histogram.FloatHistogram
	v     float64
}

func randomTimes(r *rand.Rand, n int, starts bool) []point {
	points := make([]point, n)
	t := int64(1_700_000_000_000) - r.Int63n(2_000_000_000_000)
	step := int64(15000)
	jitter := int64(1) << r.Intn(24)
	var st int64
	if starts && r.Intn(3) != 0 {
		st = t - r.Int63n(100000)
	}
	change := []int{2, 5, 60, 1000}[r.Intn(4)]
	for i := range points {
		if starts && r.Intn(change) == 0 {
			st = t - r.Int63n(1<<uint(1+r.Intn(40)))
			if r.Intn(5) == 0 {
				st = 0
			}
		}
		t += step
		if r.Intn(3) == 0 {
			t += r.Int63n(jitter)
		}
		points[i] = point{t: t, st: st}
	}
	return points
}

// insertBucket gives h another bucket somewhere, for chunks that are written anew.
func insertBucket(r *rand.Rand, h *histogram.FloatHistogram) {
	if h.UsesCustomBuckets() {
		return
	}
	extra := &histogram.FloatHistogram{
		Schema: h.Schema, ZeroThreshold: h.ZeroThreshold,
		PositiveSpans: []histogram.Span{{Offset: int32(r.Intn(30) - 15), Length: 1}}, PositiveBuckets: []float64{float64(r.Intn(3))},
	}
	if r.Intn(3) == 0 {
		extra.NegativeSpans, extra.NegativeBuckets = extra.PositiveSpans, extra.PositiveBuckets
		extra.PositiveSpans, extra.PositiveBuckets = nil, nil
	}
	hint := h.CounterResetHint
	if _, _, _, err := h.Add(extra); err != nil {
		panic(err)
	}
	h.CounterResetHint = hint
}

func randomHistograms(r *rand.Rand, points []point, integer bool) {
	gauge := r.Intn(4) == 0
	var h *histogram.FloatHistogram
	fresh := func() {
		for {
			h = random(r)
			h.Compact(r.Intn(3))
			scale := func(v float64) float64 {
				if integer || math.IsNaN(v) || math.IsInf(v, 0) {
					return math.Floor(math.Abs(math.Mod(v, 1e6)))
				}
				return math.Abs(v)
			}
			h.Count, h.ZeroCount = scale(h.Count), scale(h.ZeroCount)
			for _, counts := range [][]float64{h.PositiveBuckets, h.NegativeBuckets} {
				for i := range counts {
					if counts[i] = scale(counts[i]); math.IsNaN(counts[i]) {
						counts[i] = 1
					}
				}
			}
			if math.IsNaN(h.Count) {
				h.Count = 3
			}
			if math.IsNaN(h.ZeroCount) {
				h.ZeroCount = 3
			}
			if h.UsesCustomBuckets() {
				h.ZeroCount = 0
			}
			h.CounterResetHint = histogram.UnknownCounterReset
			if gauge {
				h.CounterResetHint = histogram.GaugeType
			}
			return
		}
	}
	fresh()
	calm := r.Intn(2) == 0
	for i := range points {
		h = h.Copy()
		if h.CounterResetHint == histogram.CounterReset {
			h.CounterResetHint = histogram.UnknownCounterReset
		}
		for _, counts := range [][]float64{h.PositiveBuckets, h.NegativeBuckets} {
			for k := range counts {
				if r.Intn(3) == 0 {
					inc := float64(r.Intn(5))
					if !integer {
						inc *= r.Float64()
					}
					if gauge && counts[k] > inc && r.Intn(2) == 0 {
						inc = -inc
					}
					counts[k] += inc
					h.Count += math.Abs(inc)
				}
			}
		}
		h.Sum += float64(r.Intn(100)) / 10
		if !calm {
			switch r.Intn(40) {
			case 0:
				fresh()
			case 1, 2, 3:
				insertBucket(r, h)
			case 4:
				if gauge {
					h.Compact(0)
				}
			case 5:
				h.CounterResetHint = histogram.CounterResetHint(r.Intn(4))
			case 6:
				for k := range h.PositiveBuckets {
					h.PositiveBuckets[k] = 0
				}
			case 7: // empty buckets that the chunk has
				h.Compact(0)
			}
		}
		points[i].h = h
		if !calm && r.Intn(30) == 0 {
			points[i].h = &histogram.FloatHistogram{Sum: math.Float64frombits(value.StaleNaN)}
		}
	}
}

func toInteger(h *histogram.FloatHistogram) *histogram.Histogram {
	deltas := func(counts []float64) (all []int64) {
		last := int64(0)
		for _, c := range counts {
			all = append(all, int64(c)-last)
			last = int64(c)
		}
		return all
	}
	return &histogram.Histogram{
		CounterResetHint: h.CounterResetHint, Schema: h.Schema, ZeroThreshold: h.ZeroThreshold,
		ZeroCount: uint64(h.ZeroCount), Count: uint64(h.Count), Sum: h.Sum,
		PositiveSpans: h.PositiveSpans, NegativeSpans: h.NegativeSpans,
		PositiveBuckets: deltas(h.PositiveBuckets), NegativeBuckets: deltas(h.NegativeBuckets),
		CustomValues: h.CustomValues,
	}
}

func printChunk(c chunkenc.Chunk) {
	fmt.Fprintf(out, "chunk %x\n", c.Bytes())
	it := c.Iterator(nil)
	for {
		switch it.Next() {
		case chunkenc.ValNone:
			if it.Err() != nil {
				panic(it.Err())
			}
			return
		case chunkenc.ValFloat:
			t, v := it.At()
			fmt.Fprintf(out, "read %d %d %s\n", t, it.AtST(), bits(v))
		default:
			t, h := it.AtFloatHistogram(nil)
			fmt.Fprintf(out, "read %d %d %s\n", t, it.AtST(), text(h))
		}
	}
}

func printHistogramSeries(r *rand.Rand, encoding chunkenc.Encoding) {
	integer := encoding == chunkenc.EncHistogram || encoding == chunkenc.EncHistogramST
	starts := encoding == chunkenc.EncHistogramST || encoding == chunkenc.EncFloatHistogramST
	points := randomTimes(r, []int{1, 2, 3, 12, 30, 140}[r.Intn(6)], starts)
	randomHistograms(r, points, integer)
	cut := []int{0, 0, 7, 30}[r.Intn(4)]
	fmt.Fprintf(out, "series %d %d\n", encoding, cut)
	var chunk chunkenc.Chunk
	var app chunkenc.Appender
	for i, p := range points {
		fmt.Fprintf(out, "sample %d %d %s\n", p.t, p.st, text(p.h))
		var previous chunkenc.Appender
		if chunk == nil || cut > 0 && i%cut == 0 {
			if chunk != nil {
				printChunk(chunk)
			}
			previous = app
			chunk, _ = chunkenc.NewEmptyChunk(encoding)
			app, _ = chunk.Appender()
		}
		var next chunkenc.Chunk
		var recoded bool
		var err error
		if integer {
			next, recoded, app, err = app.AppendHistogram(previous, p.st, p.t, toInteger(p.h.Copy()), false)
		} else {
			next, recoded, app, err = app.AppendFloatHistogram(previous, p.st, p.t, p.h.Copy(), false)
		}
		if err != nil {
			panic(err)
		}
		if next != nil {
			if !recoded {
				printChunk(chunk)
			}
			chunk = next
		}
	}
	printChunk(chunk)
}

func printFloatSeries(r *rand.Rand) {
	points := randomTimes(r, []int{1, 2, 3, 30, 140}[r.Intn(5)], r.Intn(3) != 0)
	chunk := chunkenc.NewXOR2Chunk()
	app, _ := chunk.Appender()
	fmt.Fprintf(out, "series %d 0\n", chunkenc.EncXOR2)
	v := float64(r.Intn(100))
	kind := r.Intn(4)
	for _, p := range points {
		switch {
		case kind == 0:
		case kind == 1:
			v += float64(r.Intn(4))
		case kind == 2:
			v = r.NormFloat64()
		case r.Intn(2) == 0:
			v = math.Float64frombits(r.Uint64())
		}
		sample := v
		if r.Intn(20) == 0 {
			sample = math.Float64frombits(value.StaleNaN)
		}
		fmt.Fprintf(out, "sample %d %d %s\n", p.t, p.st, bits(sample))
		app.Append(p.st, p.t, sample)
	}
	printChunk(chunk)
}

func printChunks(r *rand.Rand, series int) {
	for i := 0; i < series; i++ {
		switch i % 5 {
		case 0:
			printHistogramSeries(r, chunkenc.EncHistogram)
		case 1:
			printHistogramSeries(r, chunkenc.EncFloatHistogram)
		case 2:
			printHistogramSeries(r, chunkenc.EncHistogramST)
		case 3:
			printHistogramSeries(r, chunkenc.EncFloatHistogramST)
		default:
			printFloatSeries(r)
		}
	}
}
