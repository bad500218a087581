// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/binary"
	"os"
	"slices"
	"sort"
	"strings"
	"syscall"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// The file as a storage.Queryable with as little between engine and chunk as can be: no index (what
// a selector matches is looked up once and remembered), chunks in mapped memory, readers reused.

type chunkMeta struct {
	minT, maxT int64
	offset     uint64
	length     uint32
	encoding   chunkenc.Encoding
}

type series struct {
	store  *store
	labels labels.Labels
	chunks []chunkMeta
}

type store struct {
	data     []byte
	all      []*series
	selected map[string][]*series
}

func open(path string) (*store, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		return nil, err
	}
	s := &store{data: data, selected: map[string][]*series{}}
	at := uint64(len(magic))
	u16 := func() uint16 { at += 2; return binary.LittleEndian.Uint16(data[at-2:]) }
	u32 := func() uint32 { at += 4; return binary.LittleEndian.Uint32(data[at-4:]) }
	u64 := func() uint64 { at += 8; return binary.LittleEndian.Uint64(data[at-8:]) }
	text := func() string { n := uint64(u16()); at += n; return string(data[at-n : at]) }
	for range u32() {
		one := &series{store: s}
		var set []labels.Label
		for range u32() {
			name := text()
			set = append(set, labels.Label{Name: name, Value: text()})
		}
		one.labels = labels.New(set...)
		one.chunks = make([]chunkMeta, u32())
		for i := range one.chunks {
			c := &one.chunks[i]
			c.minT, c.maxT = int64(u64()), int64(u64())
			c.encoding = chunkenc.Encoding(data[at])
			at++
			c.length = u32()
			c.offset = at
			at += uint64(c.length)
		}
		s.all = append(s.all, one)
	}
	slices.SortFunc(s.all, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	return s, nil
}

func (s *store) selectSeries(matchers []*labels.Matcher) []*series {
	var key strings.Builder
	for _, m := range matchers {
		key.WriteString(m.String())
		key.WriteByte(0)
	}
	found, ok := s.selected[key.String()]
	if ok {
		return found
	}
	for _, one := range s.all {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(one.labels.Get(m.Name)) }) {
			found = append(found, one)
		}
	}
	s.selected[key.String()] = found
	return found
}

type querier struct {
	store      *store
	minT, maxT int64
}

func (s *store) Querier(minT, maxT int64) (storage.Querier, error) {
	return &querier{s, minT, maxT}, nil
}

func (*querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (*querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}
func (*querier) Close() error { return nil }

func (q *querier) Select(_ context.Context, _ bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &seriesSet{series: q.store.selectSeries(matchers), at: -1, minT: q.minT, maxT: q.maxT}
	if hints != nil {
		set.minT, set.maxT = hints.Start, hints.End
	}
	return set
}

type seriesSet struct {
	series     []*series
	at         int
	minT, maxT int64
}

// Next skips series without a chunk in range, as the real storage does.
func (s *seriesSet) Next() bool {
	for s.at++; s.at < len(s.series); s.at++ {
		chunks := s.series[s.at].chunks
		first := firstChunk(chunks, s.minT)
		if first < len(chunks) && chunks[first].minT <= s.maxT {
			return true
		}
	}
	return false
}
func (s *seriesSet) At() storage.Series              { return &boundSeries{s.series[s.at], s.minT, s.maxT} }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }
func firstChunk(chunks []chunkMeta, t int64) int {
	return sort.Search(len(chunks), func(i int) bool { return chunks[i].maxT >= t })
}

type boundSeries struct {
	*series
	minT, maxT int64
}

func (s *boundSeries) Labels() labels.Labels { return s.labels }

func (s *boundSeries) Iterator(reuse chunkenc.Iterator) chunkenc.Iterator {
	it, ok := reuse.(*iterator)
	if !ok {
		it = &iterator{}
	}
	it.series, it.minT, it.maxT = s.series, s.minT, s.maxT
	it.chunk = firstChunk(s.chunks, s.minT)
	it.open = false
	return it
}

type iterator struct {
	series     *series
	minT, maxT int64
	chunk      int  // the one that `current` reads, or is to read next
	open       bool // whether it does
	xor        chunkenc.XORChunk
	histograms chunkenc.HistogramChunk
	current    chunkenc.Iterator
	xorReader  chunkenc.Iterator
	histReader chunkenc.Iterator
}

// begin opens the current chunk; false when there is none left in range.
func (it *iterator) begin() bool {
	if it.chunk >= len(it.series.chunks) {
		return false
	}
	c := &it.series.chunks[it.chunk]
	if c.minT > it.maxT {
		return false
	}
	bytes := it.series.store.data[c.offset : c.offset+uint64(c.length)]
	if c.encoding == chunkenc.EncXOR {
		it.xor.Reset(bytes)
		it.xorReader = it.xor.Iterator(it.xorReader)
		it.current = it.xorReader
	} else {
		it.histograms.Reset(bytes)
		it.histReader = it.histograms.Iterator(it.histReader)
		it.current = it.histReader
	}
	it.open = true
	return true
}

func (it *iterator) Next() chunkenc.ValueType {
	for {
		if !it.open && !it.begin() {
			return chunkenc.ValNone
		}
		if kind := it.current.Next(); kind != chunkenc.ValNone {
			t := it.current.AtT()
			if t < it.minT {
				continue
			}
			if t > it.maxT {
				return chunkenc.ValNone
			}
			return kind
		}
		it.open = false
		it.chunk++
	}
}

func (it *iterator) Seek(t int64) chunkenc.ValueType {
	for it.chunk < len(it.series.chunks) && it.series.chunks[it.chunk].maxT < t {
		it.open = false
		it.chunk++
	}
	if !it.open && !it.begin() {
		return chunkenc.ValNone
	}
	if kind := it.current.Seek(max(t, it.minT)); kind != chunkenc.ValNone && it.current.AtT() <= it.maxT {
		return kind
	}
	return chunkenc.ValNone
}

func (it *iterator) At() (int64, float64) { return it.current.At() }
func (it *iterator) AtHistogram(h *histogram.Histogram) (int64, *histogram.Histogram) {
	return it.current.AtHistogram(h)
}

func (it *iterator) AtFloatHistogram(h *histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return it.current.AtFloatHistogram(h)
}
func (it *iterator) AtT() int64  { return it.current.AtT() }
func (it *iterator) AtST() int64 { return 0 }
func (it *iterator) Err() error  { return nil }
