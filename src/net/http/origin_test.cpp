#include "net/http/origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::http {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct UrlCase {
  std::string_view text;
  std::string_view host;
  int port;
  std::string_view target;
  std::string_view authority;
};

class ParseUrl : public ::testing::TestWithParam<UrlCase> {};

TEST_P(ParseUrl, TakesTheUrlApart) {
  const UrlCase& want = GetParam();
  const Result<Url> url = parse_url(want.text);
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->origin.host, want.host);
  EXPECT_EQ(url->origin.port, want.port);
  EXPECT_EQ(url->target, want.target);
  EXPECT_EQ(url->origin.authority(), want.authority);
}

INSTANTIATE_TEST_SUITE_P(
    Good, ParseUrl,
    ::testing::Values(UrlCase{"http://localhost:9090/-/reload", "localhost", 9090, "/-/reload", "localhost:9090"},
                      UrlCase{"HTTPS://a.example", "a.example", 443, "/", "a.example"},
                      UrlCase{"https://a.example:443/x?y=1", "a.example", 443, "/x?y=1", "a.example"},
                      UrlCase{"http://a.example:443", "a.example", 443, "/", "a.example:443"},
                      UrlCase{"http://[2001:db8::1]:8080/", "2001:db8::1", 8080, "/", "[2001:db8::1]:8080"},
                      UrlCase{"http://[::1]", "::1", 80, "/", "[::1]"}, UrlCase{"http://a?q", "a", 80, "/?q", "a"},
                      UrlCase{"http://a:/p#fragment", "a", 80, "/p", "a"}));

struct BadUrlCase {
  std::string_view text;
  std::string_view words;
};

class ParseBadUrl : public ::testing::TestWithParam<BadUrlCase> {};

TEST_P(ParseBadUrl, SaysWhatIsWrong) {
  const Result<Url> url = parse_url(GetParam().text);
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().code(), Errc::invalid_input);
  EXPECT_THAT(url.error().message(), HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(Bad, ParseBadUrl,
                         ::testing::Values(BadUrlCase{"", "http://"}, BadUrlCase{"localhost:9090", "http://"},
                                           BadUrlCase{"ftp://a", "http://"}, BadUrlCase{"http://", "no host"},
                                           BadUrlCase{"http://:80/", "no host"}, BadUrlCase{"http://a:0", "port"},
                                           BadUrlCase{"http://a:65536", "port"}, BadUrlCase{"http://a:8o", "port"},
                                           BadUrlCase{"http://[::1", "]"}, BadUrlCase{"http://[::1]x", "malformed"},
                                           BadUrlCase{"http://a/b c", "space"},
                                           BadUrlCase{"http://a/\r\nHost: b", "space"}));

class ParseUrlWithAPassword : public ::testing::TestWithParam<BadUrlCase> {};

TEST_P(ParseUrlWithAPassword, NeverRepeatsIt) {
  const Result<Url> url = parse_url(GetParam().text);
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().message(), HasSubstr(GetParam().words));
  EXPECT_THAT(url.error().message(), Not(AnyOf(HasSubstr("hun"), HasSubstr("ter2"))));
}

INSTANTIATE_TEST_SUITE_P(
    Bad, ParseUrlWithAPassword,
    ::testing::Values(
        BadUrlCase{"http://user:hunter2@a.example/x", "of a.example holds a user name"},
        BadUrlCase{"http://user:hun@ter2@a.example/x", "holds a user name"},
        BadUrlCase{"http://user:hun@ter2/x@a.example/", "holds a user name"},
        BadUrlCase{"user:hunter2@a.example", "http://"}, BadUrlCase{"htps://user:hunter2@a.example", "http://"},
        BadUrlCase{"http://user:hun ter2@a.example", "space"}, BadUrlCase{"http://user:hunter2/x@a.example", "port"},
        BadUrlCase{"http://user:hunter2?x@a.example", "port"}, BadUrlCase{"http://user:hunter2#x@a.example", "port"},
        BadUrlCase{"http://:hunter2/@a.example", "no host"}, BadUrlCase{"http://[hunter2/@a.example", "]"},
        BadUrlCase{"http://[u]hunter2/@a.example", "malformed"},
        BadUrlCase{"http://a.example:0/x?token=hunter2", "a.example:0/x\""}));

}  // namespace
}  // namespace promfleet::http
