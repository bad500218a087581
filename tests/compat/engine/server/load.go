// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// load makes the series of the request, written as dump writes them, the only world, number 0.
func (s *server) load(w http.ResponseWriter, r *http.Request) {
	loaded, err := readWorld(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, former := range s.worlds {
		former.close()
	}
	s.worlds = []*world{loaded}
	s.apis = [][]http.Handler{newAPIs(loaded)}
}

func emptyWorld() (*world, error) {
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = int64(24 * time.Hour / time.Millisecond)
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 0
	options.WALSegmentSize = -1
	w := &world{}
	var err error
	if w.dir, err = os.MkdirTemp("", "synoptic_engine"); err != nil {
		return nil, err
	}
	w.db, err = tsdb.Open(w.dir, nil, nil, options, tsdb.NewDBStats())
	return w, err
}

func readWorld(r *http.Request) (*world, error) {
	w, err := emptyWorld()
	if err != nil {
		return nil, err
	}
	var one series
	store := func() error {
		if len(one.samples) == 0 {
			return nil
		}
		slices.SortFunc(one.samples, func(a, b sample) int { return int(a.t - b.t) })
		w.all = append(w.all, one.labels)
		return w.append(one)
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<24)
	for err == nil && lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) > 0 && words[0] == "series":
			if err = store(); err == nil {
				one = series{}
				one.labels, err = readLabels(words[1:])
			}
		case len(words) == 5 && words[0] == "chunk":
			err = readChunk(words, &one)
		default:
			err = fmt.Errorf("expected \"series NAME VALUE...\" or \"chunk MIN MAX ENCODING BYTES\", not %q", lines.Text())
		}
	}
	if err = errors.Join(err, lines.Err()); err == nil {
		err = store()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func readLabels(words []string) (labels.Labels, error) {
	var texts []string
	for _, word := range words {
		text, err := base64.StdEncoding.DecodeString(word)
		if err != nil {
			return labels.EmptyLabels(), err
		}
		texts = append(texts, string(text))
	}
	return labels.FromStrings(texts...), nil
}

func readChunk(words []string, into *series) error {
	encoding, err := strconv.Atoi(words[3])
	if err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(words[4])
	if err != nil {
		return err
	}
	chunk, err := chunkenc.FromData(chunkenc.Encoding(encoding), data)
	if err != nil {
		return err
	}
	samples := chunk.Iterator(nil)
	for {
		switch samples.Next() {
		case chunkenc.ValNone:
			return samples.Err()
		case chunkenc.ValFloat:
			t, v := samples.At()
			into.samples = append(into.samples, sample{t: t, v: v})
		case chunkenc.ValHistogram:
			t, h := samples.AtHistogram(nil)
			into.samples = append(into.samples, sample{t: t, h: h})
		case chunkenc.ValFloatHistogram:
			t, fh := samples.AtFloatHistogram(nil)
			into.samples = append(into.samples, sample{t: t, fh: fh})
		}
	}
}
