// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"math/rand"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
)

func flags(all ...bool) string {
	s := ""
	for _, f := range all {
		if f {
			s += "1"
		} else {
			s += "0"
		}
	}
	return s
}

func binary(name string, a, b *histogram.FloatHistogram) string {
	res, collision, reconciled, err := a.Copy(), false, false, error(nil)
	if name == "add" {
		_, collision, reconciled, err = res.Add(b)
	} else {
		_, collision, reconciled, err = res.Sub(b)
	}
	if err != nil {
		return "error"
	}
	return text(res) + " " + flags(collision, reconciled)
}

// kahan adds one after the other to the first and prints sum and compensation.
func kahan(all []*histogram.FloatHistogram) string {
	sum := all[0].Copy()
	var c *histogram.FloatHistogram
	seen := ""
	for _, h := range all[1:] {
		updated, collision, reconciled, err := sum.KahanAdd(h, c)
		if err != nil {
			seen += "e"
			continue
		}
		c = updated
		seen += flags(collision, reconciled)
	}
	if c == nil {
		return text(sum) + " - " + seen
	}
	return text(sum) + " " + text(c) + " " + seen
}

// one gives a line for an operation on random operands; panics of Prometheus' are not recorded.
func one(r *rand.Rand, all []*histogram.FloatHistogram) (line string) {
	defer func() {
		if recover() != nil {
			line = ""
		}
	}()
	i, j := r.Intn(len(all)), r.Intn(len(all))
	if r.Intn(2) == 0 && i+1 < len(all) { // neighbours are related
		j = i + 1
		if r.Intn(2) == 0 {
			i, j = j, i
		}
	}
	a, b := all[i], all[j]
	switch op := r.Intn(12); op {
	case 0, 1:
		return fmt.Sprintf("add %d %d %s", i, j, binary("add", a, b))
	case 2:
		return fmt.Sprintf("sub %d %d %s", i, j, binary("sub", a, b))
	case 3, 4:
		ids := []string{fmt.Sprint(i), fmt.Sprint(j)}
		operands := []*histogram.FloatHistogram{a, b}
		for n := r.Intn(4); n > 0; n-- {
			k := r.Intn(len(all))
			if r.Intn(2) == 0 {
				k = j
			}
			ids = append(ids, fmt.Sprint(k))
			operands = append(operands, all[k])
		}
		return fmt.Sprintf("kahan %s %s", strings.Join(ids, ","), kahan(operands))
	case 5:
		factor := []float64{0, 2, -1, 0.1, -3.7, math.Inf(1), 1e300}[r.Intn(7)]
		if r.Intn(2) == 0 {
			return fmt.Sprintf("mul %d %s %s", i, bits(factor), text(a.Copy().Mul(factor)))
		}
		return fmt.Sprintf("div %d %s %s", i, bits(factor), text(a.Copy().Div(factor)))
	case 6:
		most := []int{0, 0, 1, 2, 3, 8}[r.Intn(6)]
		return fmt.Sprintf("compact %d %d %s", i, most, text(a.Copy().Compact(most)))
	case 7:
		target := int32(r.Intn(13)) - 4
		if r.Intn(2) == 0 {
			c := a.Copy()
			if err := c.ReduceResolution(target); err != nil {
				return fmt.Sprintf("reduce %d %d error", i, target)
			}
			return fmt.Sprintf("reduce %d %d %s", i, target, text(c))
		}
		return fmt.Sprintf("copy %d %d %s", i, target, text(a.CopyToSchema(target)))
	case 8:
		return fmt.Sprintf("reset %d %d %s", i, j, flags(a.DetectReset(b)))
	case 9:
		c := a.Copy()
		if r.Intn(2) == 0 && len(c.PositiveSpans) > 0 { // the same layout spelled otherwise
			s := c.PositiveSpans[0]
			c.PositiveSpans = append([]histogram.Span{{Offset: s.Offset - 1}, {Offset: 1, Length: s.Length}}, c.PositiveSpans[1:]...)
		} else if r.Intn(2) == 0 {
			c = b.Copy()
		}
		return fmt.Sprintf("equal %d %s %s", i, text(c), flags(a.Equals(c)))
	case 10:
		return fmt.Sprintf("facts %d %d %s", i, (a.Size()+8)/16, flags(a.HasOverflow()))
	}
	bound := []float64{0, 1, -1, 0.75, -0.3, 2, 5, 1e9, -1e9, math.Inf(1), math.Inf(-1), math.NaN(), r.NormFloat64()}[r.Intn(13)]
	upper := r.Intn(2) == 0
	return fmt.Sprintf("trim %d %s %s %s", i, bits(bound), flags(upper), text(a.Copy().TrimBuckets(bound, upper)))
}

func printOperations(r *rand.Rand, histograms, cases int) {
	var all []*histogram.FloatHistogram
	for i := 0; i < histograms; i++ {
		h := random(r)
		if i%3 != 0 {
			h = related(r, all[i-1])
		}
		all = append(all, h)
		fmt.Fprintf(out, "h %d %s\n", i, text(h))
	}
	for i := 0; i < cases; {
		if line := one(r, all); line != "" {
			fmt.Fprintln(out, line)
			i++
		}
	}
}
