// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
)

// The data both engines read, in one file of compressed chunks: magic, number of series, then each
// series as its labels (each a name and a value behind 16-bit lengths), its number of chunks, and
// each chunk as first and last time, encoding, length and bytes. All numbers little-endian.

const (
	magic           = "SYNBENC2"
	interval        = 10_000 // ms between samples
	daySteps        = 8640
	samplesPerChunk = 120
)

type writer struct {
	out    *bufio.Writer
	series uint32
}

func (w *writer) number(v any) {
	if err := binary.Write(w.out, binary.LittleEndian, v); err != nil {
		panic(err)
	}
}

func (w *writer) text(s string) {
	w.number(uint16(len(s)))
	w.out.WriteString(s)
}

type encoded struct {
	minT, maxT int64
	chunk      chunkenc.Chunk
}

func (w *writer) write(l labels.Labels, chunks []encoded) {
	w.series++
	w.number(uint32(l.Len()))
	l.Range(func(l labels.Label) {
		w.text(l.Name)
		w.text(l.Value)
	})
	w.number(uint32(len(chunks)))
	for _, c := range chunks {
		bytes := c.chunk.Bytes()
		w.number(c.minT)
		w.number(c.maxT)
		w.number(uint8(c.chunk.Encoding()))
		w.number(uint32(len(bytes)))
		w.out.Write(bytes)
	}
}

// floats writes samples first..last-1 of a series, sample s at time(s) with value(s).
func (w *writer) floats(l labels.Labels, first, last int, time func(int) int64, value func(int) float64) {
	var chunks []encoded
	for s := first; s < last; {
		chunk := chunkenc.NewXORChunk()
		app, err := chunk.Appender()
		if err != nil {
			panic(err)
		}
		start := s
		for ; s < last && s < start+samplesPerChunk; s++ {
			app.Append(0, time(s), value(s))
		}
		chunks = append(chunks, encoded{time(start), time(s - 1), chunk})
	}
	w.write(l, chunks)
}

func (w *writer) histograms(l labels.Labels, count, perChunk int, each int64, value func(int) *histogram.Histogram) {
	var chunks []encoded
	var app chunkenc.Appender
	for s := range count {
		t := int64(s) * each
		if s%perChunk == 0 {
			chunk := chunkenc.NewHistogramChunk()
			chunks = append(chunks, encoded{t, t, chunk})
			app, _ = chunk.Appender()
		}
		last := &chunks[len(chunks)-1]
		grown, recoded, next, err := app.AppendHistogram(nil, 0, t, value(s), false)
		switch {
		case err != nil:
			panic(err)
		case grown != nil && recoded:
			last.chunk = grown
		case grown != nil:
			chunks = append(chunks, encoded{t, t, grown})
			last = &chunks[len(chunks)-1]
		}
		last.maxT = t
		app = next
	}
	w.write(l, chunks)
}

func regular(s int) int64 { return int64(s) * interval }

// rising has the shape of Prometheus' own benchmark data: a slope of one per sample.
func rising(shift float64) func(int) float64 {
	return func(s int) float64 { return float64(s) + shift }
}

func (w *writer) family(name string, count, first, last int) {
	for i := range count {
		set := []string{"__name__", name}
		if count > 1 {
			set = append(set, "l", fmt.Sprint(i))
		}
		w.floats(labels.FromStrings(set...), first, last, regular, rising(float64(i)/float64(count+1)))
	}
}

func (w *writer) buckets(name string, count, last int) {
	for i := range count {
		for le := range 11 {
			bound := fmt.Sprint(le)
			if le == 10 {
				bound = "+Inf"
			}
			set := []string{"__name__", name, "le", bound}
			if count > 1 {
				set = append(set, "l", fmt.Sprint(i))
			}
			w.floats(labels.FromStrings(set...), 0, last, regular, rising(float64(i*11+le)/float64(count*11)))
		}
	}
}

