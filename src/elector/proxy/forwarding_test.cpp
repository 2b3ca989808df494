#include "elector/proxy/forwarding.h"

#include <gmock/gmock.h>

#include <map>
#include <vector>

namespace promfleet::elector {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// A request as our server hands it over; nothing of the answer is used here.
class ReceivedRequest final : public http::Exchange {
 public:
  explicit ReceivedRequest(std::vector<http::Field> fields) {
    for (const http::Field field : fields) request_.fields.add(field.name, field.value);
  }

  const http::Request& request() const override { return request_; }
  std::string peer_address() const override { return "192.0.2.9"; }
  http::ConnectionNumber connection() const override { return {}; }
  bool is_tls() const override { return has_tls; }
  bool has_body() const override { return false; }
  std::optional<std::uint64_t> body_bytes() const override { return 0; }
  Task<Result<std::string>> read_body(std::size_t) override { co_return std::string(); }
  Task<Result<std::string_view>> read_some() override { co_return std::string_view(); }
  Task<Result<>> respond(http::Response) override { co_return Result<>(); }
  Task<Result<>> begin(http::Response, std::string_view) override { co_return Result<>(); }
  Task<Result<>> write(std::string_view) override { co_return Result<>(); }
  Task<Result<>> end(std::string_view) override { co_return Result<>(); }
  void when_gone(std::function<void()>) override {}

  http::Request request_;
  bool has_tls = false;
};

std::vector<std::string> lines(const http::Fields& fields) {
  std::vector<std::string> lines;
  for (const http::Field field : fields) lines.push_back(std::string(field.name) + ": " + std::string(field.value));
  return lines;
}

std::vector<std::string> forwarded_lines(std::vector<http::Field> fields) {
  return lines(forwarded(ReceivedRequest(std::move(fields))).fields);
}

TEST(Forwarded, SaysWhereTheRequestCameFrom) {
  EXPECT_THAT(forwarded_lines({{"Host", "fleet.example"}, {"Accept", "*/*"}}),
              ElementsAre("Host: fleet.example", "Accept: */*", "X-Forwarded-For: 192.0.2.9", "X-Forwarded-Proto: http",
                          "X-Forwarded-Host: fleet.example"));
}

TEST(Forwarded, KeepsWhatAProxyBeforeUsHasSaid) {
  EXPECT_THAT(forwarded_lines({{"Host", "elector"},
                               {"X-Forwarded-For", "198.51.100.7, 203.0.113.1"},
                               {"x-forwarded-for", "10.0.0.1"},
                               {"X-Forwarded-Proto", "https"},
                               {"X-Forwarded-Host", "fleet.example"}}),
              UnorderedElementsAre("Host: elector", "X-Forwarded-Proto: https", "X-Forwarded-Host: fleet.example",
                                   "X-Forwarded-For: 198.51.100.7, 203.0.113.1, 10.0.0.1, 192.0.2.9"));
}

TEST(Forwarded, TlsIsToldAsHttps) {
  ReceivedRequest received({{"Host", "x"}});
  received.has_tls = true;
  EXPECT_EQ(forwarded(received).fields.find("X-Forwarded-Proto"), "https");
}

TEST(Forwarded, LeavesOutWhatIsForOneConnectionOnly) {
  EXPECT_THAT(forwarded_lines({{"Host", "x"},
                               {"Connection", "keep-alive, X-Private ,upgrade"},
                               {"Connection", "x-other"},
                               {"X-Private", "1"},
                               {"X-Other", "2"},
                               {"Keep-Alive", "timeout=5"},
                               {"Proxy-Connection", "keep-alive"},
                               {"Proxy-Authorization", "Basic eDp5"},
                               {"TE", "trailers"},
                               {"Trailer", "Expires"},
                               {"Upgrade", "websocket"},
                               {"Expect", "100-continue"},
                               {"Transfer-Encoding", "chunked"},
                               {"Authorization", "Bearer client"}}),
              ElementsAre("Host: x", "Authorization: Bearer client", "X-Forwarded-For: 192.0.2.9",
                          "X-Forwarded-Proto: http", "X-Forwarded-Host: x"));
}

TEST(Forwarded, ClientCannotHaveOurOwnFieldsLeftOutOrForged) {
  const std::vector<std::string> forged =
      forwarded_lines({{"Host", "x"}, {"Connection", "X-Forwarded-For"}, {"X-Promfleet-Proxied", "me"}});
  EXPECT_THAT(forged,
              ElementsAre("Host: x", "X-Forwarded-For: 192.0.2.9", "X-Forwarded-Proto: http", "X-Forwarded-Host: x"));
}

TEST(Forwarded, MethodAndTargetStayAsTheyCame) {
  ReceivedRequest received({{"Host", "x"}});
  received.request_.method = "POST";
  received.request_.target = "/a%2Fb/c;d?q=%7Bx%3D%22y%22%7D&&z=a+b";
  const http::Request request = forwarded(received);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, received.request_.target);
}

TEST(RemoveHopByHop, LeavesTheAnswersOwnFields) {
  http::Fields fields;
  for (const http::Field field : std::vector<http::Field>{{"Content-Type", "text/plain"},
                                                          {"Connection", "close, X-Hop"},
                                                          {"X-Hop", "1"},
                                                          {"Proxy-Authenticate", "Basic"},
                                                          {"Trailer", "X"},
                                                          {"Set-Cookie", "a=b"},
                                                          {"Set-Cookie", "c=d"}}) {
    fields.add(field.name, field.value);
  }
  remove_hop_by_hop(fields);
  EXPECT_THAT(lines(fields), ElementsAre("Content-Type: text/plain", "Set-Cookie: a=b", "Set-Cookie: c=d"));
}

TEST(IsRepeatable, QueriesAreWhateverTheirMethod) {
  const auto is = [](std::string method, std::string target) {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    return is_repeatable(request);
  };
  EXPECT_TRUE(is("GET", "/graph"));
  EXPECT_TRUE(is("HEAD", "/"));
  EXPECT_TRUE(is("OPTIONS", "*"));
  EXPECT_TRUE(is("POST", "/api/v1/query"));
  EXPECT_TRUE(is("POST", "/prefix/api/v1/query_range?timeout=1s"));
  EXPECT_FALSE(is("POST", "/api/v1/write"));
  EXPECT_FALSE(is("POST", "/x?/api/v1/query"));
  EXPECT_FALSE(is("PUT", "/api/v1/query"));
  EXPECT_FALSE(is("DELETE", "/"));
}

}  // namespace
}  // namespace promfleet::elector
