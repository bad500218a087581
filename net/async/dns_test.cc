// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/async/dns_testing.h"

namespace synoptic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Dns, FindsServicesByPriority) {
  FakeDns dns;
  dns.Set({FakeDns::Srv("b.example", 9090, 10), FakeDns::Srv("z.example", 9091, 1),
           FakeDns::Srv("a.example", 9090, 10), FakeDns::Srv("a.example", 9090, 10)});
  const auto found = LookUpDns("_prom._tcp.example.", DnsType::kSrv, dns.options());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, ElementsAre(DnsTarget{"z.example", 9091}, DnsTarget{"a.example", 9090},
                                  DnsTarget{"b.example", 9090}));
}

TEST(Dns, FindsAddresses) {
  FakeDns dns;
  dns.Set({FakeDns::A("10.0.0.2"), FakeDns::A("10.0.0.1")});
  const auto four = LookUpDns("prom.example.", DnsType::kA, dns.options());
  ASSERT_TRUE(four.ok()) << four.status();
  EXPECT_THAT(*four, ElementsAre(DnsTarget{"10.0.0.1", 0}, DnsTarget{"10.0.0.2", 0}));
  dns.Set({FakeDns::Aaaa("fd00::1")});
  const auto six = LookUpDns("prom.example.", DnsType::kAaaa, dns.options());
  ASSERT_TRUE(six.ok()) << six.status();
  EXPECT_THAT(*six, ElementsAre(DnsTarget{"fd00::1", 0}));
}

TEST(Dns, SaysWhyThereIsNone) {
  FakeDns dns;
  const auto why = [&](int code, std::vector<FakeDns::Record> records) {
    dns.Set(std::move(records), code);
    return LookUpDns("prom.example.", DnsType::kA, dns.options()).status().ToString();
  };
  EXPECT_THAT(why(3, {}), HasSubstr("look up \"prom.example.\": Domain name not found"));
  EXPECT_THAT(why(2, {}), HasSubstr("Could not contact DNS servers"));
  EXPECT_THAT(why(0, {}),
              HasSubstr("look up \"prom.example.\": DNS server returned answer with no"));
  EXPECT_THAT(why(FakeDns::kSilent, {}), HasSubstr("Timeout while contacting DNS servers"));
}

}  // namespace
}  // namespace synoptic
