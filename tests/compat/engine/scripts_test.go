// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/teststorage"
)

func withStartTimestamps(o *tsdb.Options) {
	o.EnableSTStorage = true
	o.EnableHistogramSTEncoding = true
	o.FloatChunkEncoding = chunkenc.EncXOR2
}

// What our own scripts expect is what the real engine answers.
func TestOwnScriptsHoldInTheRealEngine(t *testing.T) {
	files, err := filepath.Glob("../../promql/scripts/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
			promqltest.RunTestWithStorage(t, string(script), engine, func(t testing.TB) storage.Storage {
				return teststorage.New(t, withStartTimestamps)
			})
		})
	}
}
