// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which scrapes of its target a replica missed, for samples of any series of that target.
//
// A scrape brings all of a target's series with one time, `up` among them, which is there even when
// the scrape failed. So a sample is of a target when it has the time of one of its scrapes and no
// label that contradicts the target's; and whether the sibling's scrape is needed is decided by
// `up` for all series of the target alike: a series that comes and goes is not taken for missed
// scrapes, and one that has but a sample here and there needs no interval of its own. What no
// scrape brought (rules, samples with times of their own) is not told here.
//
// A scrape slot belongs to one replica: to the base when it reached the target, or when nobody did;
// else to the sibling. Nothing is shared: for one thread at a time.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/merge/missed_scrapes.h"
#include "aggregator/merge/time_spans.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// Times of the scrapes of one target by one replica.
struct Scrapes {
  MissedScrapes::Times all;   // that were tried
  MissedScrapes::Times live;  // that found the target: `up` is not 0
};

// DataLoss for a damaged chunk. Of a series that is not `up` every sample is a success.
absl::StatusOr<Scrapes> ScrapesOf(const promql::RawSeries& series);

class ScrapedTargets {
 public:
  // From `up` of both replicas, sorted by labels, read kNearMs beyond the times that count.
  static absl::StatusOr<ScrapedTargets> Learn(const std::vector<promql::RawSeries>& own,
                                              const std::vector<promql::RawSeries>& sibling);

  class Target {
   public:
    Target(Scrapes own_scrapes, Scrapes sibling_scrapes);
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    Scrapes own, sibling;
    MissedScrapes lacks_live;  // a scrape that found it
    MissedScrapes lacks_any;   // any scrape at all
    // Whether a scrape of the sibling's is missed: one that found the target by whoever did not.
    // Decided once for all series of the target.
    bool Takes(int64_t sibling_time) const;
    // The base's scrape failed, and the sibling's for that slot did not.
    bool GaveWay(int64_t own_time) const;
    // The replica scraped the target again right after `t`, and that was before `next`.
    bool WentOnWithout(int64_t t, int64_t next, bool is_sibling, const TimeSpans& where) const;

   private:
    mutable std::vector<std::optional<bool>> takes_;  // by index in sibling.all
  };

  // What is known of one series. Unset: nothing.
  class OfSeries {
   public:
    // Whether the sibling's sample at `t` is missed.
    std::optional<bool> Lacks(int64_t t) const;
    // Whether the base failed to reach the target at `t`.
    std::optional<bool> Failed(int64_t t) const;
    // Whether the base's scrape at `own` and the sibling's at `sibling` are for the same slot.
    bool SameSlot(int64_t own, int64_t sibling) const;
    struct Last {
      int64_t t = 0;
      int64_t next = 0;     // of the same replica: its next sample or marker, or far in the future
      bool filled = false;  // it is the sibling's
    };
    // The first slot of the other replica's, or that failed, between the sample `last` and the one
    // behind it, at `until`: it holds nothing of the series. Unset: there is none in `where`, not
    // one target alone is in question, or the series has times of its own: its replica's next
    // scrape was there and made neither a sample of it nor a marker.
    std::optional<int64_t> EndedBy(const Last& last, int64_t until, const TimeSpans& where) const;

   private:
    friend class ScrapedTargets;
    // By time; several targets may have been scraped at one.
    using Index = std::vector<std::pair<int64_t, const Target*>>;
    struct Bucket {
      Index own, sibling;
    };
    template <class Ask>
    static std::optional<bool> Agreed(const std::vector<const Bucket*>& buckets,
                                      Index Bucket::* index, int64_t t, Ask ask);
    std::vector<const Bucket*> buckets_;  // those with more labels in common first
  };
  OfSeries For(const promql::Labels& series);

 private:
  // Targets whose labels have the same names; and by those names that a series has, too.
  struct Group {
    std::vector<std::string> names;
    std::vector<std::pair<promql::Labels, const Target*>> targets;
    std::map<std::vector<bool>, std::map<std::string, OfSeries::Bucket>> buckets;
  };

  std::deque<Target> targets_;
  std::vector<Group> groups_;
};

}  // namespace synoptic::aggregator
