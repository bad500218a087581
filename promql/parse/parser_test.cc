// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Tables of text to print and text to error. `scripts/conformance parser` holds the parser against
// Prometheus' own on far more; here is one case for each rule.

#include "promql/parse/parser.h"

#include "base/status.h"
#include "gmock/gmock.h"
#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

ParseOptions Everything() {
  ParseOptions options;
  options.experimental_functions = true;
  options.binop_fill_modifiers = true;
  return options;
}

// The canonical form, or the error.
std::string Parsed(std::string_view text, const ParseOptions& options = Everything()) {
  const auto expr = ParseExpr(text, options);
  return expr.ok() ? Print(**expr) : std::string(MessageOf(expr.status()));
}

struct Case {
  std::string_view text;
  std::string_view print;
};

TEST(Parser, PrintsTheCanonicalForm) {
  constexpr Case kCases[] = {
      // Numbers, durations, strings.
      {"1", "1"},
      {"0x1F", "31"},
      {"017", "15"},
      {"08", "8"},
      {"1_000.5e1", "10005"},
      {"-Inf", "-Inf"},
      {"+nan", "NaN"},
      {"1d12h", "1d12h"},
      {"14d", "2w"},
      {"'a\"\\x41\\u00e9\\101'", R"("a\"AéA")"},
      {"`a\\n`", R"("a\\n")"},
      // Selectors.
      {"foo", "foo"},
      {"foo{}", "foo"},
      {"foo{b='c',a!~\"d|e\",}", R"(foo{a!~"d|e",b="c"})"},
      {R"({"my.metric", "a b"="c"})", R"({"a b"="c",__name__="my.metric"})"},
      {"sum:rate5m{on=\"x\",bool!=\"\"}", R"(sum:rate5m{bool!="",on="x"})"},
      {"sum + by", "sum + by"},
      {"fill + fill", "fill + fill"},
      {"foo # comment\n + bar", "foo + bar"},
      // Modifiers.
      {"foo offset 5m @ 1603774568.1239", "foo @ 1603774568.124 offset 5m"},
      {"foo @ start() offset -300", "foo @ start() offset -5m"},
      {"foo[300] @ end()", "foo[5m] @ end()"},
      {"rate(foo[5m] anchored offset 1w)", "rate(foo[5m] anchored offset 1w)"},
      {"foo smoothed @ 1", "foo @ 1.000 smoothed"},
      {"foo[5m:]", "foo[5m:]"},
      {"(a + b)[1h : 5m] offset 1d", "(a + b)[1h:5m] offset 1d"},
      // Duration expressions.
      {"foo[5m+1*2]", "foo[5m + 1 * 2]"},
      {"foo[(5m)]", "foo[(5m)]"},
      {"foo[Step()*2]", "foo[step() * 2]"},
      {"foo[max_of(range(),1m):min_of(step(),5)]", "foo[max_of(range(), 1m):min_of(step(), 5)]"},
      {"foo offset 100 + 2", "foo offset 1m40s + 2"},
      {"foo offset (100 + 2)", "foo offset (100 + 2)"},
      {"foo offset -2^2", "foo offset -2s ^ 2"},
      {"foo offset -(1m)", "foo offset -(1m)"},
      // Operators.
      {"1+2*3^-4^5", "1 + 2 * 3 ^ -4 ^ 5"},
      {"-foo^2", "-foo ^ 2"},
      {"--1", "1"},
      {"a </ 5 >/b", "a </ 5 >/ b"},
      {"a and b or c unless d", "a and b or c unless d"},
      {"1 == bool 2", "1 == bool 2"},
      {"a * on(x,y) group_left(z) b", "a * on (x, y) group_left (z) b"},
      {"a / ignoring() group_right b", "a / ignoring () group_right () b"},
      {"a + on() b", "a + on () b"},
      {"a + ignoring() b", "a + b"},
      {"a + fill(1) b", "a + fill (1) b"},
      {"a + on(x) fill_right(-2) fill_left(1m) b", "a + on (x) fill_left (60) fill_right (-2) b"},
      // Aggregations and calls.
      {"SUM by(a,\"b c\",)(x)", "sum by (a, \"b c\") (x)"},
      {"sum(x) without()", "sum without () (x)"},
      {"topk(5, x) by (bool)", "topk by (bool) (5, x)"},
      {"count_values('v', x)", "count_values(\"v\", x)"},
      {"histogram_quantile(.9, sum by (le) (rate(x[5m])))",
       "histogram_quantile(0.9, sum by (le) (rate(x[5m])))"},
      {"start() + range()", "start() + range()"},
      {"info(x, {job=~'.*'})", "info(x, {job=~\".*\"})"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Parsed(c.text), c.print) << c.text;
    EXPECT_EQ(Parsed(c.print), c.print) << "printed form of " << c.text;
  }
}

