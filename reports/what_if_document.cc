// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/what_if_document.h"

#include <algorithm>
#include <numeric>

#include "base/json_writer.h"
#include "base/strings.h"
#include "fmt/format.h"

namespace synoptic::reports {
namespace {

using domain::Verdict;

Tone ToneOf(Verdict verdict) {
  if (verdict == Verdict::kUnknown) return Tone::kWarn;
  return verdict == Verdict::kTrue ? Tone::kGood : Tone::kBad;
}

// Those that do not fit first, then by headroom.
std::vector<size_t> Tightest(const WhatIf& answer, size_t most) {
  std::vector<size_t> order(answer.pools.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto tightness = [&](size_t i) {
    const PoolOutcome& pool = answer.pools[i];
    return std::pair(static_cast<int>(pool.fits), pool.tightest ? pool.tightest_fraction : -1e300);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(tightness(a), a) < std::pair(tightness(b), b);
  });
  order.resize(std::min(order.size(), most));
  return order;
}

Table RegionTable(const CapacitySpec& spec, const WhatIf& answer,
                  const std::vector<size_t>& order) {
  Table table;
  table.columns = {{"resource"},
                   {"region"},
                   {"state"},
                   {"load", "", true},
                   {"supply", "", true},
                   {"used now", "", true},
                   {"load after", "", true},
                   {"used after", "", true},
                   {"headroom", "", true},
                   {"buy", "", true},
                   {"scaling takes", "", true},
                   {"unit"}};
  for (const size_t i : order) {
    const PoolOutcome& pool = answer.pools[i];
    const Resource& resource = spec.resources[pool.resource];
    for (size_t r = 0; r < pool.regions.size(); ++r) {
      const RegionOutcome& region = pool.regions[r];
      if (region.fate == Fate::kAbsent) continue;
      Row row;
      row.source = static_cast<int>(pool.resource);
      row.cells = {PoolName(spec, pool.resource, pool.pool), spec.regions[r].name,
                   Cell(std::string(FateName(region.fate)),
                        region.fate == Fate::kServes ? Tone::kPlain : Tone::kWarn)};
      row.cells.push_back(region.load ? NumberCell(*region.load) : Cell("unseen"));
      row.cells.push_back(region.supply ? NumberCell(*region.supply) : Cell("unseen"));
      row.cells.push_back(region.load && region.supply ? PercentCell(region.utilisation)
                                                       : Cell("-"));
      if (region.fate == Fate::kServes) {
        const Tone tone = region.headroom < 0 ? Tone::kBad : Tone::kPlain;
        row.cells.push_back(NumberCell(region.load_after));
        row.cells.push_back(PercentCell(region.utilisation_after, tone));
        row.cells.push_back(NumberCell(region.headroom, tone));
        row.cells.push_back(NumberCell(region.buy));
        row.cells.push_back(region.scale_s ? SecondsCell(*region.scale_s) : Cell("?"));
      } else {
        for (int k = 0; k < 5; ++k) row.cells.emplace_back("-");
      }
      row.cells.emplace_back(resource.unit);
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table PoolTable(const CapacitySpec& spec, const WhatIf& answer, const std::vector<size_t>& order) {
  Table table;
  table.title = "By resource";
  table.columns = {{"resource"},
                   {"fits"},
                   {"tightest region"},
                   {"load to move", "", true},
                   {"shed", "", true},
                   {"shed share", "", true},
                   {"excess now", "", true},
                   {"N+1 needs", "", true},
                   {"least possible", "", true},
                   {"largest share", "", true},
                   {"buy for N+1", "", true},
                   {"cost a month", "", true}};
  for (const size_t i : order) {
    const PoolOutcome& pool = answer.pools[i];
    Row row;
    row.source = static_cast<int>(pool.resource);
    row.cells = {PoolName(spec, pool.resource, pool.pool),
                 Cell(std::string(FitName(pool.fits)), ToneOf(pool.fits)),
                 pool.tightest ? Cell(spec.regions[*pool.tightest].name) : Cell("none left"),
                 NumberCell(pool.lost_load),
                 NumberCell(pool.shed),
                 PercentCell(pool.shed_fraction)};
    if (pool.spare) {
      const double price = spec.resources[pool.resource].price;
      row.cells.push_back(PercentCell(pool.spare->excess_now));
      row.cells.push_back(PercentCell(pool.spare->excess_required));
      row.cells.push_back(PercentCell(pool.spare->excess_least));
      row.cells.push_back(PercentCell(pool.spare->largest_share));
      row.cells.push_back(NumberCell(pool.spare->buy));
      row.cells.push_back(price > 0 ? NumberCell(pool.spare->buy * price) : Cell("-"));
    } else {
      for (int k = 0; k < 6; ++k) row.cells.emplace_back("-");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string VerdictText(const CapacitySpec& spec, const WhatIf& answer) {
  std::string text(FitName(answer.fits));
  if (!answer.binding) return text;
  const PoolOutcome& pool = answer.pools[*answer.binding];
  return fmt::format("{}: binding is {} in {}, headroom {} of what is usable", text,
                     PoolName(spec, pool.resource, pool.pool), spec.regions[*pool.tightest].name,
                     PercentText(pool.tightest_fraction));
}

void WriteRegion(const CapacitySpec& spec, size_t r, const RegionOutcome& region,
                 JsonWriter& json) {
  json.Object([&] {
    json.Member("region", spec.regions[r].name).Member("state", FateName(region.fate));
    json.Member("load", region.load).Member("supply", region.supply);
    if (region.load && region.supply) json.Member("utilisation", region.utilisation);
    if (region.fate != Fate::kServes) return;
    json.Member("load_after", region.load_after);
    json.Member("utilisation_after", region.utilisation_after);
    json.Member("headroom", region.headroom).Member("buy", region.buy);
    json.Member("elastic_headroom", region.elastic_headroom);
    json.Member("discounted_headroom", region.discounted_headroom);
    json.Member("scaling_seconds", region.scale_s);
    json.Member("shed_while_scaling", region.shed_meanwhile);
  });
}

void WritePool(const CapacitySpec& spec, const PoolOutcome& pool, JsonWriter& json) {
  const Resource& resource = spec.resources[pool.resource];
  json.Object([&] {
    json.Member("resource", resource.name).Member("pool", pool.pool).Member("unit", resource.unit);
    json.Member("fits", FitName(pool.fits)).Member("target_utilisation", resource.target);
    json.Member("lost_load", pool.lost_load).Member("pinned_load", pool.pinned_load);
    json.Member("shed", pool.shed).Member("shed_fraction", pool.shed_fraction);
    if (pool.tightest) {
      json.Member("tightest_region", spec.regions[*pool.tightest].name);
      json.Member("headroom_fraction", pool.tightest_fraction);
    }
    json.Array("regions", [&] {
      for (size_t r = 0; r < pool.regions.size(); ++r) {
        if (pool.regions[r].fate != Fate::kAbsent) WriteRegion(spec, r, pool.regions[r], json);
      }
    });
    if (pool.spare) {
      json.Object("spare", [&] {
        json.Member("excess_now", pool.spare->excess_now);
        json.Member("excess_required", pool.spare->excess_required);
        json.Member("excess_least", pool.spare->excess_least);
        json.Member("largest_share", pool.spare->largest_share);
        json.Member("buy", pool.spare->buy);
        if (resource.price > 0) json.Member("cost", pool.spare->buy * resource.price);
      });
    }
    json.Member("source", pool.resource);
  });
}

}  // namespace

std::string_view FitName(Verdict verdict) {
  if (verdict == Verdict::kUnknown) return "UNKNOWN";
  return verdict == Verdict::kTrue ? "FITS" : "DOES_NOT_FIT";
}

std::string LostText(const CapacitySpec& spec, const Scenario& scenario) {
  std::vector<std::string> names;
  for (const size_t r : scenario.lose) names.push_back(spec.regions[r].name);
  return names.empty() ? "nothing" : Join(names, ", ");
}

Document WhatIfDocument(const CapacitySpec& spec, const CapacityInputs& inputs,
                        const WhatIf& answer, size_t max_pools) {
  Document document;
  document.kind = "whatif";
  document.title = fmt::format("What if {} is lost", LostText(spec, answer.scenario));
  if (answer.scenario.growth != 1) {
    document.title +=
        fmt::format(" and load is {} times as much", NumberText(answer.scenario.growth));
  }
  document.at_ms = inputs.at_ms;
  document.verdict = VerdictText(spec, answer);
  document.tone = ToneOf(answer.fits);
  document.warnings = answer.notes;
  document.sources = inputs.sources;
  Section section;
  section.paragraphs.push_back(fmt::format("Load moves by this model: {}.", spec.ModelText()));
  const std::vector<size_t> order = Tightest(answer, max_pools);
  if (order.size() < answer.pools.size()) {
    section.paragraphs.push_back(
        fmt::format("The {} tightest of {} pools are shown.", order.size(), answer.pools.size()));
  }
  section.tables.push_back(RegionTable(spec, answer, order));
  section.tables.push_back(PoolTable(spec, answer, order));
  document.sections.push_back(std::move(section));
  return document;
}

std::string WhatIfJson(const CapacitySpec& spec, const CapacityInputs& inputs,
                       const WhatIf& answer) {
  constexpr size_t kRegionBytes = 320;  // about; a thousand pools are megabytes
  std::string out;
  out.reserve(4096 + answer.pools.size() * (spec.regions.size() + 1) * kRegionBytes);
  JsonWriter json(out);
  json.Object([&] {
    json.Array("lost", [&] {
      for (const size_t r : answer.scenario.lose) json.Value(spec.regions[r].name);
    });
    json.Member("growth", answer.scenario.growth);
    json.Member("at", static_cast<double>(inputs.at_ms) / 1000);
    json.Member("verdict", FitName(answer.fits)).Member("model", spec.ModelText());
    if (answer.binding) {
      const PoolOutcome& pool = answer.pools[*answer.binding];
      json.Object("binding", [&] {
        json.Member("resource", spec.resources[pool.resource].name).Member("pool", pool.pool);
        json.Member("region", spec.regions[*pool.tightest].name);
        json.Member("headroom_fraction", pool.tightest_fraction);
      });
    }
    json.Array("notes", [&] {
      for (const std::string& note : answer.notes) json.Value(note);
    });
    json.Array("pools", [&] {
      for (const PoolOutcome& pool : answer.pools) WritePool(spec, pool, json);
    });
    json.Array("sources", [&] {
      for (const Source& source : inputs.sources) {
        json.Object([&] {
          json.Member("query", source.query).Member("model", source.model);
          json.Member("data_age_seconds", source.age_s).Member("coverage", source.coverage);
        });
      }
    });
  });
  return out;
}

}  // namespace synoptic::reports
