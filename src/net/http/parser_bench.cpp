// What one request costs in the codec alone: the budget of a proxied request is about 20 us for everything.
#include <benchmark/benchmark.h>

#include "net/http/head_writer.h"
#include "net/http/parser.h"

namespace promfleet::http {
namespace {

constexpr std::string_view kRequest =
    "GET /api/v1/query?query=up&time=1767225600 HTTP/1.1\r\n"
    "Host: prometheus.monitoring.svc:9095\r\n"
    "User-Agent: Grafana/11.2.0\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: gzip\r\n"
    "X-Forwarded-For: 192.0.2.7\r\n"
    "X-Grafana-Org-Id: 1\r\n\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json\r\n"
    "Vary: Accept-Encoding\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Length: 11\r\n\r\nhello world";

void BM_ParseRequest(benchmark::State& state) {
  RequestParser parser{HeadLimits{}};
  Request request;
  for (auto _ : state) {
    parser.start(BodyRule::as_told);
    benchmark::DoNotOptimize(parser.parse_head(kRequest, request));
  }
}
BENCHMARK(BM_ParseRequest);

void BM_ParseResponse(benchmark::State& state) {
  ResponseParser parser{HeadLimits{}};
  Response response;
  for (auto _ : state) {
    parser.start(BodyRule::as_told);
    const auto head = parser.parse_head(kResponse, response);
    benchmark::DoNotOptimize(parser.parse_body(kResponse.substr(*head)));
  }
}
BENCHMARK(BM_ParseResponse);

void BM_WriteRequest(benchmark::State& state) {
  RequestParser parser{HeadLimits{}};
  Request request;
  parser.start(BodyRule::as_told);
  benchmark::DoNotOptimize(parser.parse_head(kRequest, request));
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_head(out, request, "prometheus:9090", {});
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_WriteRequest);

void BM_WriteResponse(benchmark::State& state) {
  ResponseParser parser{HeadLimits{}};
  Response response;
  parser.start(BodyRule::as_told);
  benchmark::DoNotOptimize(parser.parse_head(kResponse, response));
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_head(out, response, {}, {.body = Framing::Body::sized, .bytes = 11}, ConnectionField::none);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_WriteResponse);

}  // namespace
}  // namespace promfleet::http

BENCHMARK_MAIN();