TEST(Parser, ReportsTheFirstErrorWithItsPosition) {
  constexpr Case kCases[] = {
      // Lexer.
      {"", "unknown position: parse error: no expression found in input"},
      {"# nothing", "1:1: parse error: no expression found in input"},
      {"\n(", "2:2: parse error: unclosed left parenthesis"},
      {"foo)", "1:5: parse error: unexpected right parenthesis ')'"},
      {"a =~ b", "1:3: parse error: unexpected character after '=': '~'"},
      {"a ! b", "1:3: parse error: unexpected character after '!': ' '"},
      {"1a", "1:1: parse error: bad number or duration syntax: \"1\""},
      {"'a\\c'", "1:1: parse error: unknown escape sequence U+0063 'c'"},
      {"'a", "1:1: parse error: unterminated quoted string"},
      {"foo{a", "1:6: parse error: unexpected end of input inside braces"},
      {"foo{a!b}", "1:6: parse error: unexpected character after '!' inside braces: 'b'"},
      {"foo[5m:1m:1m]", "1:10: parse error: unexpected colon ':'"},
      {"foo[x]", "1:5: parse error: unexpected character in duration expression: 'x'"},
      {"é", "1:1: parse error: unexpected character: 'é'"},
      // Grammar.
      {"foo bar", "1:5: parse error: unexpected identifier \"bar\""},
      {"1 +", "1:4: parse error: unexpected end of input"},
      {"sum(a b)", "1:7: parse error: unexpected identifier \"b\" in aggregation"},
      {"sum by a (b)",
       "1:8: parse error: unexpected identifier \"a\" in grouping opts, expected \"(\""},
      {"sum by (a b) (c)",
       "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""},
      {"sum by (without) (c)",
       "1:9: parse error: unexpected <without> in grouping opts, expected label"},
      {"a * on(x) group_left == b",
       "1:22: parse error: unexpected <op:==> in grouping opts, expected \"(\""},
      {"foo{a=b}",
       "1:7: parse error: unexpected identifier \"b\" in label matching, expected string"},
      {"foo{a}",
       "1:6: parse error: unexpected \"}\" in label matching, expected label matching "
       "operator"},
      {"foo{,}",
       "1:5: parse error: unexpected \",\" in label matching, expected identifier or "
       "\"}\""},
      {"foo @ bar", "1:7: parse error: unexpected identifier \"bar\" in @, expected timestamp"},
      {"foo offset \"a long string\"",
       "1:12: parse error: unexpected string \"\\\"a long st\"... in offset, expected number, "
       "duration, step(), or range()"},
      {"foo[5m 5m]",
       "1:8: parse error: unexpected duration \"5m\" in subquery or range, expected \":\" or "
       "\"]\""},
      {"f(x,)", "1:4: parse error: trailing commas not allowed in function call args"},
      {"1 atan2 atan2", "1:9: parse error: unexpected <op:atan2>"},
      // Values.
      {"1e999",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e999\": "
       "value out of range"},
      {"5s3m", "1:1: parse error: not a valid duration string: \"5s3m\""},
      {"foo[0]", "1:5: parse error: duration must be greater than 0"},
      {"foo[5m/0]", "1:7: parse error: division by zero"},
      {"foo{a=~\"(\"}", "1:5: parse error: error parsing regexp: missing closing ): `(`"},
      // Modifiers.
      {"1 offset 5m",
       "1:1: parse error: offset modifier must be preceded by an instant vector "
       "selector or range vector selector or a subquery"},
      {"foo offset 1m offset 1m", "1:1: parse error: offset may not be set multiple times"},
      {"foo offset 0 offset 1m @ 1 @ 2",
       "1:1: parse error: @ <timestamp> may not be set multiple times"},
      {"foo offset 1m[5m]", "1:14: parse error: no offset modifiers allowed before range"},
      {"(foo)[5m]", "1:6: parse error: ranges only allowed for vector selectors"},
      {"foo anchored smoothed",
       "1:1: parse error: anchored and smoothed modifiers cannot be used together"},
      // Calls and aggregations.
      {"nope(1)", "1:1: parse error: unknown function with name \"nope\""},
      {"sum()", "1:1: parse error: no arguments for aggregate expression provided"},
      {"topk(a)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, "
       "expected 2, got 1"},
      {"rate(foo)",
       "1:6: parse error: expected type range vector in call to function \"rate\", "
       "got instant vector"},
      {"time(1)", "1:1: parse error: expected 0 argument(s) in call to \"time\", got 1"},
      {"round(a, 1, 2)",
       "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3"},
      {"label_join(a, \"b\")",
       "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2"},
      {"info(a, b)",
       "1:9: parse error: expected label selectors only, got vector selector instead"},
      // Types.
      {"{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"foo{__name__=\"bar\"}",
       "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""},
      {"1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"},
      {"a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"},
      {"a and 1", "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"},
      {"a and on(x) group_left b", "1:1: parse error: no grouping allowed for \"and\" operation"},
      {"a + on(x) group_left(x) b",
       "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once"},
      {"a + on(x) 1", "1:1: parse error: vector matching only allowed between instant vectors"},
      {"a[5m] + 1",
       "1:1: parse error: binary expression must contain only scalar and instant "
       "vector types"},
      {"-\"a\"",
       "1:1: parse error: unary expression only allowed on expressions of type scalar or "
       "instant vector, got \"string\""},
      {"1[5m:]",
       "1:1: parse error: subquery is only allowed on instant vector, got scalar "
       "instead"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Parsed(c.text), c.print) << c.text;
}

TEST(Parser, HoldsBackWhatIsExperimental) {
  EXPECT_EQ(Parsed("mad_over_time(x[5m])", {}),
            "1:1: parse error: function \"mad_over_time\" is not enabled");
  EXPECT_EQ(Parsed("limitk(1, x)", {}),
            "1:1: parse error: limitk() is experimental and must be enabled with "
            "--enable-feature=promql-experimental-functions");
  EXPECT_EQ(Parsed("a + fill(1) b", {}),
            "1:1: parse error: binop fill modifiers are experimental and not enabled");
  ParseOptions extended;
  extended.extended_range_selectors = false;
  EXPECT_EQ(Parsed("rate(x[5m] anchored)", extended),
            "1:6: parse error: anchored modifier is experimental and not enabled");
  EXPECT_EQ(Parsed("1 + x smoothed", extended),
            "1:5: parse error: smoothed modifier is experimental and not enabled");
  EXPECT_EQ(Parsed("été{a=\"b\"}", {}), "1:1: parse error: unexpected character: 'é'");
  ParseOptions utf8;
  utf8.unquoted_utf8_names = true;
  EXPECT_TRUE(ParseExpr("été.b{à=\"b\"}", utf8).ok());
  EXPECT_FALSE(ParseExpr("sum by (a:b) (c)", utf8).ok());
  EXPECT_TRUE(ParseExpr("sum by (a:b) (c)").ok());
}

TEST(Parser, NodesKnowWhereTheyStand) {
  const auto sum = ParseExpr("1 + sum(foo{a=\"b\"} offset 1m )");
  ASSERT_TRUE(sum.ok());
  const auto& binary = As<Binary>(**sum);
  EXPECT_EQ(binary.pos, (PosRange{0, 30}));
  EXPECT_EQ(binary.rhs->pos, (PosRange{4, 30}));
  EXPECT_EQ(As<Aggregate>(*binary.rhs).expr->pos, (PosRange{8, 28}));
}

std::string Repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Parser, HoldsItsLimits) {
  EXPECT_TRUE(ParseExpr(Repeated("(", 100) + "1" + Repeated(")", 100)).ok());
  const std::string deep[] = {
      Repeated("(", 100'000),
      Repeated("-", 50'000) + "a",
      Repeated("sum(", 10'000) + "a",
      "a" + Repeated("+a", 30'000),
      "a" + Repeated("^a", 30'000),
      "a" + Repeated("[5m:]", 10'000),
      "a[" + Repeated("(", 50'000) + "5m",
      "a[5m" + Repeated("+1", 30'000) + "]",
      "a[" + Repeated("-", 50'000) + "5m]",
      "a offset " + Repeated("-", 50'000) + "5m",
      "f(" + Repeated("1,", 30'000) + "1)",
      "vector(" + Repeated("(1)+", 8'000) + "1)",
  };
  for (const std::string& text : deep) {
    ParseOptions options;
    options.max_text_bytes = 1 << 20;
    const auto expr = ParseExpr(text, options);
    ASSERT_FALSE(expr.ok()) << text.substr(0, 20);
  }
  EXPECT_EQ(MessageOf(ParseExpr(std::string(70'000, 'a')).status()),
            "1:1: parse error: query has 70000 bytes, at most 65536 are allowed");
  ParseOptions few;
  few.max_selectors = 2;
  few.max_matchers_per_selector = 2;
  EXPECT_TRUE(ParseExpr("a + b{c='d'}", few).ok());
  EXPECT_FALSE(ParseExpr("a + b + c", few).ok());
  EXPECT_FALSE(ParseExpr("a{b='c',d='e'}", few).ok());
}

TEST(MetricSelector, IsANameWithMatchers) {
  const auto matchers = ParseMetricSelector("foo{a=~\"b.*\"}");
  ASSERT_TRUE(matchers.ok()) << matchers.status();
  EXPECT_EQ(PrintMatchers(*matchers), "foo{a=~\"b.*\"}");
  EXPECT_EQ(PrintMatchers(*ParseMetricSelector("{}")), "{}");
  EXPECT_EQ(PrintMatchers(*ParseMetricSelector("{\"on\"}")), "{__name__=\"on\"}");
  EXPECT_EQ(MessageOf(ParseMetricSelector("foo offset 5m").status()),
            "1:5: parse error: unexpected <offset>");
  EXPECT_EQ(MessageOf(ParseMetricSelector("").status()),
            "unknown position: parse error: unexpected end of input");
}

TEST(Metric, IsANameWithLabels) {
  EXPECT_EQ(ParseMetric("foo{b=\"c\",a='d'}")->ToString(), R"(foo{a="d", b="c"})");
  EXPECT_EQ(*ParseMetric("{\"foo\"}"), *ParseMetric("foo"));
  EXPECT_EQ(MessageOf(ParseMetric("foo{a=~\"b\"}").status()),
            "1:6: parse error: unexpected <op:=~> in label set, expected \"=\"");
}

}  // namespace
}  // namespace synoptic::promql
