// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// Prints what Prometheus' engine computes for range functions and classic buckets, which
// promql/functions is tested against bit by bit:
//
//	go run . > golden.txt
//
// One line a case:
//
//	series <name> <XOR chunk>
//	range <function> <series> <range ms> <offset ms> <start> <end> <step> <param0> <param1> <step index>:<bits>,...
//	quantile <phi> <bound>:<count>,... <bits> <forced monotonic>
//	fraction <lower> <upper> <bound>:<count>,... <bits>
//	math <function> <argument> <bits>
//	pow <x> <y> <bits>
//	atan2 <y> <x> <bits>
//	sort <size> <pattern> <FNV-1a of the places that the elements had before>
//
// With -seed and -steps a larger set can be made for a check that is not kept.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

const (
	now     = 1_700_000_000_123
	samples = 150
)

type series struct {
	t []int64
	v []float64
}

func makeSeries(r *rand.Rand) map[string]series {
	counter, fcounter := 0.0, 0.0
	values := map[string]func(i int) float64{
		"counter": func(int) float64 {
			if r.Intn(30) == 0 {
				counter = 0
			}
			counter += float64(r.Intn(100))
			return counter
		},
		"floatcounter": func(int) float64 {
			if r.Intn(15) == 0 {
				fcounter = 0
			}
			fcounter += r.Float64()
			return fcounter
		},
		"gauge":    func(int) float64 { return r.NormFloat64() * 1e3 },
		"whole":    func(int) float64 { return float64(r.Intn(2001) - 1000) },
		"few":      func(int) float64 { return float64(r.Intn(3)) / 4 },
		"overflow": func(int) float64 { return (r.Float64() - 0.3) * math.MaxFloat64 },
		"special": func(i int) float64 {
			switch r.Intn(12) {
			case 0:
				return math.NaN()
			case 1:
				return math.Inf(1 - 2*r.Intn(2))
			}
			return float64(i % 7)
		},
	}
	all := map[string]series{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		var s series
		t := int64(now)
		for i := range samples {
			s.t = append(s.t, t)
			s.v = append(s.v, values[name](i))
			t += 15000
			switch r.Intn(20) {
			case 0:
				t += r.Int63n(200000)
			case 1, 2, 3:
				t += r.Int63n(2000) - 1000
			}
		}
		all[name] = s
	}
	return all
}

func (s series) chunk() chunkenc.Chunk {
	c := chunkenc.NewXORChunk()
	app, err := c.Appender()
	if err != nil {
		panic(err)
	}
	for i := range s.t {
		app.Append(0, s.t[i], s.v[i])
	}
	return c
}

// oneSeries is a set of one.
type oneSeries struct {
	series storage.Series
	read   bool
}

func (o *oneSeries) Next() bool {
	first := !o.read
	o.read = true
	return first
}
func (o *oneSeries) At() storage.Series              { return o.series }
func (*oneSeries) Err() error                        { return nil }
func (*oneSeries) Warnings() annotations.Annotations { return nil }

func (s series) queryable() storage.Queryable {
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(bool, *storage.SelectHints, ...*labels.Matcher) storage.SeriesSet {
			return &oneSeries{series: &storage.SeriesEntry{
				Lset: labels.FromStrings("__name__", "s"),
				SampleIteratorFn: func(chunkenc.Iterator) chunkenc.Iterator {
					return s.chunk().Iterator(nil)
				},
			}}
		},
	}}
}

func bits(v float64) string {
	if math.IsNaN(v) {
		return "NaN"
	}
	return fmt.Sprintf("%x", math.Float64bits(v))
}

// Parameter before and after the range selector.
var functions = []struct{ name, before, after string }{
	{"rate", "", ""}, {"increase", "", ""}, {"delta", "", ""}, {"irate", "", ""}, {"idelta", "", ""},
	{"sum_over_time", "", ""}, {"avg_over_time", "", ""}, {"min_over_time", "", ""},
	{"max_over_time", "", ""}, {"count_over_time", "", ""}, {"first_over_time", "", ""},
	{"last_over_time", "", ""}, {"present_over_time", "", ""}, {"changes", "", ""},
	{"resets", "", ""}, {"stddev_over_time", "", ""}, {"stdvar_over_time", "", ""},
	{"quantile_over_time", "0.9", ""}, {"mad_over_time", "", ""}, {"deriv", "", ""},
	{"predict_linear", "", "3600.5"}, {"double_exponential_smoothing", "", "0.3,0.6"},
	{"ts_of_first_over_time", "", ""}, {"ts_of_last_over_time", "", ""},
	{"ts_of_min_over_time", "", ""}, {"ts_of_max_over_time", "", ""},
}

