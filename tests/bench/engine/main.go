// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// Prometheus' engine under the stopwatch of tests/bench/engine.py.
//
//	engine generate FILE        writes the data
//	engine block FILE FOLDER    writes them as a block of Prometheus' storage
//	engine serve FILE|FOLDER    answers questions, one JSON line each; a file is read by the
//	                            thinnest of storages, a folder by Prometheus' own
//
// A question is a line of fields between tabs: what to do (`run`, `memory` or `dump PATH`), start,
// end and step in ms, the milliseconds to spend, and the query.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
)

type question struct {
	verb, path       string
	start, end, step int64
	budget           time.Duration
	query            string
}

type answer struct {
	Error  string `json:"error"`
	Nanos  int64  `json:"ns"`
	Runs   int    `json:"runs"`
	Digest string `json:"digest"`
	Points int    `json:"points"`
	Series int    `json:"series"`
	PeakKB int64  `json:"peak_kb"`
	Allocs uint64 `json:"allocs"`
}

type bench struct {
	store  storage.Queryable
	engine *promql.Engine
}

func (b *bench) query(q *question, use func(promql.Matrix)) error {
	ctx := context.Background()
	query, err := b.engine.NewRangeQuery(ctx, b.store, nil, q.query, time.UnixMilli(q.start), time.UnixMilli(q.end),
		time.Duration(q.step)*time.Millisecond)
	if err != nil {
		return err
	}
	defer query.Close()
	result := query.Exec(ctx)
	if result.Err != nil {
		return result.Err
	}
	matrix, err := result.Matrix()
	if err == nil && use != nil {
		use(matrix)
	}
	return err
}

// Processor time of the whole process, the garbage collector's included.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

type digest uint64

func (d *digest) word(w uint64) { *d = (*d ^ digest(w)) * 0x9E3779B97F4A7C15; *d ^= *d >> 29 }
func (d *digest) text(s string) {
	d.word(uint64(len(s)))
	for i := range len(s) {
		d.word(uint64(s[i]))
	}
}

func (d *digest) float(v float64) {
	if math.IsNaN(v) {
		v = math.NaN()
	}
	d.word(math.Float64bits(v))
}

func (d *digest) buckets(spans []histogram.Span, counts []float64) {
	index, next := int32(0), 0
	for _, span := range spans {
		index += span.Offset
		for range span.Length {
			if counts[next] != 0 {
				d.word(uint64(int64(index)))
				d.float(counts[next])
			}
			next++
			index++
		}
	}
	d.word(1 << 40)
}

func (d *digest) histogram(h *histogram.FloatHistogram) {
	d.word(uint64(int64(h.Schema)))
	d.float(h.ZeroThreshold)
	d.float(h.ZeroCount)
	d.float(h.Count)
	d.float(h.Sum)
	d.buckets(h.PositiveSpans, h.PositiveBuckets)
	d.buckets(h.NegativeSpans, h.NegativeBuckets)
	for _, bound := range h.CustomValues {
		d.float(bound)
	}
}

func digestOf(matrix promql.Matrix) (string, int) {
	d, points := digest(1), 0
	slices.SortFunc(matrix, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	for _, s := range matrix {
		s.Metric.Range(func(l labels.Label) { d.text(l.Name); d.text(l.Value) })
		for _, p := range s.Floats {
			d.word(uint64(p.T))
			d.float(p.F)
		}
		for _, p := range s.Histograms {
			d.word(uint64(p.T))
			d.histogram(p.H)
		}
		points += len(s.Floats) + len(s.Histograms)
	}
	return fmt.Sprintf("%016x", uint64(d)), points
}

// run measures after one run that warms up; a query that takes long is measured by that one.
func (b *bench) run(q *question) (a answer) {
	first := processorTime()
	err := b.query(q, func(m promql.Matrix) {
		a.Nanos = int64(processorTime() - first)
		a.Digest, a.Points = digestOf(m)
		a.Series = len(m)
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	a.Runs = 1
	const batches = 5
	one := time.Duration(a.Nanos)
	if one > 2*q.budget {
		return a
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.query(q, nil)
	runtime.ReadMemStats(&after)
	a.Allocs = after.Mallocs - before.Mallocs
	perBatch := max(1, int(q.budget/batches/max(one, 1)))
	var times []int64
	for begin := processorTime(); len(times) < batches && (len(times) < 2 || processorTime()-begin < 2*q.budget); {
		start := processorTime()
		for range perBatch {
			b.query(q, nil)
		}
		times = append(times, int64(processorTime()-start)/int64(perBatch))
	}
	slices.Sort(times)
	a.Nanos, a.Runs = times[len(times)/2], perBatch*len(times)
	return a
}

func statusKB(field string) int64 {
	data, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb
		}
	}
	return 0
}

// memory is what the process grows by in one run, from a collected heap.
func (b *bench) memory(q *question) (a answer) {
	debug.FreeOSMemory()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return answer{Error: err.Error()}
	}
	before := statusKB("VmRSS")
	if err := b.query(q, nil); err != nil {
		return answer{Error: err.Error()}
	}
	a.PeakKB = statusKB("VmHWM") - before
	return a
}

func (b *bench) dump(q *question) (a answer) {
	file, err := os.Create(q.path)
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	defer out.Flush()
	err = b.query(q, func(m promql.Matrix) {
		slices.SortFunc(m, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
		for _, s := range m {
			for _, p := range s.Floats {
				fmt.Fprintf(out, "%s %d %016x %v\n", s.Metric, p.T, math.Float64bits(p.F), p.F)
			}
			for _, p := range s.Histograms {
				fmt.Fprintf(out, "%s %d %s\n", s.Metric, p.T, p.H)
			}
		}
	})
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func parseQuestion(line string) *question {
	f := strings.SplitN(line, "\t", 6)
	number := func(s string) int64 { v, _ := strconv.ParseInt(s, 10, 64); return v }
	verb, path, _ := strings.Cut(f[0], " ")
	return &question{verb, path, number(f[1]), number(f[2]), number(f[3]), time.Duration(number(f[4])) * time.Millisecond, f[5]}
}

func serve(path string) {
	info, err := os.Stat(path)
	if err != nil {
		panic(err)
	}
	var s storage.Queryable
	if info.IsDir() {
		s, err = openBlock(path)
	} else {
		s, err = open(path)
	}
	if err != nil {
		panic(err)
	}
	b := &bench{s, promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Hour, EnableAtModifier: true, EnableNegativeOffset: true,
		Parser: parser.NewParser(parser.Options{EnableExperimentalFunctions: true, EnableExtendedRangeSelectors: true}),
	})}
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		q := parseQuestion(in.Text())
		var a answer
		switch q.verb {
		case "run":
			a = b.run(q)
		case "memory":
			a = b.memory(q)
		case "dump":
			a = b.dump(q)
		}
		if err := out.Encode(a); err != nil {
			panic(err)
		}
	}
}

func main() {
	switch args := os.Args[1:]; {
	case len(args) == 2 && args[0] == "generate":
		generate(args[1])
	case len(args) == 3 && args[0] == "block":
		writeBlock(args[1], args[2])
	case len(args) == 2 && args[0] == "serve":
		serve(args[1])
	default:
		fmt.Fprintln(os.Stderr, "usage: engine generate FILE | block FILE FOLDER | serve FILE|FOLDER")
		os.Exit(2)
	}
}
