// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The program's commands, one file each. Data goes to stdout, words to stderr; the result is the
// exit code: 0 success, 1 failure, 2 bad usage.
#pragma once

#include <string>
#include <vector>

#include "base/log.h"

namespace synoptic::app {

struct ServeArguments {
  std::string config;
  std::string listen = "0.0.0.0:9099";
  std::string admin_listen = "127.0.0.1:9098";  // "off": none
  bool admin_given = false;
  std::string data_dir = "data";
  std::string port_file;
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
  bool lifecycle = false;
};
int Serve(const ServeArguments& arguments);

// kAuto: what suits the data and where they go.
enum class OutputForm { kAuto, kTable, kJson, kCsv, kChart };

struct QueryArguments {
  std::string expression;
  std::string server = "http://127.0.0.1:9099";
  std::string time;
  std::string start;
  std::string end;
  std::string step;
  std::string timeout;
  bool explain = false;
  OutputForm output = OutputForm::kAuto;
};
int Query(const QueryArguments& arguments);

struct CheckConfigArguments {
  std::string file;
  bool live = false;  // connect to the servers, too
  OutputForm output = OutputForm::kTable;
};
int CheckConfig(const CheckConfigArguments& arguments);

struct TestRulesArguments {
  std::vector<std::string> files;
  std::vector<std::string> run;       // regular expressions over the tests' names
  std::vector<std::string> features;  // names of Prometheus' --enable-feature
  OutputForm output = OutputForm::kTable;
};
int TestRules(const TestRulesArguments& arguments);

// The packs that a configuration can choose, or the thresholds and rules of one.
struct PacksArguments {
  std::string pack;  // empty: all
  OutputForm output = OutputForm::kTable;
};
int Packs(const PacksArguments& arguments);

// A Promxy configuration into ours.
int ConvertPromxyCommand(const std::string& file);

int Version(OutputForm output);

}  // namespace synoptic::app
