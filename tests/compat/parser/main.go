// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

// Answers with Prometheus' own parser what promql_parse_tool answers with ours. See README.md for
// the lines that both read and write.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	jsoniter "github.com/json-iterator/go"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// The encoder of Prometheus' API.
var json = jsoniter.ConfigCompatibleWithStandardLibrary

const (
	flagExperimental = 1
	flagFill         = 2
)

func newParser(flags int) parser.Parser {
	return parser.NewParser(parser.Options{
		EnableExperimentalFunctions:  flags&flagExperimental != 0,
		EnableBinopFillModifiers:     flags&flagFill != 0,
		ExperimentalDurationExpr:     true,
		EnableExtendedRangeSelectors: true,
	})
}

func positions(node parser.Node, out [][2]int) [][2]int {
	r := node.PositionRange()
	out = append(out, [2]int{int(r.Start), int(r.End)})
	for child := range parser.ChildrenIter(node) {
		out = positions(child, out)
	}
	return out
}

func atOffset(ts *int64, preproc parser.ItemType, offset time.Duration) string {
	at := "-"
	switch {
	case ts != nil:
		at = strconv.FormatInt(*ts, 10)
	case preproc == parser.START:
		at = "start"
	case preproc == parser.END:
		at = "end"
	}
	return fmt.Sprintf("@%s o%d", at, offset.Milliseconds())
}

// dump names the nodes that are left after preprocessing, with the numbers that were filled in.
func dump(e parser.Expr) string {
	switch n := e.(type) {
	case *parser.NumberLiteral:
		return strconv.FormatFloat(n.Val, 'f', -1, 64)
	case *parser.StringLiteral:
		return "string"
	case *parser.VectorSelector:
		return "vector " + atOffset(n.Timestamp, n.StartOrEnd, n.OriginalOffset)
	case *parser.MatrixSelector:
		return fmt.Sprintf("matrix %d(%s)", n.Range.Milliseconds(), dump(n.VectorSelector))
	case *parser.SubqueryExpr:
		return fmt.Sprintf("subquery %d:%d %s(%s)", n.Range.Milliseconds(), n.Step.Milliseconds(),
			atOffset(n.Timestamp, n.StartOrEnd, n.OriginalOffset), dump(n.Expr))
	case *parser.Call:
		args := []string{}
		for _, a := range n.Args {
			args = append(args, dump(a))
		}
		return n.Func.Name + "(" + strings.Join(args, ",") + ")"
	case *parser.AggregateExpr:
		if n.Param != nil {
			return fmt.Sprintf("%s(%s,%s)", n.Op, dump(n.Expr), dump(n.Param))
		}
		return fmt.Sprintf("%s(%s)", n.Op, dump(n.Expr))
	case *parser.BinaryExpr:
		return fmt.Sprintf("binary(%s,%s)", dump(n.LHS), dump(n.RHS))
	case *parser.UnaryExpr:
		return fmt.Sprintf("unary(%s)", dump(n.Expr))
	case *parser.ParenExpr:
		return fmt.Sprintf("paren(%s)", dump(n.Expr))
	case *parser.StepInvariantExpr:
		return fmt.Sprintf("invariant(%s)", dump(n.Expr))
	}
	panic(fmt.Sprintf("%T", e))
}

func preprocessed(p parser.Parser, text string, start, end, step int64) string {
	expr, err := p.ParseExpr(text)
	if err != nil {
		return err.Error()
	}
	expr, err = promql.PreprocessExpr(expr, time.UnixMilli(start), time.UnixMilli(end),
		time.Duration(step)*time.Millisecond)
	if err != nil {
		return "error: " + err.Error()
	}
	return dump(expr) + " " + expr.String()
}

func answerExpr(p parser.Parser, text string) map[string]any {
	expr, err := p.ParseExpr(text)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	ast, err := json.Marshal(translateAST(expr))
	if err != nil {
		ast = []byte(err.Error())
	}
	return map[string]any{
		"print":   expr.String(),
		"pretty":  parser.Prettify(expr),
		"ast":     string(ast),
		"pos":     positions(expr, nil),
		"instant": preprocessed(p, text, 1234567, 1234567, 0),
		"range":   preprocessed(p, text, 1000500, 4000123, 15000),
	}
}

func answerSelector(p parser.Parser, text string) map[string]any {
	matchers, err := p.ParseMetricSelector(text)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	out := []string{}
	for _, m := range matchers {
		out = append(out, m.String())
	}
	return map[string]any{"matchers": out}
}

// withLabels adds the labels that have a value, and whether a name occurs more than once.
func withLabels(answer map[string]any, l labels.Labels) map[string]any {
	out := [][2]string{}
	l.Range(func(l labels.Label) {
		if l.Value != "" {
			out = append(out, [2]string{l.Name, l.Value})
		}
	})
	answer["labels"] = out
	if _, twice := l.HasDuplicateLabelNames(); twice {
		answer["twice"] = true
	}
	return answer
}

func answerMetric(p parser.Parser, text string) map[string]any {
	l, err := p.ParseMetric(text)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return withLabels(map[string]any{}, l)
}

func floats(values []float64) string {
	out := []string{}
	for _, v := range values {
		out = append(out, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return strings.Join(out, " ")
}

func spans(spans []histogram.Span) string {
	out := []string{}
	for _, s := range spans {
		out = append(out, fmt.Sprintf("%d:%d", s.Offset, s.Length))
	}
	return strings.Join(out, " ")
}

func dumpHistogram(v parser.SequenceValue) string {
	h := v.Histogram
	return fmt.Sprintf("schema %d zero %s count %s sum %s hint %d %v custom [%s] positive [%s] [%s] negative [%s] [%s]",
		h.Schema, floats([]float64{h.ZeroThreshold, h.ZeroCount}), floats([]float64{h.Count}),
		floats([]float64{h.Sum}), h.CounterResetHint, v.CounterResetHintSet, floats(h.CustomValues),
		spans(h.PositiveSpans), floats(h.PositiveBuckets), spans(h.NegativeSpans), floats(h.NegativeBuckets))
}

func answerSeries(p parser.Parser, text string) map[string]any {
	l, values, err := p.ParseSeriesDesc(text)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	out := []string{}
	for _, v := range values {
		switch {
		case v.Omitted:
			out = append(out, "_")
		case v.Histogram != nil:
			out = append(out, dumpHistogram(v))
		default:
			out = append(out, strconv.FormatFloat(v.Value, 'g', -1, 64))
		}
	}
	return withLabels(map[string]any{"values": out}, l)
}

func answer(line string) map[string]any {
	fields := strings.Fields(line)
	flags, _ := strconv.Atoi(fields[1])
	encoded := ""
	if len(fields) > 2 {
		encoded = fields[2]
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		panic(err)
	}
	p := newParser(flags)
	switch fields[0] {
	case "expr":
		return answerExpr(p, string(text))
	case "selector":
		return answerSelector(p, string(text))
	case "metric":
		return answerMetric(p, string(text))
	case "series":
		return answerSeries(p, string(text))
	}
	panic(fields[0])
}

func main() {
	if len(os.Args) > 1 {
		printLiterals(os.Args[1:])
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		b, err := json.Marshal(answer(in.Text()))
		if err != nil {
			panic(err)
		}
		out.Write(b)
		out.WriteByte('\n')
	}
}
