// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/document.h"

#include <cmath>

#include "base/civil.h"
#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::reports {

absl::StatusOr<Form> FormNamed(std::string_view name) {
  if (name == "text" || name == "table") return Form::kText;
  if (name == "html") return Form::kHtml;
  if (name == "markdown") return Form::kMarkdown;
  if (name == "json") return Form::kJson;
  if (name == "csv") return Form::kCsv;
  return InvalidArgument("expected text, html, markdown, json or csv, got {}", GoQuote(name));
}

std::string_view MediaType(Form form) {
  switch (form) {
    case Form::kHtml:
      return "text/html; charset=utf-8";
    case Form::kMarkdown:
      return "text/markdown; charset=utf-8";
    case Form::kJson:
      return "application/json";
    case Form::kCsv:
      return "text/csv; charset=utf-8";
    case Form::kText:
      break;
  }
  return "text/plain; charset=utf-8";
}

std::string_view FileExtension(Form form) {
  switch (form) {
    case Form::kHtml:
      return "html";
    case Form::kMarkdown:
      return "md";
    case Form::kJson:
      return "json";
    case Form::kCsv:
      return "csv";
    case Form::kText:
      break;
  }
  return "txt";
}

std::string Render(const Document& document, Form form) {
  switch (form) {
    case Form::kHtml:
      return RenderHtml(document);
    case Form::kMarkdown:
      return RenderMarkdown(document);
    case Form::kJson:
      return RenderJson(document);
    case Form::kCsv:
      return RenderCsv(document);
    case Form::kText:
      break;
  }
  return RenderText(document);
}

std::string NumberText(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const double size = std::abs(value);
  if (size >= 1e9) return fmt::format("{:.3e}", value);
  if (size >= 1000) return fmt::format("{:.0f}", value);
  std::string text = fmt::format("{:.4g}", value);
  return text == "-0" ? "0" : text;
}

std::string PercentText(double ratio) {
  if (std::isnan(ratio)) return "-";
  if (std::isinf(ratio)) return ratio > 0 ? "inf" : "-inf";
  const std::string text = fmt::format("{:.1f}%", ratio * 100);
  return text == "-0.0%" ? "0.0%" : text;
}

std::string SecondsText(double seconds) {
  if (std::isnan(seconds)) return "-";
  if (std::isinf(seconds)) return "never";
  if (seconds < 0) return "-" + SecondsText(-seconds);
  if (seconds < 10) return fmt::format("{:.3g}s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{}s", whole / 60, whole % 60);
  if (whole < 2 * 86'400) return fmt::format("{}h{}m", whole / 3600, whole % 3600 / 60);
  return fmt::format("{}d", whole / 86'400);
}

std::string TimeText(int64_t ms) {
  std::string text = IsoText(CivilOf(ms >= 0 ? ms / 1000 : (ms - 999) / 1000));
  text[10] = ' ';
  return text + "Z";
}

Cell NumberCell(double value, Tone tone) { return {NumberText(value), value, tone}; }
Cell PercentCell(double ratio, Tone tone) { return {PercentText(ratio), ratio, tone}; }
Cell SecondsCell(double seconds, Tone tone) { return {SecondsText(seconds), seconds, tone}; }

}  // namespace synoptic::reports
