// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// Prints what Prometheus itself makes of random native histograms, which promql/model is tested
// against:
//
//	go run . > golden.txt
//	go run . -seed 7 -histograms 400 -cases 20000 -series 2000 > more.txt
//
// SYNOPTIC_HISTOGRAMS=more.txt has the tests read the larger recording. Lines:
//
//	h <id> <histogram>
//	<operation> <operands...> <results...>      see operations.go
//	series, sample, chunk, read                 see chunks.go
//	classic                                     see classic.go
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
)

var out = bufio.NewWriter(os.Stdout)

func bits(v float64) string { return fmt.Sprintf("%x", math.Float64bits(v)) }

func floats(values []float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = bits(v)
	}
	return strings.Join(parts, ",")
}

func spans(all []histogram.Span) string {
	parts := make([]string, len(all))
	for i, s := range all {
		parts[i] = fmt.Sprintf("%d:%d", s.Offset, s.Length)
	}
	return strings.Join(parts, ",")
}

// text is schema|hint|threshold,zero count,count,sum|spans|spans|buckets|buckets|bounds.
func text(h *histogram.FloatHistogram) string {
	return fmt.Sprintf("%d|%d|%s|%s|%s|%s|%s|%s", h.Schema, h.CounterResetHint,
		floats([]float64{h.ZeroThreshold, h.ZeroCount, h.Count, h.Sum}),
		spans(h.PositiveSpans), spans(h.NegativeSpans),
		floats(h.PositiveBuckets), floats(h.NegativeBuckets), floats(h.CustomValues))
}

func randomSpans(r *rand.Rand, lowest, most int) ([]histogram.Span, int) {
	var all []histogram.Span
	buckets := 0
	for i := r.Intn(most + 1); i > 0; i-- {
		s := histogram.Span{Offset: int32(r.Intn(4)), Length: uint32(1 + r.Intn(5))}
		if len(all) == 0 {
			s.Offset = int32(lowest + r.Intn(6))
		} else if r.Intn(12) == 0 {
			s.Length = 0
		}
		all = append(all, s)
		buckets += int(s.Length)
	}
	return all, buckets
}

func randomCount(r *rand.Rand, kind int) float64 {
	switch {
	case r.Intn(4) == 0:
		return 0
	case kind == 0:
		return float64(r.Intn(20))
	case kind == 1:
		return float64(r.Int63n(1 << 50))
	case kind == 2:
		return r.ExpFloat64() * math.Pow(10, float64(r.Intn(34)-16))
	case kind == 3 && r.Intn(3) == 0:
		return []float64{math.Inf(1), math.NaN(), math.MaxFloat64, -1, math.Copysign(0, -1)}[r.Intn(5)]
	}
	return r.Float64() * 100
}

func randomCounts(r *rand.Rand, n, kind int) []float64 {
	if n == 0 {
		return nil
	}
	counts := make([]float64, n)
	for i := range counts {
		counts[i] = randomCount(r, kind)
	}
	return counts
}

var thresholds = []float64{0, 0, 0, math.Ldexp(1, -128), 0.001, 0.5, 1, 1.5, 3, 70, 1e300}

func random(r *rand.Rand) *histogram.FloatHistogram {
	kind := r.Intn(5)
	h := &histogram.FloatHistogram{
		CounterResetHint: histogram.CounterResetHint(r.Intn(4)),
		Schema:           int32(r.Intn(13)) - 4,
		Count:            randomCount(r, kind),
		Sum:              randomCount(r, kind) * float64(r.Intn(3)-1),
	}
	if r.Intn(3) == 0 {
		h.Schema = histogram.CustomBucketsSchema
		bound := -3.0
		for i := r.Intn(8); i > 0; i-- {
			bound += float64(1+r.Intn(3)) / 2
			h.CustomValues = append(h.CustomValues, bound)
		}
		room := len(h.CustomValues) + 1
		for room > 0 && len(h.PositiveSpans) < 3 {
			offset := r.Intn(room)
			length := 1 + r.Intn(room-offset)
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: int32(offset), Length: uint32(length)})
			h.PositiveBuckets = append(h.PositiveBuckets, randomCounts(r, length, kind)...)
			room -= offset + length
		}
		return h
	}
	h.ZeroThreshold = thresholds[r.Intn(len(thresholds))]
	h.ZeroCount = randomCount(r, kind)
	lowest := r.Intn(12) - 9
	var n int
	h.PositiveSpans, n = randomSpans(r, lowest, 4)
	h.PositiveBuckets = randomCounts(r, n, kind)
	h.NegativeSpans, n = randomSpans(r, lowest, 2)
	h.NegativeBuckets = randomCounts(r, n, kind)
	return h
}

// related is like h in some ways: the same layout with other counts, another schema, ...
func related(r *rand.Rand, h *histogram.FloatHistogram) *histogram.FloatHistogram {
	c := h.Copy()
	if r.Intn(2) == 0 {
		c.CounterResetHint = histogram.UnknownCounterReset
	}
	switch r.Intn(6) {
	case 0:
		c.Compact(r.Intn(4))
	case 1:
		if !c.UsesCustomBuckets() && c.Schema > -4 {
			c = c.CopyToSchema(c.Schema - int32(1+r.Intn(int(c.Schema)+4)))
		}
	case 2:
		if !c.UsesCustomBuckets() {
			c.ZeroThreshold = thresholds[r.Intn(len(thresholds))]
		}
	case 3:
		c.Mul(2)
	}
	grow := r.Intn(3)
	for _, counts := range [][]float64{c.PositiveBuckets, c.NegativeBuckets} {
		for i := range counts {
			switch {
			case grow == 0:
				counts[i] += float64(r.Intn(3))
			case grow == 1 && r.Intn(6) == 0:
				counts[i] = randomCount(r, r.Intn(4))
			}
		}
	}
	if grow == 0 {
		c.Count += 100
		if !c.UsesCustomBuckets() {
			c.ZeroCount += float64(r.Intn(2))
		}
	}
	return c
}

func main() {
	seed := flag.Int64("seed", 1, "of the random numbers")
	histograms := flag.Int("histograms", 48, "how many histograms operations choose from")
	cases := flag.Int("cases", 900, "operations")
	series := flag.Int("series", 40, "series written into chunks")
	flag.Parse()
	defer out.Flush()
	r := rand.New(rand.NewSource(*seed))
	printOperations(r, *histograms, *cases)
	printChunks(r, *series)
	printClassic(r, 2**series)
}