func printRanges(all map[string]series, steps int) {
	p := parser.NewParser(parser.Options{EnableExperimentalFunctions: true})
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e9, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
		EnableNegativeOffset: true, Parser: p,
	})
	windows := []struct{ rangeMs, offset, step int64 }{{60_001, 7001, 17_000}, {1_200_000, -3000, 61_000}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		fmt.Printf("series %s %x\n", name, s.chunk().Bytes())
		for _, f := range functions {
			for _, w := range windows {
				start := int64(now + 300_000)
				end := start + int64(steps-1)*w.step
				args := []string{fmt.Sprintf("s[%dms] offset %dms", w.rangeMs, w.offset)}
				if f.before != "" {
					args = append([]string{f.before}, args...)
				}
				if f.after != "" {
					args = append(args, f.after)
				}
				q, err := engine.NewRangeQuery(context.Background(), s.queryable(), nil,
					f.name+"("+strings.Join(args, ",")+")",
					time.UnixMilli(start), time.UnixMilli(end), time.Duration(w.step)*time.Millisecond)
				if err != nil {
					panic(err)
				}
				m, err := q.Exec(context.Background()).Matrix()
				if err != nil {
					panic(err)
				}
				out := []string{}
				for _, s := range m {
					for _, p := range s.Floats {
						if value.IsStaleNaN(p.F) {
							panic("stale result")
						}
						out = append(out, fmt.Sprintf("%d:%s", (p.T-start)/w.step, bits(p.F)))
					}
				}
				params := append(strings.Split(strings.Trim(f.before+","+f.after, ","), ","), "0")
				if params[0] == "" {
					params[0] = "0"
				}
				fmt.Printf("range %s %s %d %d %d %d %d %s %s -,%s\n", f.name, name, w.rangeMs, w.offset,
					start, end, w.step, params[0], params[1], strings.Join(out, ","))
			}
		}
	}
}

func randomBuckets(r *rand.Rand) promql.Buckets {
	var buckets promql.Buckets
	count, bound := 0.0, float64(r.Intn(3)-1)
	for range 1 + r.Intn(8) {
		bound += r.Float64()
		switch r.Intn(6) {
		case 0:
		case 1:
			count *= 1 - 1e-13
		case 2:
			count -= r.Float64()
		default:
			count += float64(r.Intn(50)) / 3
		}
		buckets = append(buckets, promql.Bucket{UpperBound: bound, Count: math.Max(0, count)})
	}
	if r.Intn(10) != 0 {
		buckets = append(buckets, promql.Bucket{UpperBound: math.Inf(1), Count: count + float64(r.Intn(2))})
	}
	r.Shuffle(len(buckets), func(i, j int) { buckets[i], buckets[j] = buckets[j], buckets[i] })
	return buckets
}

func printBuckets(r *rand.Rand, n int) {
	for range n {
		buckets := randomBuckets(r)
		var text []string
		for _, b := range buckets {
			text = append(text, bits(b.UpperBound)+":"+bits(b.Count))
		}
		phi := float64(r.Intn(101)) / 100
		lower, upper := r.NormFloat64(), math.Inf(1)
		if r.Intn(3) != 0 {
			upper = lower + r.Float64()*3
		}
		if r.Intn(5) == 0 {
			lower = math.Inf(-1)
		}
		q, forced, _, _, _, _ := promql.BucketQuantile(phi, slices.Clone(buckets))
		list := strings.Join(text, ",")
		fmt.Printf("quantile %s %s %s %t\n", bits(phi), list, bits(q), forced)
		fmt.Printf("fraction %s %s %s %s\n", bits(lower), bits(upper), list,
			bits(promql.BucketFraction(lower, upper, slices.Clone(buckets))))
	}
}

// Arguments of every size, and the ends of the functions' domains.
func printMath(r *rand.Rand, n int) {
	ends := []float64{
		0, math.Copysign(0, -1), 1, -1, 2, 0.5, math.Inf(1), math.Inf(-1), math.NaN(), 709.7, 709.8, -708.5,
		-740, -744.5, -746, -1e300, 1e300, math.MaxFloat64, 5e-324, 1e-310, math.Sqrt2 / 2, math.Sqrt2,
	}
	random := func() float64 {
		switch r.Intn(3) {
		case 0:
			return r.NormFloat64() * 30
		case 1:
			return math.Exp(r.NormFloat64() * 30)
		}
		return float64(r.Intn(1000)) / 8
	}
	for range n {
		ends = append(ends, random())
	}
	for _, x := range ends {
		fmt.Printf("math exp %s %s\n", bits(x), bits(math.Exp(x)))
		fmt.Printf("math ln %s %s\n", bits(x), bits(math.Log(x)))
		fmt.Printf("math log2 %s %s\n", bits(x), bits(math.Log2(x)))
		fmt.Printf("math log10 %s %s\n", bits(x), bits(math.Log10(x)))
		fmt.Printf("math deg %s %s\n", bits(x), bits(x*180/math.Pi))
		fmt.Printf("math rad %s %s\n", bits(x), bits(x*math.Pi/180))
		for _, y := range []float64{
			0, 1, -1, 2, 3, -2, 0.5, -0.5, 10, 31, 1e10, 1e19, -1e300, 0.3, -7.7, random(), math.Inf(1), math.NaN(),
		} {
			fmt.Printf("pow %s %s %s\n", bits(x), bits(y), bits(math.Pow(x, y)))
		}
	}
}

