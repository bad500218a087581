// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <atomic>

#include "base/json.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace synoptic::log {
namespace {

// A sink for tests: the formatted line without its end.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> function)
      : function_(std::move(function)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    function_(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}
  std::function<void(std::string_view)> function_;
};

struct State {
  std::atomic<Level> level{Level::kInfo};
  std::atomic<Format> format{Format::kText};
  std::shared_ptr<spdlog::logger> logger;
};

// spdlog stamps the time: the pattern holds it, and the payload what comes after.
void ApplyPattern(State& state) {
  state.logger->set_pattern(state.format == Format::kJson
                                ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}"
                                : "time=%Y-%m-%dT%H:%M:%S.%eZ %v",
                            spdlog::pattern_time_type::utc);
}

std::shared_ptr<spdlog::logger> NewLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("synoptic", std::move(sink));
  logger->set_level(spdlog::level::trace);
  return logger;
}

// Never destroyed: other threads may log while the process ends.
State& Global() {
  static State* const state = [] {
    auto* created = new State();
    created->logger = NewLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    ApplyPattern(*created);
    return created;
  }();
  return *state;
}

constexpr const char* LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
      break;
  }
  return "ERROR";
}

void AppendText(std::string_view value, std::string& out) {
  const bool plain = !value.empty() && value.find_first_of(" =\"\\\n\r\t") == value.npos &&
                     value.find_first_of(std::string_view("\0\x1b\x7f", 3)) == value.npos;
  if (plain) {
    out += value;
  } else {
    out += GoQuote(value);
  }
}

}  // namespace

void Configure(Level level, Format format) {
  State& state = Global();
  state.level = level;
  state.format = format;
  ApplyPattern(state);
}

void SetSink(std::function<void(std::string_view line)> sink) {
  State& state = Global();
  if (sink) {
    state.logger = NewLogger(std::make_shared<FunctionSink>(std::move(sink)));
  } else {
    state.logger = NewLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  }
  ApplyPattern(state);
}

bool Enabled(Level level) { return level >= Global().level.load(std::memory_order_relaxed); }

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!Enabled(level)) return;
  State& state = Global();
  std::string line;
  if (state.format == Format::kJson) {
    line += "\"level\":\"";
    line += LevelName(level);
    line += "\",\"msg\":";
    AppendJsonString(message, line);
    for (const Field& field : fields) {
      line += ',';
      AppendJsonString(field.key, line);
      line += ':';
      if (field.bare) {
        line += field.value;
      } else {
        AppendJsonString(field.value, line);
      }
    }
  } else {
    line += "level=";
    line += LevelName(level);
    line += " msg=";
    AppendText(message, line);
    for (const Field& field : fields) {
      line += ' ';
      line += field.key;
      line += '=';
      AppendText(field.value, line);
    }
  }
  state.logger->log(spdlog::level::info, "{}", line);
  if (level == Level::kError) state.logger->flush();
}

}  // namespace synoptic::log
