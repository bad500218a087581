// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// Prints chunks and label hashes made by Prometheus itself, which promql/model is tested against:
//
//	go run . > golden.txt
//
// One line a case: `chunk <name> <bytes> -,<time>:<bits of the value>,...` and
// `labels <hash> <name>,<value>,...`; histograms.go adds bucket bounds and histograms.
package main

import (
	"fmt"
	"maps"
	"math"
	"math/rand"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

type sample struct {
	t int64
	v float64
}

func series(n int, start, step int64, value func(i int) float64) []sample {
	out := make([]sample, n)
	for i := range out {
		out[i] = sample{start + int64(i)*step, value(i)}
	}
	return out
}

func jittered(s []sample, r *rand.Rand, spread int64) []sample {
	for i := range s {
		s[i].t += r.Int63n(2*spread+1) - spread
	}
	return s
}

func cases() map[string][]sample {
	const now = 1_700_000_000_000
	r := rand.New(rand.NewSource(1))
	counter, fcounter := 0.0, 0.0
	special := []float64{
		0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324,
		math.Float64frombits(0x7ff0000000000002), math.Float64frombits(0x7ff8000000000001),
		math.Float64frombits(0xfff8deadbeef1234), 1, 1, -1,
	}
	// Time steps on both sides of every edge of the delta-of-delta classes.
	edges := []sample{{now, 1}, {now + 2000000, 1}}
	delta, t := int64(2000000), int64(now+2000000)
	for _, dod := range []int64{
		1, -1, 8191, -8191, 8192, -8192, 8193, -8193, 65535, -65535, 65536, -65536, 65537,
		524287, -524287, 524288, -524288, 524289, -524289, 1 << 40, 1 - 1<<40,
	} {
		delta += dod
		t += delta
		edges = append(edges, sample{t, float64(dod)})
	}
	return map[string][]sample{
		"Empty":        {},
		"One":          {{now, 42}},
		"Two":          {{now, 42}, {now + 15000, 43.5}},
		"Constant":     series(120, now, 15000, func(int) float64 { return 1 }),
		"Counter":      series(120, now, 15000, func(int) float64 { counter += float64(r.Intn(100)); return counter }),
		"FloatCounter": series(120, now, 15000, func(int) float64 { fcounter += r.Float64(); return fcounter }),
		"Random":       series(120, now, 15000, func(int) float64 { return r.NormFloat64() * 1e3 }),
		"AnyBits":      series(120, now, 15000, func(int) float64 { return math.Float64frombits(r.Uint64()) }),
		"Jittered":     jittered(series(120, now, 15000, func(i int) float64 { return float64(i * 7) }), r, 5),
		"VeryJittered": jittered(series(120, now, 3000000, func(i int) float64 { return float64(i % 3) }), r, 1400000),
		"Special":      series(48, now, 15000, func(i int) float64 { return special[i%len(special)] }),
		"NegativeTime": series(20, -150000, 15000, func(i int) float64 { return float64(i) }),
		"Extremes":     {{math.MinInt64, 1}, {-1, 2}, {0, 2}, {1 << 62, 3}, {math.MaxInt64, 4}},
		"TimeEdges":    edges,
	}
}

func labelSets() [][]string {
	long := strings.Repeat("x", 300)
	return [][]string{
		{},
		{"__name__", "up"},
		{"__name__", "up", "instance", "a:9090", "job", "node"},
		{"a", strings.Repeat("y", 254), "b", strings.Repeat("y", 255), "c", long},
		{"__name__", "requests", "path", "/\xc3\xa4?q=1"},
	}
}

func main() {
	all := cases()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		chunk := chunkenc.NewXORChunk()
		app, err := chunk.Appender()
		if err != nil {
			panic(err)
		}
		samples := []string{"-"}
		for _, s := range all[name] {
			samples = append(samples, fmt.Sprintf("%d:%x", s.t, math.Float64bits(s.v)))
			app.Append(0, s.t, s.v)
		}
		fmt.Printf("chunk %s %x %s\n", name, chunk.Bytes(), strings.Join(samples, ","))
	}
	for _, set := range labelSets() {
		fmt.Printf("labels %016x %s\n", labels.FromStrings(set...).Hash(), strings.Join(set, ","))
	}
	printBounds()
	printHistograms()
}
