// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
)

var staleNaN = math.Float64frombits(value.StaleNaN)

type generator struct {
	rng   *rand.Rand
	world *world
	out   []series
}

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func pick[T any](g *generator, choices ...T) T { return choices[g.rng.IntN(len(choices))] }

// generate makes a small zoo of everything PromQL treats apart.
func generate(rng *rand.Rand, w *world) []series {
	g := &generator{rng: rng, world: w}
	for job := range 3 {
		for i := range 3 {
			target := []string{"job", string(rune('a' + job)), "instance", fmt.Sprintf("i%d", i)}
			if g.chance(85) {
				g.add("c_total", target, g.counter())
			}
			if g.chance(85) {
				g.add("g", target, g.gauge())
			}
			if g.chance(70) {
				g.add("other", target, g.gauge())
			}
			if g.chance(60) {
				g.add("sparse", append(target, "x", pick(g, "1", "2")), g.thin(g.gauge()))
			}
			if g.chance(50) {
				g.add("typed_total", append(target, "__type__", pick(g, "counter", "gauge", "histogram"), "__unit__", pick(g, "seconds", "bytes")), g.counter())
			}
			if g.chance(70) {
				g.add("nh", target, g.histograms(histogramShape{counter: true, integer: g.chance(70)}))
			}
			if g.chance(50) {
				g.add("nh_gauge", target, g.histograms(histogramShape{integer: g.chance(30)}))
			}
			if g.chance(60) {
				g.add("nhcb", target, g.histograms(histogramShape{counter: g.chance(80), integer: g.chance(60), custom: true}))
			}
			if g.chance(60) {
				g.add("mixed", target, g.mixed())
			}
			if i < 2 {
				g.classic(target)
			}
			g.infos(target)
		}
	}
	for i := range 12 {
		g.add("many", []string{"n", fmt.Sprint(i), "even", fmt.Sprint(i%2 == 0)}, g.ties())
	}
	g.add("single", nil, g.gauge())
	g.add("my.metric", []string{"läbel.x", "ü\"1\n", "job", "a"}, g.gauge())
	g.add("my.metric", []string{"läbel.x", "", "job", "b"}, g.counter())
	g.add("温度", []string{"job", "a", "le", "0.5"}, g.gauge())
	g.add("nhcb_broken", []string{"job", "a"}, g.histograms(histogramShape{counter: true, custom: true}))
	return g.out
}

func (g *generator) add(name string, pairs []string, samples []sample) {
	builder := labels.NewBuilder(labels.FromStrings(pairs...))
	builder.Set("__name__", name)
	if len(samples) > 0 {
		g.out = append(g.out, series{builder.Labels(), samples})
	}
}

// times of a target's scrapes: irregular, with gaps; a gap may begin with a staleness marker.
func (g *generator) times() []sample {
	interval := pick(g, 15_000, 15_000, 30_000, 10_000, 7_300, 60_000, 240_000)
	jitter := pick(g, 0, 0, 3, 900)
	gaps := pick(g, 0, 1, 3)
	t := g.world.start + g.rng.Int64N(int64(interval))
	if g.chance(20) {
		t += g.rng.Int64N(20 * 60_000)
	}
	var out []sample
	for t < g.world.end && len(out) < 250 {
		out = append(out, sample{t: t})
		t += int64(interval)
		if jitter > 0 {
			t += g.rng.Int64N(int64(jitter))
		}
		if g.chance(gaps) {
			if g.chance(60) {
				out = append(out, sample{t: t, v: staleNaN})
			}
			t += int64(interval) + g.rng.Int64N(9*60_000)
		}
		if g.chance(1) && g.chance(20) {
			break
		}
	}
	return out
}

func isStale(s sample) bool { return value.IsStaleNaN(s.v) }

func (g *generator) counter() []sample {
	out := g.times()
	integers, huge := g.chance(50), g.chance(5)
	resets := pick(g, 0, 2, 10)
	total := pick(g, 0, 0, 1e3*g.rng.Float64())
	if huge {
		total = 1.7e308
	}
	start := pick(g, 0, g.world.start-g.rng.Int64N(100_000)-1)
	for i := range out {
		if isStale(out[i]) {
			continue
		}
		step := 10 * g.rng.Float64()
		if integers {
			step = math.Floor(step)
		}
		if huge {
			step *= 1e306
		}
		total += step
		if g.chance(resets) {
			total = pick(g, 0, step)
			start = out[i].t - g.rng.Int64N(20_000)
		}
		if g.chance(2) {
			start = pick(g, 0, start, out[i].t, out[i].t+5, out[i].t-40_000)
		}
		out[i].v, out[i].st = total, start
	}
	return out
}

