#include "net/http/origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::http {
namespace {

using ::testing::HasSubstr;

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

TEST(ParseUrl, NeverRepeatsAPassword) {
  const Result<Url> url = parse_url("http://user:secret@a.example/x");
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().message(), HasSubstr("a.example"));
  EXPECT_THAT(url.error().message(), ::testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace promfleet::http
