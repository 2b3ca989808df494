#include "elector/gate/origin_file.h"

#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "core/base/try.h"

namespace promfleet::elector {

namespace {

constexpr std::size_t kBytesMax = 64 * 1024;
constexpr mode_t kMode = 0600;

Result<TermOrigin> parse(std::string_view text) {
  TRY_ASSIGN(const json::Value document, json::parse(text));
  TRY_ASSIGN(const json::Object* root, json::as_object(document));
  TRY_ASSIGN(const std::optional<std::int64_t> token, json::find_integer(*root, "token"));
  TRY_ASSIGN(const std::string_view started_at, json::require_string(*root, "prometheusStartTime"));
  if (!token || *token < 0) return fail(Errc::invalid_input, "token: a whole number is missing");
  return TermOrigin{.token = election::FencingToken(static_cast<std::uint64_t>(*token)),
                    .started_at = std::string(started_at)};
}

}  // namespace

Result<std::optional<TermOrigin>> OriginFile::load() {
  const Result<std::string> text = files_.read(path_, kBytesMax);
  if (!text && text.error().code() == Errc::not_found) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  TRY_ASSIGN(TermOrigin origin, with_context(parse(*text), path_));
  return origin;
}

Task<Result<>> OriginFile::save(TermOrigin origin) {
  std::string text;
  json::Writer(text)
      .begin_object()
      .member("token", origin.token.value())
      .member("prometheusStartTime", origin.started_at)
      .end_object();
  text += "\n";
  co_return co_await pool_.run([&] { return files_.replace(path_, text, kMode); });
}

}  // namespace promfleet::elector