// Arguments of every branch: near and far from 0, octants' ends, angles from 2^29 on, domains' ends.
func printTrigonometry(r *rand.Rand, n int) {
	ends := []float64{
		0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1, -1, math.Nextafter(1, 0),
		math.Nextafter(1, 2), 0.5, 0.625, 0.66, 0.7, math.Sqrt2 - 1, math.Pi / 4, -math.Pi / 2, math.Pi,
		2, -21, 22, 710.4, -711, 5e-324, -1e-310, 0x1p-54, 0x1p-29, 0x1p-28, 0x1p28, 0x1p29, 0x1p53,
		5319372648326541 * 0x1p797, -6381956970095103 * 0x1p797, math.MaxFloat64,
	}
	random := []func() float64{
		func() float64 { return 2*r.Float64() - 1 },
		func() float64 { return r.NormFloat64() * 10 },
		func() float64 { return math.Ldexp(r.NormFloat64(), r.Intn(60)-30) },
		func() float64 { return math.Ldexp(r.NormFloat64(), 30+r.Intn(990)) },
	}
	for range n {
		for _, f := range random {
			ends = append(ends, f())
		}
	}
	functions := []struct {
		name string
		f    func(float64) float64
	}{
		{"sin", math.Sin}, {"cos", math.Cos}, {"tan", math.Tan},
		{"asin", math.Asin}, {"acos", math.Acos}, {"atan", math.Atan},
		{"sinh", math.Sinh}, {"cosh", math.Cosh}, {"tanh", math.Tanh},
		{"asinh", math.Asinh}, {"acosh", math.Acosh}, {"atanh", math.Atanh},
	}
	for _, x := range ends {
		for _, f := range functions {
			fmt.Printf("math %s %s %s\n", f.name, bits(x), bits(f.f(x)))
		}
		for _, y := range []float64{0, math.Copysign(0, -1), -3, math.Inf(1), math.Inf(-1), random[1]()} {
			fmt.Printf("atan2 %s %s %s\n", bits(y), bits(x), bits(math.Atan2(y, x)))
		}
	}
}

// What sorts elements 0, 1...: their keys, or for "adversary" answers that make every pivot a bad one
// (M. D. McIlroy, A Killer Adversary for Quicksort).
func printSorts() {
	patterns := map[string]func(size, i int, random uint64) int{
		"random":     func(size, i int, random uint64) int { return int(random % uint64(size)) },
		"few":        func(size, i int, random uint64) int { return int(random % 3) },
		"ascending":  func(size, i int, random uint64) int { return i / 3 },
		"descending": func(size, i int, random uint64) int { return (size - i) / 2 },
		"nearly":     func(size, i int, random uint64) int { return i * min(1, i%37) },
		"pipe":       func(size, i int, random uint64) int { return min(i, size-i) },
		"saw":        func(size, i int, random uint64) int { return i % 7 },
		"nan":        func(size, i int, random uint64) int { return int(random % 5) },
		"adversary":  nil,
	}
	for _, size := range []int{5, 12, 13, 20, 49, 50, 51, 100, 333, 1000, 5000} {
		for _, name := range slices.Sorted(maps.Keys(patterns)) {
			keys, order := make([]int, size), make([]int, size)
			random := uint64(size)
			for i := range size {
				random = random*6364136223846793005 + 1442695040888963407
				order[i] = i
				keys[i] = size
				if f := patterns[name]; f != nil {
					keys[i] = f(size, i, random>>33)
				}
			}
			solid, candidate := 0, 0
			sort.Slice(order, func(i, j int) bool {
				a, b := order[i], order[j]
				switch name {
				case "nan": // the lowest key is below itself too
					return keys[a] == 0 || keys[a] < keys[b]
				case "adversary":
					if keys[a] == size && keys[b] == size {
						frozen := b
						if a == candidate {
							frozen = a
						}
						keys[frozen] = solid
						solid++
					}
					if keys[a] == size {
						candidate = a
					} else if keys[b] == size {
						candidate = b
					}
				}
				return keys[a] < keys[b]
			})
			hash := uint64(14695981039346656037)
			for _, i := range order {
				hash = (hash ^ uint64(i)) * 1099511628211
			}
			fmt.Printf("sort %d %s %x\n", size, name, hash)
		}
	}
}

func main() {
	seed := flag.Int64("seed", 1, "of the random values")
	steps := flag.Int("steps", 8, "of each range query")
	flag.Parse()
	r := rand.New(rand.NewSource(*seed))
	printRanges(makeSeries(r), *steps)
	printBuckets(r, 4*(*steps))
	printMath(r, *steps)
	printTrigonometry(r, *steps/2)
	printSorts()
}
