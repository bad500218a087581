// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// usage: domain_vectors vectors.json [--self-test]
// Computes every vector and compares. Prints a line an id with the number of values compared, then
// the sums; exits with 1 when one differs, has no runner, or when a runner has no vector. With
// --self-test every value is spoiled in turn, and each time the comparison must say so; and every
// number given to the library is replaced by NaN, +Inf and -1 in turn: it may refuse, or answer
// with numbers, but never with NaN.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <set>

#include "fmt/format.h"
#include "tests/domain/runner.h"

namespace synoptic::domain_vectors {
namespace {

namespace dom = simdjson::dom;

std::string current_id;

// The number that a runner reads as the inject_at-th is this one.
int numbers_read = 0;
int inject_at = -1;
double injected = 0;

// Another value of the same type, off by more than any tolerance.
Value Spoiled(const Value& leaf) {
  if (const auto* b = std::get_if<bool>(&leaf.v)) return {!*b};
  if (const auto* d = std::get_if<double>(&leaf.v)) {
    return {std::isfinite(*d) ? *d + 1e-6 * (1 + std::abs(*d)) : 1.0};
  }
  return {std::get<std::string>(leaf.v) + "?"};
}

// Spoils each leaf; returns how many of these the comparison missed.
int Missed(dom::element want, Value have, double rel_tol) {
  int missed = 0;
  for (Value* leaf : LeavesOf(have)) {
    const Value good = *leaf;
    *leaf = Spoiled(good);
    if (CompareValue(want, have, rel_tol).where.empty()) ++missed;
    *leaf = good;
  }
  return missed;
}

bool HoldsNan(Value value) {
  for (const Value* leaf : LeavesOf(value)) {
    const auto* number = std::get_if<double>(&leaf->v);
    if (number != nullptr && std::isnan(*number)) return true;
  }
  return false;
}

// What a runner makes of nonsense, in a process of its own: empty, or what went wrong.
std::string Nonsense(const Runner& runner, const Input& inputs) {
  numbers_read = 0;
  runner(inputs);
  const int numbers = numbers_read;
  for (int at = 0; at < numbers; ++at) {
    for (const double value : {std::nan(""), static_cast<double>(INFINITY), -1.0}) {
      std::fflush(stdout);
      const pid_t child = fork();
      if (child == 0) {
        if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(4);
        numbers_read = 0;
        inject_at = at;
        injected = value;
        _exit(HoldsNan(runner(inputs)) ? 3 : 0);
      }
      int status = 0;
      if (child < 0 || waitpid(child, &status, 0) != child) return "cannot fork";
      if (WIFSIGNALED(status)) return fmt::format("crashes on {} for number {}", value, at);
      if (WEXITSTATUS(status) == 4) return "cannot open /dev/null";
      if (WEXITSTATUS(status) == 3) {
        return fmt::format("answers NaN to {} for number {}", value, at);
      }
    }
  }
  return "";
}

int Run(const std::string& path, bool self_test) {
  dom::parser parser;
  dom::element document;
  if (const auto error = parser.load(path).get(document)) {
    fmt::print(stderr, "{}: {}\n", path, simdjson::error_message(error));
    return 2;
  }
  Runners runners;
  AddVerdictRunners(runners);
  AddSloRunners(runners);
  AddReplicationRunners(runners);
  AddCapacityRunners(runners);
  AddRecoveryRunners(runners);

  int passed = 0;
  int failed = 0;
  int values = 0;
  std::set<std::string> seen;
  const Input root(document);
  for (const Input& vector : root["vectors"].list()) {
    current_id = vector["id"].text();
    const bool again = !seen.insert(current_id).second;
    const auto runner = runners.find(current_id);
    std::string fault;
    int compared = 0;
    if (again) {
      fault = "given twice";
    } else if (runner == runners.end()) {
      fault = "no runner";
    } else {
      const Value have = runner->second(vector["inputs"]);
      dom::element want;
      if (document["vectors"].at(seen.size() - 1)["outputs"].get(want)) Fail("no outputs");
      const Difference difference = CompareValue(want, have, vector("rel_tol"));
      fault = difference.where;
      compared = difference.leaves;
      if (self_test && fault.empty()) {
        const int missed = Missed(want, have, vector("rel_tol"));
        if (missed > 0) fault = fmt::format("{} spoiled values not noticed", missed);
        // Prometheus' own functions answer NaN to NaN, as they must.
        const bool prometheus = current_id == "E10" || current_id == "J1";
        if (fault.empty() && !prometheus) fault = Nonsense(runner->second, vector["inputs"]);
      }
    }
    fmt::print("{:4} {} {:4} values{}{}\n", current_id, fault.empty() ? "ok  " : "FAIL", compared,
               fault.empty() ? "" : ": ", fault);
    ++(fault.empty() ? passed : failed);
    values += compared;
  }
  for (const auto& [id, runner] : runners) {
    if (seen.contains(id)) continue;
    fmt::print("{:4} FAIL: a runner without a vector\n", id);
    ++failed;
  }
  fmt::print("vectors_passed {} count\nvectors_failed {} count\nvalues_compared {} count\n", passed,
             failed, values);
  return failed == 0 && passed == root["count"].whole() ? 0 : 1;
}

}  // namespace

void Fail(std::string_view why) {
  fmt::print(stderr, "vector {}: {}\n", current_id, why);
  std::fflush(stdout);
  _exit(1);
}

Input Input::operator[](std::string_view key) const {
  simdjson::dom::element element;
  if (element_[key].get(element)) Fail(fmt::format("no input \"{}\"", key));
  return Input(element);
}

Input Input::operator[](size_t index) const {
  simdjson::dom::element element;
  if (element_.at(index).get(element)) Fail(fmt::format("no item {}", index));
  return Input(element);
}

double Input::number() const { return numbers_read++ == inject_at ? injected : raw_number(); }

double Input::raw_number() const {
  if (double d = 0; element_.get(d) == simdjson::SUCCESS) return d;
  if (std::string_view s; element_.get(s) == simdjson::SUCCESS && s == "inf") return INFINITY;
  Fail("an input is no number");
}

bool Input::truth() const {
  bool b = false;
  if (element_.get(b)) Fail("an input is no boolean");
  return b;
}

std::string Input::text() const {
  std::string_view s;
  if (element_.get(s)) Fail("an input is no text");
  return std::string(s);
}

std::vector<Input> Input::list() const {
  simdjson::dom::array array;
  if (element_.get(array)) Fail("an input is no list");
  std::vector<Input> items;
  for (const simdjson::dom::element element : array) items.push_back(Input(element));
  return items;
}

std::vector<double> Input::numbers() const {
  std::vector<double> numbers;
  for (const Input& item : list()) numbers.push_back(item.number());
  return numbers;
}

std::vector<std::pair<std::string, Input>> Input::members() const {
  simdjson::dom::object object;
  if (element_.get(object)) Fail("an input is no map");
  std::vector<std::pair<std::string, Input>> members;
  for (const auto [key, element] : object) members.emplace_back(std::string(key), Input(element));
  return members;
}

}  // namespace synoptic::domain_vectors

int main(int argc, char** argv) {
  const bool self_test = argc == 3 && std::string_view(argv[2]) == "--self-test";
  if (argc != 2 && !self_test) {
    std::fputs("usage: domain_vectors vectors.json [--self-test]\n", stderr);
    return 2;
  }
  return synoptic::domain_vectors::Run(argv[1], self_test);
}
