// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/store/state_store.h"

#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "alerting/store/sqlite_file.h"
#include "base/status.h"
#include "net/async/compute_pool.h"
#include "net/async/event.h"
#include "net/async/timer.h"

namespace synoptic::alerting {
namespace {

constexpr MonoDuration kRetry = std::chrono::seconds(2);

class SqliteStore final : public StateStore {
 public:
  SqliteStore(std::string path, const boost::asio::any_io_executor& executor, const Clock& clock,
              const char* vfs, std::unique_ptr<SqliteFile> file, std::string damage)
      : clock_(clock),
        executor_(executor),
        damage_(std::move(damage)),
        retry_(executor, clock),
        disk_(std::make_shared<Disk>(std::move(path), vfs == nullptr ? "" : vfs, std::move(file))) {
    if (disk_->file == nullptr) Fail("the file cannot be opened", true);
  }

  void Write(Records records) override {
    for (Record& record : records) {
      auto key = std::pair(record.kind, std::move(record.key));
      waiting_[std::move(key)] = std::move(record.body);
    }
    ++written_;
    if (durable_) StartJob();
  }

  Task<> Flush(Deadline deadline) override {
    const uint64_t wanted = written_;
    while (on_disk_ < wanted) {
      if (!durable_) co_return absl::UnavailableError(problem_);
      const auto progress = std::make_shared<Event>(executor_);
      flushing_.push_back(progress);
      CO_RETURN_IF_ERROR(co_await progress->WaitUntil(clock_, deadline.at()));
    }
    co_return absl::OkStatus();
  }

  void SetSnapshot(Snapshot snapshot) override { snapshot_ = std::move(snapshot); }
  bool durable() const override { return durable_; }
  const std::string& problem() const override { return problem_; }
  const std::string& damage() const override { return damage_; }

 private:
  // What the writing thread works on; one job at a time.
  struct Disk {
    Disk(std::string the_path, std::string the_vfs, std::unique_ptr<SqliteFile> the_file)
        : path(std::move(the_path)), vfs(std::move(the_vfs)), file(std::move(the_file)) {}
    absl::Status Apply(const Records& records, bool anew) {
      if (anew) {
        file.reset();
        ASSIGN_OR_RETURN(file, SqliteFile::Anew(path, vfs.empty() ? nullptr : vfs.c_str()));
      }
      return file->Apply(records);
    }
    const std::string path;
    const std::string vfs;
    std::unique_ptr<SqliteFile> file;
  };

  void StartJob() {
    // While the disk fails even nothing is worth a try: it tells whether the disk is back.
    if (busy_ || (waiting_.empty() && !anew_ && durable_)) return;
    busy_ = true;
    if (anew_ && snapshot_ != nullptr) {
      // The state as it is now says more than what waits, except of what was erased meanwhile,
      // and that is in no snapshot.
      waiting_.clear();
      for (Record& record : snapshot_()) {
        waiting_[std::pair(record.kind, std::move(record.key))] = std::move(record.body);
      }
    }
    auto records = std::make_shared<Records>();
    records->reserve(waiting_.size());
    while (!waiting_.empty()) {
      auto node = waiting_.extract(waiting_.begin());
      records->push_back(
          {node.key().first, std::move(node.key().second), std::move(node.mapped())});
    }
    const uint64_t up_to = written_;
    std::weak_ptr<SqliteStore*> self = self_;
    pool_.Post([disk = disk_, records, anew = anew_, up_to, self, executor = executor_] {
      const absl::Status status = disk->Apply(*records, anew);
      boost::asio::post(executor, [self, records, status, up_to] {
        if (const auto alive = self.lock()) (*alive)->EndJob(std::move(*records), status, up_to);
      });
    });
  }

  void EndJob(Records records, const absl::Status& status, uint64_t up_to) {
    busy_ = false;
    if (status.ok()) {
      on_disk_ = up_to;
      anew_ = false;
      durable_ = true;
      problem_.clear();
      WakeFlushing();
      return StartJob();
    }
    for (Record& record : records) {
      waiting_.try_emplace(std::pair(record.kind, std::move(record.key)), std::move(record.body));
    }
    // A sync that failed may have dropped what it should have written, and a second one would not
    // tell: that file is not trusted again.
    Fail(std::string(MessageOf(status)), anew_ || absl::IsDataLoss(status));
  }

  void Fail(std::string why, bool anew) {
    durable_ = false;
    anew_ = anew;
    problem_ = std::move(why);
    WakeFlushing();
    retry_.Start(clock_.Mono() + kRetry, [this] { StartJob(); });
  }

  void WakeFlushing() {
    for (const auto& progress : flushing_) progress->Set();
    flushing_.clear();
  }

  const Clock& clock_;
  const boost::asio::any_io_executor executor_;
  const std::string damage_;
  Snapshot snapshot_;
  // Newest body by key.
  std::map<std::pair<RecordKind, std::string>, std::string> waiting_;
  uint64_t written_ = 0;
  uint64_t on_disk_ = 0;
  bool busy_ = false;
  bool durable_ = true;
  bool anew_ = false;  // the next job begins a new file
  std::string problem_;
  std::vector<std::shared_ptr<Event>> flushing_;  // one a waiter: set once, never reset
  Timer retry_;
  std::shared_ptr<SqliteStore*> self_ = std::make_shared<SqliteStore*>(this);
  std::shared_ptr<Disk> disk_;
  ComputePool pool_{1};  // last: its destructor waits for the job
};

}  // namespace

absl::StatusOr<OpenedStore> OpenStateStore(const std::string& path,
                                           const boost::asio::any_io_executor& executor,
                                           const Clock& clock, const char* vfs) {
  OpenedStore result;
  auto opened = SqliteFile::Open(path, vfs);
  if (absl::IsFailedPrecondition(opened.status())) return opened.status();
  std::unique_ptr<SqliteFile> file;
  std::string damage;
  if (opened.ok()) {
    file = std::move(opened->file);
    damage = std::move(opened->damage);
    result.records = std::move(opened->records);
  } else {
    damage = fmt::format("{}: {}", path, MessageOf(opened.status()));
  }
  result.store =
      std::make_unique<SqliteStore>(path, executor, clock, vfs, std::move(file), std::move(damage));
  return result;
}

}  // namespace synoptic::alerting
