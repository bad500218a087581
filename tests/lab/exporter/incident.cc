// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// The time line of scripted incidents.
#include "tests/lab/exporter/incident.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace synoptic::lab {
namespace {

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || line[begin] == '#') return words;
    line.remove_prefix(begin);
    const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<Verb> ParseVerb(std::string_view word) {
  if (word == "lag") return Verb::kLag;
  if (word == "cut") return Verb::kCut;
  if (word == "surge") return Verb::kSurge;
  if (word == "dark") return Verb::kDark;
  if (word == "restart") return Verb::kRestart;
  return std::nullopt;
}

bool ParseSeconds(std::string_view text, double& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size() && out >= 0;
}

bool Assign(Incident& incident, std::string_view key, std::string_view value) {
  if (key == "db") return incident.db = value, true;
  if (key == "destination") return incident.destination = value, true;
  if (key == "at") return ParseSeconds(value, incident.at);
  if (key == "every") return ParseSeconds(value, incident.every);
  if (key == "ramp") return ParseSeconds(value, incident.ramp);
  if (key == "for" || key == "gap") return ParseSeconds(value, incident.lasts);
  if (key == "add") return ParseSeconds(value, incident.add);
  return false;
}

// Seconds since the current (or last) beginning of `incident`; negative before the first.
double Elapsed(const Incident& incident, double now) {
  const double since = now - incident.at;
  return since >= 0 && incident.every > 0 ? std::fmod(since, incident.every) : since;
}

bool Active(const Incident& incident, double now) {
  const double elapsed = Elapsed(incident, now);
  return elapsed >= 0 && elapsed < incident.lasts;
}

// What `incident` adds once it has lasted for `elapsed`.
double Ramped(const Incident& incident, double elapsed) {
  return incident.ramp > 0 ? incident.add * std::min(1.0, elapsed / incident.ramp) : incident.add;
}

bool Matches(std::string_view wanted, std::string_view name) {
  return wanted.empty() || wanted == name;
}

}  // namespace

std::optional<Incident> ParseIncident(std::string_view line, std::string& error) {
  Incident incident;
  bool has_verb = false;
  for (const std::string_view word : Words(line)) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      const std::optional<Verb> verb = ParseVerb(word);
      if (!verb || has_verb) {
        error =
            "\"" + std::string(word) + "\": expected one of lag, cut, surge, dark, restart, once";
        return std::nullopt;
      }
      incident.verb = *verb;
      has_verb = true;
    } else if (!Assign(incident, word.substr(0, equals), word.substr(equals + 1))) {
      error = "\"" + std::string(word) +
              "\": expected db=, destination=, or at= every= ramp= for= gap= add= with seconds";
      return std::nullopt;
    }
  }
  if (!has_verb) {
    error = "expected one of lag, cut, surge, dark, restart";
    return std::nullopt;
  }
  return incident;
}

void Script::Add(Incident incident, double origin) {
  incident.at += origin;
  incidents_.push_back(std::move(incident));
}

double Script::ExtraLag(double now, std::string_view db, std::string_view destination) const {
  double lag = 0;
  for (const Incident& incident : incidents_) {
    if (!Active(incident, now) || !Matches(incident.db, db) ||
        !Matches(incident.destination, destination)) {
      continue;
    }
    const double elapsed = Elapsed(incident, now);
    if (incident.verb == Verb::kCut) lag += elapsed;
    if (incident.verb == Verb::kLag) lag += Ramped(incident, elapsed);
  }
  return lag;
}

double Script::Surge(double now) const {
  double surge = 0;
  for (const Incident& incident : incidents_) {
    if (incident.verb != Verb::kSurge || !Active(incident, now)) continue;
    surge += Ramped(incident, Elapsed(incident, now));
  }
  return surge;
}

bool Script::Dark(double now) const {
  return std::any_of(incidents_.begin(), incidents_.end(), [now](const Incident& incident) {
    return (incident.verb == Verb::kDark || incident.verb == Verb::kRestart) &&
           Active(incident, now);
  });
}

int64_t Script::Restarts(double now) const {
  int64_t restarts = 0;
  for (const Incident& incident : incidents_) {
    if (incident.verb != Verb::kRestart || now < incident.at) continue;
    restarts += 1;
    if (incident.every > 0) {
      restarts += static_cast<int64_t>((now - incident.at) / incident.every);
    }
  }
  return restarts;
}

}  // namespace synoptic::lab
