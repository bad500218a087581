// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"math/rand"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/util/convertnhcb"
)

// printClassic writes what classic histograms become:
//
//	classic <bound:count,...> <count or -> <sum> <histogram>
//	classic <bound:count,...> <count or -> <sum> error <text>
func printClassic(r *rand.Rand, cases int) {
	for ; cases > 0; cases-- {
		temp := convertnhcb.NewTempHistogram()
		n := r.Intn(9)
		var parts []string
		bound, count := -2.0, 0.0
		fraction := r.Intn(3) == 0
		var last error
		for i := 0; i < n; i++ {
			bound += float64(1+r.Intn(3)) / 4
			if r.Intn(2) == 0 {
				count += float64(r.Intn(5))
				if fraction {
					count += 0.3
				}
			}
			le, c := bound, count
			switch r.Intn(30) {
			case 0:
				le = bound - 1
			case 1:
				c = -1
			case 2:
				le = math.NaN()
			case 3:
				c = count - 2
			case 4:
				c = math.Inf(1)
			}
			if i == n-1 && r.Intn(2) == 0 {
				le = math.Inf(1)
			}
			parts = append(parts, bits(le)+":"+bits(c))
			if err := temp.SetBucketCount(le, c); err != nil {
				last = err
			}
		}
		all := "-"
		if r.Intn(2) == 0 {
			c := count
			if r.Intn(4) == 0 {
				c += float64(r.Intn(3) - 1)
			}
			all = bits(c)
			if err := temp.SetCount(c); err != nil {
				last = err
			}
		}
		sum := r.NormFloat64()
		if err := temp.SetSum(sum); err != nil {
			last = err
		}
		integer, float, err := temp.Convert()
		if err != nil {
			last = err
		}
		var result *histogram.FloatHistogram
		switch {
		case integer != nil:
			result = integer.ToFloat(nil)
		case float != nil:
			result = float
		}
		shown := ""
		if result != nil {
			shown = text(result)
		} else {
			shown = "error " + last.Error()
		}
		list := strings.Join(parts, ",")
		if list == "" {
			list = "-"
		}
		fmt.Fprintf(out, "classic %s %s %s %s\n", list, all, bits(sum), shown)
	}
}