func (g *generator) special() float64 {
	return pick(g, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 5e-324, -5e-324,
		1.7976931348623157e308, -1.7976931348623157e308, 1e17, 9007199254740993, 2.5, -2.5, 0.5, 1e-5)
}

func (g *generator) gauge() []sample {
	out := g.times()
	kind := g.rng.IntN(6)
	v := 100 * (g.rng.Float64() - 0.5)
	for i := range out {
		if isStale(out[i]) {
			continue
		}
		switch kind {
		case 0: // a walk
			v += g.rng.NormFloat64()
		case 1: // few distinct values
			v = float64(g.rng.IntN(4))
		case 2: // full of special values
			v = g.special()
		case 3: // some of them
			v = g.rng.NormFloat64() * 1e3
			if g.chance(10) {
				v = g.special()
			}
		case 4: // sums that cancel out
			v = pick(g, 1e16, -1e16, 1, 0.1, 3)
		case 5: // constant, like a start time
			if i == 0 {
				v = pick(g, 1, 1.7e9, 0.1, 42)
			}
		}
		out[i].v = v
	}
	return out
}

func (g *generator) ties() []sample {
	out := g.times()
	for i := range out {
		if !isStale(out[i]) {
			out[i].v = pick(g, 1, 2, 2, 3, math.NaN())
		}
	}
	return out
}

func (g *generator) thin(in []sample) []sample {
	var out []sample
	for _, s := range in {
		if g.chance(15) {
			out = append(out, s)
		}
	}
	return out
}

// A classic histogram, at times with a bucket missing, not cumulative, written oddly or unreadable.
func (g *generator) classic(target []string) {
	bounds := []string{"0.1", "1", "2.5", "10", "+Inf"}
	times := g.times()
	counts := make([]float64, len(bounds))
	broken := g.rng.IntN(10)
	buckets := make([][]sample, len(bounds))
	var sums, totals []sample
	sum := 0.0
	for _, at := range times {
		reset := g.chance(2)
		added := 0.0
		for b := range bounds {
			if !isStale(at) {
				added += float64(g.rng.IntN(4))
				counts[b] += added
				if reset {
					counts[b] = added
				}
				if broken == 0 && g.chance(10) { // not monotonic
					counts[b] = math.Max(0, counts[b]-20)
				}
				at.v = counts[b]
			}
			if broken == 1 && g.chance(20) { // a bucket not scraped
				continue
			}
			buckets[b] = append(buckets[b], at)
		}
		sum += added * g.rng.Float64()
		if !isStale(at) {
			at.v = sum
		}
		sums, totals = append(sums, at), append(totals, at)
	}
	for b, bound := range bounds {
		switch {
		case broken == 2 && bound == "+Inf":
			continue
		case broken == 3 && bound == "2.5":
			bound = pick(g, "2.50", "1.0", "abc", "NaN", "-Inf", "")
		case broken == 4 && b < 4:
			continue
		}
		g.add("h_bucket", append(append([]string{}, target...), "le", bound), buckets[b])
		if g.chance(20) { // the same as a gauge without suffix, so that native ones may collide
			g.add("nhcb_broken", append(append([]string{}, target...), "le", bound), buckets[b])
		}
	}
	g.add("h_sum", target, sums)
	g.add("h_count", target, totals)
}

func (g *generator) infos(target []string) {
	if g.chance(20) {
		return
	}
	times := g.times()
	cut := g.rng.IntN(len(times) + 1)
	overlap := min(len(times), cut+pick(g, 0, 0, 1, 5))
	one := func(in []sample) []sample {
		out := append([]sample{}, in...)
		for i := range out {
			if !isStale(out[i]) {
				out[i].v = 1
			}
		}
		return out
	}
	data := func(version string) []string {
		return append(append([]string{}, target...), "version", version, "data", pick(g, "x", "y", "info"))
	}
	g.add("target_info", data("1"), one(times[:overlap]))
	g.add("target_info", data("2"), one(times[cut:]))
	if g.chance(60) {
		g.add("build_info", append(append([]string{}, target...), "build", pick(g, "b1", "b2"), "version", "9"), one(times))
	}
}
