// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace synoptic::app {
namespace {

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double OpenDescriptors() {
  std::error_code error;
  double count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  return count - 1;  // the one that listed them
}

double MaxDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

int CountThreads() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("Threads:")) return std::atoi(line.c_str() + 8);
  }
  return 0;
}

void RegisterProcessMetrics(Metrics& metrics, int64_t start_time_ms) {
  metrics.Gauge("process_start_time_seconds", "When the process started, unix seconds.")
      .Set(static_cast<double>(start_time_ms) / 1000);
  metrics.Gauge("process_max_fds", "How many descriptors the process may open.")
      .Set(MaxDescriptors());
  const Counter cpu = metrics.Counter("process_cpu_seconds_total", "User and system CPU time.");
  const Gauge resident =
      metrics.Gauge("process_resident_memory_bytes", "Memory in use that is in RAM.");
  const Gauge virtual_memory = metrics.Gauge("process_virtual_memory_bytes", "Address space.");
  const Gauge descriptors = metrics.Gauge("process_open_fds", "Open descriptors.");
  const Gauge threads = metrics.Gauge("process_threads", "Threads of the process.");
  metrics.OnCollect([=]() mutable {
    cpu.Increment(std::max(0.0, CpuSeconds() - cpu.value()));
    descriptors.Set(OpenDescriptors());
    threads.Set(CountThreads());
    std::ifstream statm("/proc/self/statm");
    double pages = 0;
    double resident_pages = 0;
    const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (statm >> pages >> resident_pages) {
      virtual_memory.Set(pages * page_bytes);
      resident.Set(resident_pages * page_bytes);
    }
  });
}

}  // namespace synoptic::app
