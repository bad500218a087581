// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
)

type histogramShape struct {
	counter bool
	integer bool
	custom  bool
}

// What a client would hold: counts by bucket index.
type observed struct {
	schema    int32
	threshold float64
	zero      float64
	sum       float64
	nans      float64
	custom    []float64
	positive  map[int32]float64
	negative  map[int32]float64
}

func (g *generator) newObserved(shape histogramShape) *observed {
	o := &observed{positive: map[int32]float64{}, negative: map[int32]float64{}}
	if shape.custom {
		o.schema = histogram.CustomBucketsSchema
		o.custom = pick(g, []float64{1, 2, 5, 10}, []float64{1, 5, 10}, []float64{0.1, 1, 10}, []float64{2, 4}, []float64{-1, 0, 1}, []float64{})
		return o
	}
	o.schema = pick[int32](g, 0, 0, 1, 2, 3, -1, -4, 8)
	o.threshold = pick(g, 0.001, 0.001, 0, 1e-128, 0.1, 0.5, 2)
	return o
}

func (g *generator) observe(o *observed, integer bool) {
	for range g.rng.IntN(5) {
		n := float64(1 + g.rng.IntN(5))
		if !integer {
			n = 4 * g.rng.Float64()
		}
		o.sum += n * g.rng.NormFloat64()
		switch {
		case o.custom != nil:
			o.positive[int32(g.rng.IntN(len(o.custom)+1))] += n
		case g.chance(15):
			o.zero += n
		case g.chance(25):
			o.negative[int32(g.rng.IntN(6)-1)] += n
		case g.chance(2):
			o.positive[int32(g.rng.IntN(60)-10)] += n
		default:
			o.positive[int32(g.rng.IntN(9)-2)] += n
		}
	}
}

func spansOf(counts map[int32]float64) ([]histogram.Span, []float64) {
	indexes := make([]int32, 0, len(counts))
	for i := range counts {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	var spans []histogram.Span
	var values []float64
	next := int32(0)
	for n, i := range indexes {
		if n == 0 || i != next {
			spans = append(spans, histogram.Span{Offset: i - next})
		}
		spans[len(spans)-1].Length++
		values = append(values, counts[i])
		next = i + 1
	}
	return spans, values
}

func (o *observed) float(hint histogram.CounterResetHint) *histogram.FloatHistogram {
	h := &histogram.FloatHistogram{
		Schema: o.schema, ZeroThreshold: o.threshold, ZeroCount: o.zero, Sum: o.sum,
		CustomValues: o.custom, CounterResetHint: hint,
	}
	h.PositiveSpans, h.PositiveBuckets = spansOf(o.positive)
	h.NegativeSpans, h.NegativeBuckets = spansOf(o.negative)
	h.Count = o.zero + o.nans
	for _, n := range h.PositiveBuckets {
		h.Count += n
	}
	for _, n := range h.NegativeBuckets {
		h.Count += n
	}
	return h
}

func deltas(values []float64) []int64 {
	var out []int64
	last := int64(0)
	for _, v := range values {
		out = append(out, int64(v)-last)
		last = int64(v)
	}
	return out
}

func (o *observed) integer(hint histogram.CounterResetHint) *histogram.Histogram {
	f := o.float(hint)
	return &histogram.Histogram{
		Schema: f.Schema, ZeroThreshold: f.ZeroThreshold, ZeroCount: uint64(f.ZeroCount), Count: uint64(f.Count),
		Sum: f.Sum, CustomValues: f.CustomValues, CounterResetHint: hint,
		PositiveSpans: f.PositiveSpans, PositiveBuckets: deltas(f.PositiveBuckets),
		NegativeSpans: f.NegativeSpans, NegativeBuckets: deltas(f.NegativeBuckets),
	}
}

func (g *generator) histograms(shape histogramShape) []sample {
	out := g.times()
	resets := pick(g, 0, 2, 8)
	reshapes := pick(g, 0, 0, 2)
	hint := histogram.UnknownCounterReset
	if !shape.counter {
		hint = histogram.GaugeType
	}
	o := g.newObserved(shape)
	start := pick(g, 0, g.world.start-g.rng.Int64N(100_000)-1)
	for i := range out {
		if isStale(out[i]) {
			if shape.integer {
				out[i].h = &histogram.Histogram{Sum: staleNaN}
			} else {
				out[i].fh = &histogram.FloatHistogram{Sum: staleNaN}
			}
			continue
		}
		switch {
		case g.chance(reshapes):
			o = g.newObserved(shape)
			start = out[i].t - g.rng.Int64N(20_000)
		case g.chance(resets):
			schema, threshold, custom := o.schema, o.threshold, o.custom
			o = g.newObserved(shape)
			o.schema, o.threshold, o.custom = schema, threshold, custom
			start = out[i].t - g.rng.Int64N(20_000)
		case g.chance(1) && o.custom == nil:
			o.nans++
			o.sum = math.NaN()
		case g.chance(1) && o.custom == nil && o.nans == 0:
			o.sum = pick(g, math.Inf(1), math.Inf(-1))
		}
		g.observe(o, shape.integer)
		out[i].st = start
		if shape.integer {
			out[i].h = o.integer(hint)
		} else {
			out[i].fh = o.float(hint)
		}
	}
	return out
}

// Floats and histograms by turns.
func (g *generator) mixed() []sample {
	out := g.histograms(histogramShape{counter: g.chance(50), integer: g.chance(50), custom: g.chance(30)})
	floats := g.chance(50)
	for i := range out {
		if g.chance(4) {
			floats = !floats
		}
		if floats {
			v := out[i].v
			if !isStale(out[i]) {
				v = float64(g.rng.IntN(100))
			}
			out[i] = sample{t: out[i].t, st: out[i].st, v: v}
		}
	}
	return out
}
