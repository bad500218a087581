// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"strconv"
)

// printLiterals writes every string literal of Go files, one a line in base64: the expressions of
// Prometheus' tests, among other texts that serve as bad input.
func printLiterals(files []string) {
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		set := token.NewFileSet()
		var s scanner.Scanner
		s.Init(set.AddFile(name, -1, len(source)), source, nil, 0)
		for {
			_, kind, literal := s.Scan()
			if kind == token.EOF {
				break
			}
			if kind != token.STRING {
				continue
			}
			if text, err := strconv.Unquote(literal); err == nil {
				fmt.Println(base64.StdEncoding.EncodeToString([]byte(text)))
			}
		}
	}
}
