// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
)

// printBounds writes the upper bounds of buckets of every schema: `bound <schema> <index> <bits>`.
func printBounds() {
	for schema := int32(-4); schema <= 8; schema++ {
		indexes := []int32{-5, -1, 0, 1, 2, 7, 100}
		last := int32(1024)
		if schema < 0 {
			last >>= -schema
		} else {
			last <<= schema
		}
		indexes = append(indexes, last-1, last, last+1)
		if schema == 8 {
			for i := int32(1); i <= 256; i++ {
				indexes = append(indexes, i)
			}
		}
		for _, index := range indexes {
			h := histogram.FloatHistogram{
				Schema:          schema,
				PositiveSpans:   []histogram.Span{{Offset: index, Length: 1}},
				PositiveBuckets: []float64{1},
			}
			it := h.PositiveBucketIterator()
			it.Next()
			fmt.Printf("bound %d %d %x\n", schema, index, math.Float64bits(it.At().Upper))
		}
	}
}

func printHistograms() {
	nan := math.NaN()
	all := map[string]histogram.FloatHistogram{
		"empty": {},
		"both": {
			Schema: 1, ZeroThreshold: 0.001, ZeroCount: 2.5, Count: 17, Sum: -3.25,
			PositiveSpans:   []histogram.Span{{Offset: -2, Length: 2}, {Offset: 3, Length: 1}},
			PositiveBuckets: []float64{1, 0, 4},
			NegativeSpans:   []histogram.Span{{Offset: 0, Length: 0}, {Offset: 1, Length: 2}},
			NegativeBuckets: []float64{2, 1e6},
		},
		"overlap": {
			Schema: 0, ZeroThreshold: 0.75, ZeroCount: 1, Count: 3, Sum: nan,
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 1}}, PositiveBuckets: []float64{1},
			NegativeSpans: []histogram.Span{{Offset: 0, Length: 1}}, NegativeBuckets: []float64{1},
		},
		"custom": {
			Schema: -53, Count: 6, Sum: 1e21, CustomValues: []float64{-1, 0.5, 10},
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 4}}, PositiveBuckets: []float64{1, 2, 0, 3},
		},
	}
	for _, name := range []string{"empty", "both", "overlap", "custom"} {
		h := all[name]
		if err := h.Validate(); err != nil {
			panic(err)
		}
		var buckets []string
		for it := h.AllBucketIterator(); it.Next(); {
			b := it.At()
			buckets = append(buckets, fmt.Sprintf("%g %g %t %t %g",
				b.Lower, b.Upper, b.LowerInclusive, b.UpperInclusive, b.Count))
		}
		fmt.Printf("histogram %s|%s|%s\n", name, h.String(), strings.Join(buckets, ","))
	}
}
