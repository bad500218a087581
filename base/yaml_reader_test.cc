// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic {
namespace {

std::string ParseError(std::string_view text, const YamlLimits& limits = {}) {
  const auto document = ParseYaml("f.yaml", text, limits);
  return document.ok() ? "ok" : std::string(MessageOf(document.status()));
}

TEST(ParseYaml, RefusesWhatIsBrokenOrOverALimitWithItsPlace) {
  YamlLimits small;
  small.max_nodes = 8;
  small.max_alias_nodes = 4;
  small.max_depth = 3;
  EXPECT_EQ(ParseError("a: [1, 2"), "f.yaml:1:9: broken YAML: end of sequence flow not found");
  EXPECT_EQ(ParseError("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: the key \"a\" is there twice");
  EXPECT_EQ(ParseError("? {x: 1}\n: 2\n"),
            "f.yaml:1:3: expected a scalar as key, got a map or a list");
  EXPECT_EQ(ParseError("a: !!binary aGk=\n"),
            "f.yaml:1:4: the tag \"tag:yaml.org,2002:binary\" is not supported");
  EXPECT_EQ(ParseError("a: \xff\n"), "f.yaml: expected UTF-8 text");
  EXPECT_EQ(ParseError("[[[[1]]]]", small), "f.yaml:1:4: nested deeper than 3 levels");
  EXPECT_EQ(ParseError("[1, 2, 3, 4, 5, 6, 7, 8, 9]", small), "f.yaml:1:26: more than 8 values");
  EXPECT_EQ(ParseError("[&a [1, 2], *a, *a]", small),
            "f.yaml:1:17: aliases expand to more than 4 values");
  EXPECT_EQ(ParseError(std::string(5 << 20, '#')),
            "f.yaml: 5242880 bytes, at most 4194304 are read");
}

TEST(ParseYaml, BillionLaughsEndsAtTheAliasLimit) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                        i - 1);
  }
  EXPECT_THAT(ParseError(text), testing::HasSubstr("aliases expand to more than 10000 values"));
}

