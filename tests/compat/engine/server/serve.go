// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/route"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

const lookback = 5 * time.Minute

// The bits of an engine's number.
const (
	delayedNameRemoval = 1
	useStartTimestamps = 2
	typeAndUnitLabels  = 4
	engines            = 8
)

func newEngine(bits int) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples:               50_000_000,
		Timeout:                  20 * time.Second,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		LookbackDelta:            lookback,
		EnableDelayedNameRemoval: bits&delayedNameRemoval != 0,
		UseStartTimestamps:       bits&useStartTimestamps != 0,
		EnableTypeAndUnitLabels:  bits&typeAndUnitLabels != 0,
		Parser:                   newParser(),
	})
}

func newParser() parser.Parser {
	return parser.NewParser(parser.Options{
		EnableExperimentalFunctions:  true,
		ExperimentalDurationExpr:     true,
		EnableExtendedRangeSelectors: true,
		EnableBinopFillModifiers:     true,
	})
}

func newAPI(w *world, bits int) http.Handler {
	api := v1.NewAPI(
		newEngine(bits), subset{w.db}, nil, nil, nil, nil, nil, nil,
		func() config.Config { return config.Config{} },
		nil, v1.GlobalURLOptions{},
		func(f http.HandlerFunc) http.HandlerFunc { return f },
		nil, "", false, false, 0, promslog.NewNopLogger(), nil,
		5e7, 10, 1<<20, false, regexp.MustCompile(".*"), nil, nil, nil, nil, nil, nil, nil,
		false, nil, false, false, false, false, lookback, false, false, nil, nil,
		v1.OpenAPIOptions{}, newParser())
	router := route.New()
	api.Register(router)
	return router
}

type allowedKey struct{}

// subset is a storage of which a query may see only the series that its context lists.
type subset struct{ storage.SampleAndChunkQueryable }

func (s subset) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := s.SampleAndChunkQueryable.Querier(mint, maxt)
	return subsetQuerier{q}, err
}

type subsetQuerier struct{ storage.Querier }

func (q subsetQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := q.Querier.Select(ctx, sorted, hints, matchers...)
	if allowed, ok := ctx.Value(allowedKey{}).(map[string]bool); ok {
		return subsetSeries{set, allowed}
	}
	return set
}

type subsetSeries struct {
	storage.SeriesSet
	allowed map[string]bool
}

func (s subsetSeries) Next() bool {
	for s.SeriesSet.Next() {
		if s.allowed[s.At().Labels().String()] {
			return true
		}
	}
	return false
}

// One line of a batch.
type question struct {
	World  int    `json:"world"`
	Engine int    `json:"engine"`
	Path   string `json:"path"` // query or query_range
	Form   string `json:"form"`
	Series []int  `json:"series"` // by number in /dump; absent: all
}

type server struct {
	worlds []*world
	apis   [][]http.Handler
}

func newAPIs(w *world) []http.Handler {
	var apis []http.Handler
	for bits := range engines {
		apis = append(apis, newAPI(w, bits))
	}
	return apis
}

func newHandler(worlds []*world) http.Handler {
	s := &server{worlds: worlds}
	mux := http.NewServeMux()
	for i, w := range worlds {
		apis := newAPIs(w)
		for bits, api := range apis {
			prefix := fmt.Sprintf("/%d/%d/api/v1", i, bits)
			mux.Handle(prefix+"/", http.StripPrefix(prefix, api))
		}
		s.apis = append(s.apis, apis)
	}
	mux.HandleFunc("/batch", s.batch)
	mux.HandleFunc("/load", s.load)
	mux.HandleFunc("/dump", s.dump)
	return mux
}

func (s *server) answer(q question) []byte {
	request := httptest.NewRequest(http.MethodPost, "/"+q.Path, strings.NewReader(q.Form))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if q.Series != nil {
		allowed := map[string]bool{}
		for _, i := range q.Series {
			allowed[s.worlds[q.World].all[i].String()] = true
		}
		request = request.WithContext(context.WithValue(request.Context(), allowedKey{}, allowed))
	}
	recorder := httptest.NewRecorder()
	s.apis[q.World][q.Engine].ServeHTTP(recorder, request)
	return recorder.Body.Bytes()
}

// batch answers each line of the request through the API's handler: its length, then its bytes.
func (s *server) batch(w http.ResponseWriter, r *http.Request) {
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	var out bytes.Buffer
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body := s.answer(q)
		fmt.Fprintf(&out, "%d\n", len(body))
		out.Write(body)
	}
	w.Header().Set("Content-Length", fmt.Sprint(out.Len()))
	_, _ = w.Write(out.Bytes())
}

// dump writes all worlds' series with their chunks as they are stored: what remote read does not
// carry (start timestamps) is in them.
func (s *server) dump(w http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer
	for i, world := range s.worlds {
		fmt.Fprintf(&out, "world %d %d %d %t\n", i, world.start, world.end, world.st)
		if err := dumpWorld(r.Context(), world, &out); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(out.Len()))
	_, _ = w.Write(out.Bytes())
}

func dumpWorld(ctx context.Context, w *world, out *bytes.Buffer) error {
	querier, err := w.db.ChunkQuerier(w.start-1, w.end*2+1)
	if err != nil {
		return err
	}
	defer querier.Close()
	set := querier.Select(ctx, true, nil, labels.MustNewMatcher(labels.MatchRegexp, "__name__", ".+"))
	for set.Next() {
		fmt.Fprint(out, "series")
		set.At().Labels().Range(func(l labels.Label) {
			fmt.Fprintf(out, " %s %s", base64.StdEncoding.EncodeToString([]byte(l.Name)), base64.StdEncoding.EncodeToString([]byte(l.Value)))
		})
		fmt.Fprintln(out)
		for it := set.At().Iterator(nil); it.Next(); {
			c := it.At()
			fmt.Fprintf(out, "chunk %d %d %d %s\n", c.MinTime, c.MaxTime, c.Chunk.Encoding(), base64.StdEncoding.EncodeToString(c.Chunk.Bytes()))
		}
	}
	return set.Err()
}
