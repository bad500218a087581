// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/template.h"

#include <gtest/gtest.h>

namespace synoptic::alerting {
namespace {

TemplateData Data() {
  TemplateData data;
  data.labels = promql::Labels::From({{"db", "orders"}, {"instance", "db1.example.com:9100"}});
  data.external_labels = promql::Labels::From({{"observer", "global-1"}});
  data.external_url = "http://synoptic:9099/prefix";
  data.value = 4210.5;
  data.now_ms = 1'700'000'000'000;
  return data;
}

TEST(Template, ExpandsWhatRulesUse) {
  const struct {
    const char* text;
    const char* expanded;
  } kCases[] = {
      {"plain", "plain"},
      {"{{ $labels.db }} lags", "orders lags"},
      {"{{ .Labels.db }}/{{ $labels.missing }}!", "orders/!"},
      {"{{ $value }}", "4210.5"},
      {"{{ $value | humanize }}", "4.21k"},
      {"{{ $value | humanizeDuration }}", "1h 10m 10s"},
      {"{{ humanize1024 2048.0 }}", "2ki"},
      {"{{ humanize1024 \"0x1p11\" }}", "2ki"},
      {"{{ 0.1234 | humanizePercentage }}", "12.34%"},
      {"{{ 0.0012 | humanizeDuration }}", "1.2ms"},
      {"{{ printf \"%.2f of %s %5d|\" $value $labels.db 42 }}", "4210.50 of orders    42|"},
      {"{{ if gt $value 100.0 }}high{{ else }}low{{ end }}", "high"},
      {"{{ if eq $labels.db \"x\" }}a{{ else if eq $labels.db \"orders\" }}b{{ end }}", "b"},
      {"{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}",
       "db=orders;instance=db1.example.com:9100;"},
      {"{{ with $labels.db }}<{{ . }}>{{ end }}", "<orders>"},
      {"a {{- \" b \" -}} c", "a b c"},
      {"{{/* comment */}}x", "x"},
      {"{{ $x := 1 }}{{ $x = 2 }}{{ $x }}", "2"},
      {"{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" $labels.db }}", "[orders]"},
      {"{{ $labels.instance | stripPort | toUpper }}", "DB1.EXAMPLE.COM"},
      {"{{ stripDomain $labels.instance }}", "db1:9100"},
      {"{{ reReplaceAll \"(.*):.*\" \"$1\" $labels.instance }}", "db1.example.com"},
      {"{{ match \"^ord\" $labels.db }}", "true"},
      {"{{ humanizeTimestamp 1440248633.5 }}", "2015-08-22 13:03:53.5 +0000 UTC"},
      {"{{ parseDuration \"1h30m\" }}", "5400"},
      {"{{ (index $labels \"db\") | len }}", "6"},
      {"{{ pathPrefix }} {{ $externalLabels.observer }}", "/prefix global-1"},
      {"{{ range $labels }}{{ . }}{{ break }}{{ end }}", "orders"},
  };
  for (const auto& c : kCases) {
    const auto expanded = ExpandTemplate("__alert_A", c.text, Data());
    ASSERT_TRUE(expanded.ok()) << c.text << ": " << expanded.status().ToString();
    EXPECT_EQ(*expanded, c.expanded) << c.text;
  }
}

TEST(Template, RefusesBrokenTemplatesByName) {
  for (const char* text :
       {"{{", "{{ if }}x{{ end }}", "{{ if true }}x", "{{ end }}", "{{ nosuch 1 }}",
        "{{ \"unclosed }}", "{{ ( 1 }}", "{{ else }}", "{{ $x | }}", "{{ ; }}"}) {
    const absl::Status status = CheckTemplate("__alert_A", text);
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_TRUE(status.message().find("error parsing template __alert_A") == 0) << status;
  }
}

TEST(Template, ErrorsWhileRunningNameTheFunctionAndTheValue) {
  const auto result = ExpandTemplate("n", "{{ humanize \"abc\" }}", Data());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message(),
            "error executing template n: error calling humanize: strconv.ParseFloat: parsing "
            "\"abc\": invalid syntax");
}

TEST(Template, StaysWithinItsLimits) {
  TemplateLimits limits;
  limits.max_output_bytes = 10;
  EXPECT_EQ(*ExpandTemplate("n", "{{ \"0123456789abcdef\" }}", Data(), limits),
            "0123456789... (cut)");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{{ if true }}";
  EXPECT_FALSE(CheckTemplate("n", deep).ok());
  EXPECT_FALSE(CheckTemplate("n", "{{ " + std::string(1000, '(') + " }}").ok());
  EXPECT_FALSE(ExpandTemplate("n",
                              "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
                              Data())
                   .ok());
}

}  // namespace
}  // namespace synoptic::alerting