TEST(ParseYaml, DeepNestingEndsInAnErrorAndNotInTheStack) {
  EXPECT_THAT(ParseError(std::string(100'000, '[')), testing::HasSubstr("f.yaml:1:"));
}

TEST(ParseYaml, EmptyFileIsNull) {
  for (const char* text : {"", "# nothing\n", "---\n", "~"}) {
    const auto document = ParseYaml("f.yaml", text);
    ASSERT_TRUE(document.ok()) << text;
    EXPECT_EQ(document->root->kind, YamlNode::Kind::kNull) << text;
  }
}

struct Target {
  std::string name = "default";
  bool on = false;
  int64_t count = 7;
  double weight = 1;
  int64_t wait_ms = 1000;
  int64_t size = 1;
  double share = 0.5;
  std::string password;
  std::vector<std::string> list;
};

absl::Status Read(std::string_view text, Target& target, const Fs* fs = nullptr) {
  auto document = ParseYaml("dir/f.yaml", text);
  if (!document.ok()) return document.status();
  YamlContext context(
      "dir/f.yaml",
      [](const std::string& name) -> std::optional<std::string> {
        if (name == "WHO") return "eve";
        if (name == "NUMBER") return "42";
        return std::nullopt;
      },
      fs);
  YamlMap map = YamlValue(&context, document->root.get(), "").ReadMap();
  map.String("name", &target.name);
  map.Bool("on", &target.on);
  map.Int("count", 0, 100, &target.count);
  map.Number("weight", &target.weight);
  map.DurationMillis("wait", &target.wait_ms);
  map.Bytes("size", &target.size);
  map.Percent("share", &target.share);
  map.Secret("password", &target.password);
  map.Strings("list", &target.list);
  map.Finish();
  return context.status();
}

TEST(YamlReader, ReadsEveryType) {
  Target target;
  const absl::Status status = Read(
      "name: \"x y\"\non: true\ncount: 12\nweight: 0.25\nwait: 1m30s\nsize: 1.5GiB\nshare: 5%\n"
      "password: hunter2\nlist: [a, \"b\"]\n",
      target);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(target.name, "x y");
  EXPECT_TRUE(target.on);
  EXPECT_EQ(target.count, 12);
  EXPECT_EQ(target.weight, 0.25);
  EXPECT_EQ(target.wait_ms, 90'000);
  EXPECT_EQ(target.size, int64_t{3} << 29);
  EXPECT_EQ(target.share, 0.05);
  EXPECT_EQ(target.password, "hunter2");
  EXPECT_EQ(target.list, (std::vector<std::string>{"a", "b"}));
}

TEST(YamlReader, NullAndAbsentLeaveTheDefault) {
  Target target;
  EXPECT_TRUE(Read("name:\nwait: ~\n", target).ok());
  EXPECT_EQ(target.name, "default");
  EXPECT_EQ(target.wait_ms, 1000);
}

TEST(YamlReader, ReportsEveryErrorInOrderOfPlace) {
  Target target;
  const absl::Status status = Read(
      "nam: x\non: \"true\"\ncount: 101\nweight: many\nwait: fast\nsize: 5 apples\nshare: 200%\n"
      "list: a\n",
      target);
  EXPECT_EQ(MessageOf(status),
            "dir/f.yaml:1:1: nam: unknown key; expected one of count, list, name, on, password, "
            "password_file, share, size, wait, weight\n"
            "dir/f.yaml:2:5: on: expected true or false, got \"true\"\n"
            "dir/f.yaml:3:8: count: expected an integer from 0 to 100, got \"101\"\n"
            "dir/f.yaml:4:9: weight: expected a number, got \"many\"\n"
            "dir/f.yaml:5:7: wait: expected a duration like 15s or 1h30m, got \"fast\"\n"
            "dir/f.yaml:6:7: size: expected a size like 512MiB, got \"5 apples\"\n"
            "dir/f.yaml:7:8: share: expected a share like 5%, got \"200%\"\n"
            "dir/f.yaml:8:7: list: expected a list, got \"a\"");
}

TEST(YamlReader, ExpandsTheEnvironmentAndNeverShowsItsValue) {
  Target target;
  ASSERT_TRUE(Read("name: a-${WHO}-$${WHO}-${1}-$1\ncount: ${NUMBER}\n", target).ok());
  EXPECT_EQ(target.name, "a-eve-${WHO}-${1}-$1");
  EXPECT_EQ(target.count, 42);
  EXPECT_EQ(MessageOf(Read("name: ${NOBODY}\n", target)),
            "dir/f.yaml:1:7: name: expected the environment to have ${NOBODY}, got nothing");
  EXPECT_EQ(MessageOf(Read("weight: ${WHO}\n", target)),
            "dir/f.yaml:1:9: weight: expected a number, got \"${WHO}\"");
}

TEST(YamlReader, SecretsComeFromFilesBesideTheDocument) {
  const auto fs = NewMemoryFs();
  ASSERT_TRUE(fs->WriteFileAtomically("dir/pw", "s3cret\n").ok());
  ASSERT_TRUE(fs->WriteFileAtomically("dir/empty", "\n").ok());
  Target target;
  ASSERT_TRUE(Read("password_file: pw\n", target, fs.get()).ok());
  EXPECT_EQ(target.password, "s3cret");
  EXPECT_EQ(MessageOf(Read("password_file: gone\n", target, fs.get())),
            "dir/f.yaml:1:16: password_file: dir/gone: No such file or directory");
  EXPECT_EQ(
      MessageOf(Read("password_file: empty\n", target, fs.get())),
      "dir/f.yaml:1:16: password_file: expected a file with a secret in it, got an empty one");
  EXPECT_EQ(MessageOf(Read("password: a\npassword_file: pw\n", target, fs.get())),
            "dir/f.yaml:2:16: password_file: expected one of `password` and `password_file`, got "
            "both");
}

TEST(EmitYaml, WritesTheDocumentWithoutSecrets) {
  auto document = ParseYaml("f", "a: {b: [1, \"2\", 'x: y'], c: [], d: }\ne:\n- f: g\n  h: -1\n");
  ASSERT_TRUE(document.ok());
  document->root->entries[1].value->items[0]->entries[0].value->secret = true;
  const std::string text = EmitYaml(*document->root);
  EXPECT_EQ(text,
            "a:\n  b:\n    - 1\n    - \"2\"\n    - \"x: y\"\n  c: []\n  d: null\n"
            "e:\n  -\n    f: <secret>\n    h: \"-1\"\n");
  EXPECT_TRUE(ParseYaml("again", text).ok());
}

}  // namespace
}  // namespace synoptic
