// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// The real engine, to be compared with ours: generated series in Prometheus' own storage, served on
// loopback by Prometheus' own remote-read and query API handlers. See README.md for the paths.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	seed := flag.Uint64("seed", 1, "of the generated series")
	count := flag.Int("worlds", 4, "how many storages to generate")
	flag.Parse()
	worlds, err := newWorlds(*seed, *count)
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	// Whoever started this holds the other end of its input: no server is left behind.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		for _, w := range worlds {
			w.close()
		}
		os.Exit(0)
	}()
	_ = http.Serve(listener, newHandler(worlds))
}
