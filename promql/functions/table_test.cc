// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/functions/table.h"

#include <algorithm>
#include <set>

#include "gmock/gmock.h"

namespace synoptic::promql {
namespace {

TEST(FunctionTable, IsSortedAndNamesAndIdsAreUnique) {
  const auto functions = AllFunctions();
  EXPECT_TRUE(std::ranges::is_sorted(functions, {}, &Function::name));
  std::set<std::string_view> names;
  std::set<FunctionId> ids;
  for (const Function& f : functions) {
    names.insert(f.name);
    ids.insert(f.id);
    EXPECT_FALSE(f.help.empty()) << f.name;
    EXPECT_EQ(FindFunction(f.name), &f) << f.name;
  }
  EXPECT_EQ(functions.size(), 91u);
  EXPECT_EQ(names.size(), functions.size());
  EXPECT_EQ(ids.size(), functions.size());
}

TEST(FunctionTable, FindsByExactNameOnly) {
  EXPECT_NE(FindFunction("rate"), nullptr);
  EXPECT_EQ(FindFunction("Rate"), nullptr);
  EXPECT_EQ(FindFunction("rat"), nullptr);
  EXPECT_EQ(FindFunction("zzz"), nullptr);
  EXPECT_EQ(FindFunction(""), nullptr);
}

TEST(FunctionTable, SaysHowACallRelatesToItsInput) {
  const auto locality = [](std::string_view name) { return FindFunction(name)->locality; };
  EXPECT_EQ(locality("rate"), FunctionLocality::kPerSeries);
  EXPECT_EQ(locality("histogram_quantile"), FunctionLocality::kPerGroup);
  EXPECT_EQ(locality("absent"), FunctionLocality::kWholeInput);
  EXPECT_EQ(locality("scalar"), FunctionLocality::kWholeInput);
  EXPECT_EQ(locality("time"), FunctionLocality::kNoInput);
  EXPECT_EQ(locality("label_replace"), FunctionLocality::kRelabels);
}

TEST(FunctionTable, MarksEighteenFunctionsExperimental) {
  const auto functions = AllFunctions();
  EXPECT_EQ(std::ranges::count_if(functions, &Function::experimental), 18);
}

}  // namespace
}  // namespace synoptic::promql
