// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// usage: promql_random_compare PORT QUERIES SEED SHOW EXPLAINED
//        promql_random_compare PORT again QUESTION
// Random queries, or the one of a line "ask again", to the real engine behind PORT and to ours: see
// README.md.
#include <chrono>
#include <future>
#include <iostream>
#include <map>
#include <set>

#include "base/status.h"
#include "tests/compat/engine/compare.h"
#include "tests/compat/engine/generator.h"
#include "tests/compat/engine/judge.h"
#include "tests/compat/engine/shrink.h"

namespace synoptic::compat {
namespace {

constexpr size_t kBatch = 100;
constexpr size_t kMostParts = 400;  // of a query, to look for an error in
constexpr double kSlowSeconds = 2;  // tell of such queries
// Making one difference small ends after so long, however large it is still.
constexpr std::chrono::seconds kShrinkBudget(60);

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  int64_t queries = 0;
  uint64_t seed = 0;
  int show = 0;
  std::string explained;
};

class Comparison {
 public:
  Comparison(const Options& options, std::vector<World> worlds, std::vector<Explained> explained)
      : options_(options), worlds_(std::move(worlds)), explained_(std::move(explained)) {}

  absl::Status Run() {
    Generator generator(options_.seed, worlds_);
    using Answers = absl::StatusOr<std::vector<std::string>>;
    std::vector<Question> asked = NextBatch(generator);
    std::future<Answers> answers = Ask(asked);
    while (!asked.empty()) {
      const std::vector<Question> batch = std::move(asked);
      std::vector<std::string> ours;
      for (const Question& q : batch) {
        const auto start = Clock::now();
        ours.push_back(AskOurs(q, worlds_[q.world]));
        const std::chrono::duration<double> took = Clock::now() - start;
        if (took.count() > kSlowSeconds)
          std::cerr << "slow: " << took.count() << " " << Describe(q) << "\n";
      }
      ASSIGN_OR_RETURN(const std::vector<std::string> theirs, answers.get());
      asked = NextBatch(generator);
      answers = Ask(asked);
      for (size_t i = 0; i < batch.size(); ++i) Compare(batch[i], theirs[i], ours[i]);
    }
    Report();
    return absl::OkStatus();
  }
  bool same() const { return different_ == 0; }

 private:
  std::vector<Question> NextBatch(Generator& generator) {
    std::vector<Question> batch;
    while (batch.size() < kBatch && generated_ < options_.queries) {
      batch.push_back(generator.Next());
      ++generated_;
    }
    return batch;
  }

  std::future<absl::StatusOr<std::vector<std::string>>> Ask(const std::vector<Question>& batch) {
    return std::async(std::launch::async,
                      [port = options_.port, batch] { return AskTheirs(port, batch); });
  }

  Judged Judge(const Question& question) {
    return compat::Judge(options_.port, question, worlds_[question.world]);
  }

  const Explained* ExplanationOf(const Question& question, const Judged& both) const {
    for (const Explained& one : explained_) {
      if (one.Covers(question.text, both.theirs, both.ours)) return &one;
    }
    return nullptr;
  }

  void Compare(const Question& question, const std::string& theirs, const std::string& ours) {
    ++compared_;
    CountKind(theirs);
    if (theirs.find("\"errorType\":\"timeout\"") != std::string::npos) {
      ++reasons_["Prometheus took too long"];
      return;
    }
    if (theirs == ours || Canonical(theirs, question.text) == Canonical(ours, question.text))
      return;
    const Judged both = Judge(question);
    if (both.verdict == Verdict::kSame) return;
    if (both.verdict == Verdict::kChance) {
      ++reasons_["Prometheus disagrees with itself"];
      return;
    }
    if (IsOtherError(question, both)) {
      ++reasons_["of two errors in a query each engine tells another"];
      return;
    }
    if (const Explained* reason = ExplanationOf(question, both)) {
      ++reasons_[reason->reason()];
      return;
    }
    ++different_;
    if (different_ <= options_.show) Show(question);
  }

  // Prometheus evaluates node by node and stops at the first error; we look at all nodes' labels
  // before any value. Its error must be what a part of the query gives here.
  bool IsOtherError(const Question& question, const Judged& both) const {
    if (!both.theirs.starts_with("errorType") || !both.ours.starts_with("errorType")) return false;
    std::set<std::string> seen;
    std::vector<std::string> texts = {question.text};
    for (size_t i = 0; i < texts.size() && i < kMostParts; ++i) {
      Question part = question;
      part.text = texts[i];
      if (Canonical(AskOurs(part, worlds_[part.world]), part.text) == both.theirs) return true;
      for (std::string& text : SmallerTexts(texts[i])) {
        if (seen.insert(text).second) texts.push_back(std::move(text));
      }
    }
    return false;
  }