// random series: values that rise at random, that wander, that are whole numbers, and times that
// jitter, all of which cost more than straight lines.
func (w *writer) random(count, last int) {
	r := rand.New(rand.NewSource(4))
	for i := range count {
		l := fmt.Sprint(i)
		gauge, counter, whole := make([]float64, last), make([]float64, last), make([]float64, last)
		times := make([]int64, last)
		sum, total := 0.0, 0.0
		for s := range last {
			gauge[s] = r.NormFloat64() * 1000
			sum += r.Float64()
			total += float64(r.Intn(100))
			if r.Intn(3000) == 0 {
				total = 0
			}
			counter[s], whole[s] = sum, total
			times[s] = regular(s) + int64(r.Intn(11)) - 5
		}
		at := func(v []float64) func(int) float64 { return func(s int) float64 { return v[s] } }
		w.floats(labels.FromStrings("__name__", "gauge_hundred", "l", l), 0, last, regular, at(gauge))
		w.floats(labels.FromStrings("__name__", "counter_hundred", "l", l), 0, last, regular, at(counter))
		w.floats(labels.FromStrings("__name__", "whole_hundred", "l", l), 0, last, regular, at(whole))
		w.floats(labels.FromStrings("__name__", "jitter_hundred", "l", l), 0, last,
			func(s int) int64 { return times[s] }, at(whole))
	}
}

func (w *writer) join(instances, last int) {
	r := rand.New(rand.NewSource(5))
	for i := range instances {
		id := fmt.Sprintf("%08x-%04x-%04x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xffff, r.Uint64()&0xffffffffffff)
		for j, name := range []string{"rpc_request_success_total", "rpc_request_error_total"} {
			w.floats(labels.FromStrings(
				"__name__", name, "environment", "staging", "cluster", "test-kubernetes-cluster",
				"namespace", "test-kubernetes-namespace", "job", "worker", "rpc_method", "fetch-data-from-this-service",
				"domain", "test-domain", "instance", id), 0, last, regular,
				rising(float64(2*i+j)/float64(2*instances)))
		}
	}
}

func (w *writer) native(series int) {
	exponential, custom := tsdbutil.GenerateTestHistograms(2000), tsdbutil.GenerateTestCustomBucketsHistograms(2000)
	for i := range series {
		for name, values := range map[string][]*histogram.Histogram{
			"native_histogram_series": exponential, "native_histogram_custom_bucket_series": custom,
		} {
			w.histograms(labels.FromStrings("__name__", name, "foo", "bar", "h", fmt.Sprint(i)), len(values),
				samplesPerChunk, 15_000, func(s int) *histogram.Histogram { return values[s] })
		}
	}
}

func (w *writer) info() {
	each := func(s int) int64 { return int64(s) * 2000 }
	for i := range 100 {
		cluster := "us-east"
		if i >= 50 {
			cluster = "eu-south"
		}
		w.floats(labels.FromStrings("__name__", "target_info", "instance", fmt.Sprint("instance", i), "job",
			fmt.Sprint("job", i), "k8s_cluster_name", cluster), 0, 3600, each, func(int) float64 { return 1 })
	}
	for _, code := range []string{"200", "400", "500"} {
		w.floats(labels.FromStrings("__name__", "http_server_request_duration_seconds_count", "instance", "instance0",
			"job", "job0", "http_status_code", code), 0, 3600, each, func(s int) float64 { return float64(s) })
	}
}

func generate(path string) {
	file, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	w := &writer{out: bufio.NewWriterSize(file, 1<<20)}
	w.out.WriteString(magic)
	w.number(uint32(0))
	const last = daySteps + 10_000
	for name, count := range map[string]int{"one": 1, "ten": 10, "hundred": 100} {
		w.family("a_"+name, count, 0, last)
		w.family("b_"+name, count, 0, last)
		w.buckets("h_"+name, count, last)
	}
	// A long history of two thousand series would only make the file large.
	w.family("a_two_thousand", 2000, last-2200, last)
	w.family("b_two_thousand", 2000, last-2200, last)
	for i := range 50 {
		w.floats(labels.FromStrings("__name__", "sparse", "l", fmt.Sprint(i)), i*last/50, (i+1)*last/50, regular,
			func(s int) float64 { return float64(s) / 1444 })
	}
	w.random(100, last)
	w.join(1000, 5000+daySteps/8)
	w.native(300)
	w.info()
	if err := w.out.Flush(); err != nil {
		panic(err)
	}
	var count [4]byte
	binary.LittleEndian.PutUint32(count[:], w.series)
	if _, err := file.WriteAt(count[:], int64(len(magic))); err != nil {
		panic(err)
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
}
