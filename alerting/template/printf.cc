// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/printf.h"

#include <algorithm>

#include "base/go_format.h"
#include "fmt/format.h"

namespace synoptic::alerting {
namespace {

struct Spec {
  bool minus = false, plus = false, zero = false, space = false, sharp = false;
  int width = 0;
  int precision = -1;
  char verb = 0;
};

int TakeNumber(std::string_view format, size_t& i) {
  int number = 0;
  while (i < format.size() && format[i] >= '0' && format[i] <= '9') {
    number = std::min(number * 10 + (format[i++] - '0'), 1000);
  }
  return number;
}

Spec ParseSpec(std::string_view format, size_t& i) {
  Spec spec;
  for (; i < format.size(); ++i) {
    const char c = format[i];
    if (c == '-')
      spec.minus = true;
    else if (c == '+')
      spec.plus = true;
    else if (c == '0')
      spec.zero = true;
    else if (c == ' ')
      spec.space = true;
    else if (c == '#')
      spec.sharp = true;
    else
      break;
  }
  spec.width = TakeNumber(format, i);
  if (i < format.size() && format[i] == '.') {
    ++i;
    spec.precision = TakeNumber(format, i);
  }
  if (i < format.size()) spec.verb = format[i++];
  return spec;
}

std::string Pad(std::string text, const Spec& spec, bool numeric) {
  const auto width = static_cast<size_t>(spec.width);
  if (text.size() >= width) return text;
  const size_t missing = width - text.size();
  if (spec.minus) return text + std::string(missing, ' ');
  if (spec.zero && numeric) {
    const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    return text.insert(sign, missing, '0');
  }
  return std::string(missing, ' ') + text;
}

std::string FormatFloat(double v, const Spec& spec) {
  std::string text;
  if (!(v - v == 0)) {
    text = GoFloatG(v);
    if (text == "+Inf" && !spec.plus) text = "+Inf";
  } else if (spec.verb == 'f' || spec.verb == 'F') {
    text = fmt::format("{:.{}f}", v, spec.precision < 0 ? 6 : spec.precision);
  } else if (spec.verb == 'e') {
    text = fmt::format("{:.{}e}", v, spec.precision < 0 ? 6 : spec.precision);
  } else if (spec.precision >= 0) {
    text = fmt::format("{:.{}g}", v, spec.precision);
  } else {
    text = GoFloatG(v);
  }
  if (spec.plus && v >= 0 && text[0] != '+') text.insert(0, "+");
  return Pad(std::move(text), spec, true);
}

std::string Bad(const Value& arg, char verb) {
  return fmt::format("%!{}({}={})", verb, arg.TypeName(), arg.Print());
}

std::string FormatOne(const Value& arg, const Spec& spec) {
  const std::string_view verbs_of_float = "vfFeg";
  if (const auto* d = arg.As<double>()) {
    return verbs_of_float.find(spec.verb) == std::string_view::npos ? Bad(arg, spec.verb)
                                                                    : FormatFloat(*d, spec);
  }
  if (const auto* i = arg.As<int64_t>()) {
    if (spec.verb == 'd' || spec.verb == 'v') {
      return Pad((spec.plus && *i >= 0 ? "+" : "") + std::to_string(*i), spec, true);
    }
    if (spec.verb == 'x') return Pad(fmt::format("{:x}", *i), spec, true);
    if (spec.verb == 'c') return Pad(std::string(1, static_cast<char>(*i)), spec, false);
    return Bad(arg, spec.verb);
  }
  if (arg.As<bool>() != nullptr) {
    return spec.verb == 't' || spec.verb == 'v' ? Pad(arg.Print(), spec, false)
                                                : Bad(arg, spec.verb);
  }
  std::string text = arg.Print();
  if (spec.verb != 's' && spec.verb != 'v' && spec.verb != 'q' && spec.verb != 'x') {
    return Bad(arg, spec.verb);
  }
  if (spec.precision >= 0) text.resize(std::min(text.size(), static_cast<size_t>(spec.precision)));
  if (spec.verb == 'q') text = GoQuote(text);
  if (spec.verb == 'x') {
    std::string hex;
    for (const char c : text) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    text = std::move(hex);
  }
  return Pad(std::move(text), spec, false);
}

}  // namespace

std::string GoSprintf(std::string_view format, const std::vector<Value>& args) {
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < format.size();) {
    if (format[i] != '%') {
      out += format[i++];
      continue;
    }
    ++i;
    const Spec spec = ParseSpec(format, i);
    if (spec.verb == '%') {
      out += '%';
    } else if (spec.verb == 0) {
      out += "%!(NOVERB)";
    } else if (next >= args.size()) {
      out += fmt::format("%!{}(MISSING)", spec.verb);
    } else {
      out += FormatOne(args[next++], spec);
    }
  }
  if (next < args.size()) {
    out += "%!(EXTRA ";
    for (size_t i = next; i < args.size(); ++i) {
      if (i > next) out += ", ";
      out += args[i].TypeName() + "=" + args[i].Print();
    }
    out += ')';
  }
  return out;
}

}  // namespace synoptic::alerting
