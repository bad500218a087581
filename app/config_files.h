// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The files a configuration was made from, of two kinds. What people edit (the configuration,
// rules, objectives) changes at a reload only. What the configuration names and programs write
// (secrets, certificates, lists of targets) is watched, and a change makes the configuration anew
// from what was loaded before: nobody's half-edited rules are taken over by a new certificate.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/fs.h"

namespace synoptic::app {

// One reading of a configuration. Thread-safe. `fs` outlives it.
class ConfigFiles {
 public:
  // `loaded`: what was loaded before and is not to be read again; null: a reload.
  explicit ConfigFiles(Fs& fs, const std::shared_ptr<const ConfigFiles>& loaded = nullptr);
  ~ConfigFiles();

  // For what people edit, and for what the configuration names.
  const Fs& edited() const;
  const Fs& named() const;

  // Whether a file that the configuration names is another one now.
  bool Changed() const;

 private:
  class Edited;
  class Named;
  std::unique_ptr<Edited> edited_;
  std::unique_ptr<Named> named_;
};

}  // namespace synoptic::app
