// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// lab_exporter: plays one region's service for real Prometheus servers to scrape, or writes its
// past as OpenMetrics text. GET /metrics scrapes; POST /incidents adds lines of incident.h, an
// empty body clears them.
#include <prometheus/text_serializer.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/lab/exporter/history.h"
#include "tests/lab/exporter/incident.h"
#include "tests/lab/exporter/model.h"
#include "tests/lab/exporter/responder.h"

namespace synoptic::lab {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

double Now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Adds each line of `text`; on a faulty line says which one and adds nothing.
bool AddIncidents(std::string_view text, double origin, Script& script, std::string& error) {
  std::vector<Incident> incidents;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
    std::string fault;
    const std::optional<Incident> incident = ParseIncident(line, fault);
    if (!incident) {
      error = "line " + std::to_string(number) + ": " + fault;
      return false;
    }
    incidents.push_back(*incident);
  }
  for (Incident& incident : incidents) script.Add(std::move(incident), origin);
  return true;
}

class Exporter {
 public:
  Exporter(const ModelOptions& options, Script script)
      : options_(options), script_(std::move(script)), start_(Now()), last_(start_) {
    Restart();
  }

  void CatchUp() {
    const double now = Now();
    if (now - last_ < 1) return;
    if (const int64_t restarts = script_.Restarts(now - start_); restarts != restarts_) {
      restarts_ = restarts;
      Restart();
    }
    model_->Advance(now, now - last_, script_, now - start_);
    last_ = now;
  }

  std::optional<Response> Handle(const Request& request) {
    CatchUp();
    if (request.path == "/incidents" && request.method == "POST") return Control(request.body);
    if (script_.Dark(last_ - start_)) return std::nullopt;
    if (request.path != "/metrics") return Response{404, "text/plain", "only /metrics is here\n"};
    return Response{.body = prometheus::TextSerializer().Serialize(registry_->Collect())};
  }

 private:
  void Restart() {
    model_.reset();
    registry_ = std::make_unique<prometheus::Registry>();
    model_ = std::make_unique<Model>(options_, *registry_);
    model_->Advance(last_, 1, script_, last_ - start_);
  }

  Response Control(const std::string& body) {
    if (body.find_first_not_of(" \r\n\t") == std::string::npos) {
      script_.Clear();
      restarts_ = 0;
      return {200, "text/plain", "cleared\n"};
    }
    std::string error;
    if (!AddIncidents(body, last_ - start_, script_, error)) {
      return {400, "text/plain", error + "\n"};
    }
    return {200, "text/plain", "added\n"};
  }

  const ModelOptions options_;
  Script script_;
  const double start_;
  double last_;
  int64_t restarts_ = 0;
  std::unique_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Model> model_;  // fills registry_, so it goes first
};

int Serve(const ModelOptions& options, Script script, int port) {
  Responder responder(port);
  if (!responder.ok()) {
    std::cerr << "lab_exporter: cannot listen on 127.0.0.1:" << port << "\n";
    return 1;
  }
  std::cout << "listening 127.0.0.1:" << responder.port() << "\n" << std::flush;
  Exporter exporter(options, std::move(script));
  const auto handler = [&exporter](const Request& request) { return exporter.Handle(request); };
  while (stop_requested == 0) {
    responder.ServeOne(1000, handler);
    exporter.CatchUp();
  }
  return 0;
}

int Main(int argc, char** argv) {
  ModelOptions model;
  HistoryOptions history;
  int port = 0;
  std::string script_file;
  std::vector<std::string> labels;
  CLI::App app("Plays the service of one region: a target for the lab's Prometheus servers.");
  app.add_option("--region", model.region, "name of the region; part of the seed");
  app.add_option("--destinations", model.destinations, "regions it replicates to")->delimiter(',');
  app.add_option("--seed", model.seed, "the same seed tells the same story");
  app.add_option("--services", model.services)->check(CLI::Range(1, 100));
  app.add_option("--pods", model.pods, "of each service")->check(CLI::Range(1, 1000));
  app.add_option("--databases", model.databases)->check(CLI::Range(0, 1000));
  app.add_option("--pools", model.pools)->check(CLI::Range(0, 1000));
  app.add_option("--nodes", model.nodes)->check(CLI::Range(0, 1000));
  app.add_option("--port", port, "on 127.0.0.1; 0: a free one, printed");
  app.add_option("--script", script_file, "file of incidents, one a line");
  auto* start = app.add_option("--history-start", history.start,
                               "write the past from here (seconds) to stdout, do not serve");
  app.add_option("--history-end", history.end)->needs(start);
  app.add_option("--history-step", history.step)->needs(start)->check(CLI::PositiveNumber);
  app.add_option("--label", labels, "name=value, added to every series of a history")->needs(start);
  CLI11_PARSE(app, argc, argv);

  Script script;
  if (!script_file.empty()) {
    std::ifstream file(script_file);
    std::stringstream text;
    text << file.rdbuf();
    std::string error = file ? "" : "cannot read it";
    if (!file || !AddIncidents(text.str(), 0, script, error)) {
      std::cerr << "lab_exporter: " << script_file << ": " << error << "\n";
      return 2;
    }
  }
  for (const std::string& label : labels) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos) {
      std::cerr << "lab_exporter: --label \"" << label << "\": expected name=value\n";
      return 2;
    }
    history.labels.emplace_back(label.substr(0, equals), label.substr(equals + 1));
  }
  if (*start) {
    std::ios::sync_with_stdio(false);
    WriteHistory(model, script, history, std::cout);
    std::cout.flush();
    return std::cout ? 0 : 1;
  }
  std::signal(SIGINT, [](int) { stop_requested = 1; });
  std::signal(SIGTERM, [](int) { stop_requested = 1; });
  return Serve(model, std::move(script), port);
}

}  // namespace
}  // namespace synoptic::lab

int main(int argc, char** argv) { return synoptic::lab::Main(argc, argv); }