  void Show(const Question& question) {
    const auto end = Clock::now() + kShrinkBudget;
    const Question small = Shrink(question, worlds_[question.world], [&](const Question& q) {
      if (Clock::now() > end) return false;
      const Judged both = Judge(q);
      return both.verdict == Verdict::kDifferent && !IsOtherError(q, both) &&
             ExplanationOf(q, both) == nullptr;
    });
    const Judged both = Judge(small);
    std::cout << "=== seed " << options_.seed << " query " << compared_ << "\n"
              << Describe(small) << "\n";
    if (small.series.size() < 8) {
      for (const size_t i : small.series) {
        std::cout << "  " << i << " " << worlds_[small.world].series[i].labels.ToString() << "\n";
      }
    }
    std::cout << Difference(both.theirs, both.ours) << "  ask again: " << ToJsonLine(small)
              << std::flush;
  }

  void CountKind(const std::string& theirs) {
    if (theirs.find("\"status\":\"error\"") != std::string::npos) {
      ++errors_;
    } else if (theirs.find("\"result\":[]") != std::string::npos) {
      ++empty_;
    }
    if (theirs.find("\"warnings\":") != std::string::npos ||
        theirs.find("\"infos\":") != std::string::npos) {
      ++annotated_;
    }
    if (theirs.find("\"buckets\":") != std::string::npos) ++histograms_;
  }

  void Report() const {
    int64_t explained = 0;
    for (const auto& [reason, count] : reasons_) {
      std::cout << "explained " << count << ": " << reason << "\n";
      explained += count;
    }
    const std::pair<const char*, int64_t> counts[] = {
        {"queries", compared_},    {"errors", errors_},         {"empty", empty_},
        {"annotated", annotated_}, {"histograms", histograms_}, {"explained", explained},
        {"different", different_}};
    for (const auto& [name, count] : counts) {
      std::cout << "random_" << name << " " << count << " count\n";
    }
  }

  const Options options_;
  const std::vector<World> worlds_;
  const std::vector<Explained> explained_;
  std::map<std::string, int64_t> reasons_;
  int64_t generated_ = 0, compared_ = 0, different_ = 0;
  int64_t errors_ = 0, empty_ = 0, annotated_ = 0, histograms_ = 0;
};

// Prints both answers.
int AskAgain(int port, const std::string& line) {
  const auto worlds = LoadWorlds(port);
  const auto question = FromJsonLine(line);
  if (!worlds.ok() || !question.ok() || question->world >= worlds->size()) {
    std::cerr << "random: " << MessageOf(worlds.ok() ? question.status() : worlds.status()) << "\n";
    return 2;
  }
  std::cout << Describe(*question) << "\n";
  for (const size_t i : question->series) {
    std::cout << "  " << i << " " << (*worlds)[question->world].series[i].labels.ToString() << "\n";
  }
  const auto theirs = AskTheirs(port, {*question});
  if (!theirs.ok()) {
    std::cerr << "random: " << MessageOf(theirs.status()) << "\n";
    return 2;
  }
  const std::string ours = AskOurs(*question, (*worlds)[question->world]);
  std::cout << "Prometheus: " << theirs->front() << "\nours: " << ours << "\n";
  const bool same = Canonical(theirs->front(), question->text) == Canonical(ours, question->text);
  std::cout << (same ? "the same\n" : "different\n");
  return same ? 0 : 1;
}

int Main(const Options& options) {
  auto worlds = LoadWorlds(options.port);
  if (!worlds.ok()) {
    std::cerr << "random: " << MessageOf(worlds.status()) << "\n";
    return 2;
  }
  auto explained = Explained::Read(options.explained);
  if (!explained.ok()) {
    std::cerr << "random: " << MessageOf(explained.status()) << "\n";
    return 2;
  }
  Comparison comparison(options, *std::move(worlds), *std::move(explained));
  const absl::Status status = comparison.Run();
  if (!status.ok()) {
    std::cerr << "random: " << MessageOf(status) << "\n";
    return 2;
  }
  return comparison.same() ? 0 : 1;
}

}  // namespace
}  // namespace synoptic::compat

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[2]) == "again") {
    return synoptic::compat::AskAgain(std::stoi(argv[1]), argv[3]);
  }
  if (argc != 6) {
    std::cerr << "usage: promql_random_compare PORT QUERIES SEED SHOW EXPLAINED\n"
                 "       promql_random_compare PORT again QUESTION\n";
    return 2;
  }
  return synoptic::compat::Main(
      {std::stoi(argv[1]), std::stoll(argv[2]), std::stoull(argv[3]), std::stoi(argv[4]), argv[5]});
}
