// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// For programs: JSON and CSV. Numbers as computed, and their sources beside them.
#include "base/go_format.h"
#include "base/json_writer.h"
#include "fmt/format.h"
#include "reports/document.h"

namespace synoptic::reports {
namespace {

std::string_view ToneName(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "good";
    case Tone::kWarn:
      return "warn";
    case Tone::kBad:
      return "bad";
    case Tone::kPlain:
      break;
  }
  return "plain";
}

void WriteTable(const Table& table, JsonWriter& json) {
  json.Object([&] {
    json.Member("title", table.title);
    json.Array("columns", [&] {
      for (const Column& column : table.columns) {
        json.Object([&] { json.Member("name", column.name).Member("unit", column.unit); });
      }
    });
    json.Array("rows", [&] {
      for (const Row& row : table.rows) {
        json.Object([&] {
          json.Array("cells", [&] {
            for (const Cell& cell : row.cells) {
              if (cell.number) {
                json.Value(*cell.number);
              } else {
                json.Value(cell.text);
              }
            }
          });
          if (row.source >= 0) json.Member("source", row.source);
        });
      }
    });
  });
}

void WriteChart(const Chart& chart, JsonWriter& json) {
  json.Object([&] {
    json.Member("title", chart.title).Member("unit", chart.unit);
    json.Member("start_ms", chart.start_ms).Member("step_ms", chart.step_ms);
    if (chart.source >= 0) json.Member("source", chart.source);
    json.Array("lines", [&] {
      for (const Chart::Line& line : chart.lines) {
        json.Object([&] {
          json.Member("name", line.name);
          json.Array("values", [&] {
            for (const double value : line.values) json.Value(value);
          });
        });
      }
    });
    for (const auto& [name, values] :
         {std::pair("band_low", &chart.band_low), {"band_high", &chart.band_high}}) {
      if (values->empty()) continue;
      json.Array(name, [&] {
        for (const double value : *values) json.Value(value);
      });
    }
  });
}

// RFC 4180.
void AppendCsv(std::string_view text, std::string& out) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string CsvText(const Cell& cell) { return cell.number ? GoFloatF(*cell.number) : cell.text; }

}  // namespace

std::string RenderJson(const Document& document) {
  std::string out;
  JsonWriter json(out);
  json.Object([&] {
    json.Member("report", document.kind).Member("title", document.title);
    json.Member("at_ms", document.at_ms).Member("verdict", document.verdict);
    json.Member("tone", ToneName(document.tone));
    json.Array("warnings", [&] {
      for (const std::string& warning : document.warnings) json.Value(warning);
    });
    json.Array("sections", [&] {
      for (const Section& section : document.sections) {
        json.Object([&] {
          json.Member("title", section.title);
          json.Array("text", [&] {
            for (const std::string& paragraph : section.paragraphs) json.Value(paragraph);
          });
          json.Array("tables", [&] {
            for (const Table& table : section.tables) WriteTable(table, json);
          });
          json.Array("charts", [&] {
            for (const Chart& chart : section.charts) WriteChart(chart, json);
          });
        });
      }
    });
    json.Array("sources", [&] {
      for (const Source& source : document.sources) {
        json.Object([&] {
          json.Member("query", source.query).Member("model", source.model);
          json.Member("data_age_seconds", source.age_s).Member("coverage", source.coverage);
        });
      }
    });
  });
  return out;
}

// Every table after the other, an empty line between; each row ends with its source.
std::string RenderCsv(const Document& document) {
  std::string out;
  for (const Section& section : document.sections) {
    for (const Table& table : section.tables) {
      if (!out.empty()) out += "\r\n";
      for (const Column& column : table.columns) {
        AppendCsv(
            column.unit.empty() ? column.name : fmt::format("{} [{}]", column.name, column.unit),
            out);
        out += ',';
      }
      out += "query,model,data age [seconds],coverage\r\n";
      for (const Row& row : table.rows) {
        for (const Cell& cell : row.cells) {
          AppendCsv(CsvText(cell), out);
          out += ',';
        }
        const Source source =
            row.source >= 0 ? document.sources[static_cast<size_t>(row.source)] : Source();
        AppendCsv(source.query, out);
        out += ',';
        AppendCsv(source.model, out);
        out += ',';
        if (source.age_s) out += GoFloatF(*source.age_s);
        out += ',';
        AppendCsv(source.coverage, out);
        out += "\r\n";
      }
    }
  }
  return out;
}

}  // namespace synoptic::reports
