#include "app/lease_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/asio/co_spawn.hpp>

#include "app/environment.h"
#include "app/flags/flag_set.h"
#include "app/lease_report.h"
#include "codec/base64/base64.h"
#include "codec/json/value.h"
#include "core/base/try.h"
#include "core/os/real_file_system.h"
#include "core/os/system_clock.h"
#include "net/http/client.h"
#include "net/resolver/host_lookup.h"
#include "net/resolver/resolver.h"
#include "net/tls/context.h"

namespace promfleet {

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr Duration kTimeMax = 10s;
constexpr std::size_t kPasswordBytesMax = 64 * 1024;

struct Action {
  std::string_view name;
  std::string_view method;
  std::string_view help;
  std::string_view done;  // what is printed; empty: the answer is
};

constexpr std::array kActions = {
    Action{"status", "GET", "who leads, and how this member is", ""},
    Action{"history", "GET", "the latest changes of leadership that this member saw", ""},
    Action{"step-down", "POST", "the leader demotes, releases the lease and leaves it to another for a while",
           "the leader steps down: it demotes its Prometheus, then releases the lease"},
    Action{"switchover", "POST", "as step-down, and the others leave the lease to the member of -to",
           "the leader steps down in favour of the member named"},
    Action{"pause", "POST", "this member does not take over; a leader goes on leading",
           "paused: this member does not take over until it is resumed or restarted"},
    Action{"resume", "POST", "ends a pause", "resumed"},
};

const Action* find_action(std::string_view name) {
  const auto found = std::ranges::find(kActions, name, &Action::name);
  return found == kActions.end() ? nullptr : &*found;
}

FlagSet lease_flags(LeaseCommand& command) {
  FlagSet flags;
  flags.add("address", command.address, "URL of the elector to ask");
  flags.add("to", command.to, "Member that is to lead after a switchover");
  flags.add("user", command.user, "Name, where the elector asks for one");
  flags.add("password-file", command.password_file, "File with the password of -user");
  flags.add("ca-file", command.ca_file,
            "File with the CA certificates that the elector's certificate is checked by, instead of the system's");
  flags.add("insecure-skip-verify", command.insecure_skip_verify, "Do not check the elector's certificate");
  return flags;
}

// A name that can stand in a query as it is: pods and hosts have no other characters.
bool is_member_name(std::string_view name) {
  return std::ranges::all_of(name, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

Result<> check_target(const LeaseCommand& command) {
  if (command.action != "switchover") {
    if (command.to.empty()) return {};
    return fail(Errc::invalid_input, "flag -to goes with switchover, not with {}", command.action);
  }
  if (command.to.empty()) return fail(Errc::invalid_input, "switchover needs the next leader: -to=MEMBER");
  if (!is_member_name(command.to)) return fail(Errc::invalid_input, "flag -to: {:?} is no member's name", command.to);
  return {};
}

Result<> check_command(const LeaseCommand& command) {
  TRY(check_target(command));
  if (command.user.empty() != command.password_file.empty()) {
    return fail(Errc::invalid_input, "flags -user and -password-file go together: give both or none");
  }
  if (command.user.contains(':')) return fail(Errc::invalid_input, "flag -user: a name with a colon cannot be sent");
  return {};
}

http::Request request_of(const LeaseCommand& command, std::string_view base_path) {
  while (base_path.ends_with('/')) base_path.remove_suffix(1);
  http::Request request{.method = std::string(find_action(command.action)->method),
                        .target = fmt::format("{}/_elector/{}", base_path, command.action)};
  if (!command.to.empty()) request.target += "?to=" + command.to;
  return request;
}

// The message of one of the elector's own refusals.
std::optional<std::string> message_of(const http::Response& response) {
  const Result<json::Value> body = json::parse(response.body);
  if (!body || !body->is_object()) return std::nullopt;
  const auto message = json::find_string(body->get_object(), "message");
  if (!message || !*message) return std::nullopt;
  return std::string(**message);
}

Error no_answer(const LeaseCommand& command, const Error& error) {
  return {error.code(),
          fmt::format("no elector answers at {}: is it running there? ({})", command.address, error.message())};
}

Error refusal(const LeaseCommand& command, const http::Response& response) {
  if (response.status == 401) {
    return {Errc::unauthorized, fmt::format("the elector at {} asks for a name and a password it knows: -user and "
                                            "-password-file",
                                            command.address)};
  }
  if (const std::optional<std::string> message = message_of(response)) {
    return {Errc::forbidden, fmt::format("the elector at {} refuses: {}", command.address, *message)};
  }
  return {Errc::protocol, fmt::format("what answers at {} is no promfleet elector: it says {} {}", command.address,
                                      response.status, http::reason_phrase(response.status))};
}

Result<std::string> report(const LeaseCommand& command, const http::Response& response) {
  const std::string_view done = find_action(command.action)->done;
  if (!done.empty()) return fmt::format("{}\n", done);
  const Result<json::Value> body = json::parse(response.body);
  if (!body || !body->is_object()) return std::unexpected(refusal(command, response));
  return command.action == "status" ? status_report(body->get_object()) : history_report(body->get_object());
}

// Reads the files that the flags name.
Result<> add_credentials(LeaseCommand& command, FileSystem& files) {
  if (command.user.empty()) return {};
  TRY_ASSIGN(std::string password,
             with_context(files.read(command.password_file, kPasswordBytesMax), "flag -password-file"));
  password.erase(password.find_last_not_of("\r\n") + 1);
  command.request.fields.set("Authorization", "Basic " + base64::encode(command.user + ":" + password));
  return {};
}

Result<std::optional<net::TlsContext>> tls_of(const LeaseCommand& command, FileSystem& files) {
  if (!command.elector.is_tls) return std::nullopt;
  net::ClientTlsOptions options;
  if (!command.ca_file.empty()) {
    TRY_ASSIGN(options.ca, with_context(net::read_pem(files, command.ca_file), "flag -ca-file"));
  }
  if (command.insecure_skip_verify) options.verification = net::PeerVerification::skipped;
  return net::TlsContext::client(options, system_roots(ProcessEnvironment(environ)));
}

// Like perform(), over the network.
Result<std::string> perform_now(const LeaseCommand& command, std::optional<net::TlsContext> tls) {
  asio::io_context io(1);
  SystemClock clock(io);
  net::SystemHostLookup lookup(1);
  net::Resolver resolver(io.get_executor(), clock, lookup);
  net::NetworkDialer dialer(clock, resolver, std::move(tls));
  Result<std::string> result;
  asio::co_spawn(
      io.get_executor(),
      [&]() -> Task<> {
        result = co_await perform(command, dialer, clock);
        co_await resolver.close();
        io.stop();
      },
      [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  io.run();
  return result;
}

int complain(const Error& error, int status) {
  std::fprintf(stderr, "promfleet lease: %s\n", error.message().c_str());
  return status;
}

}  // namespace

std::string lease_help() {
  LeaseCommand command;
  std::string help =
      "Usage: promfleet lease ACTION [flags]\n\n"
      "Asks a running elector who leads, or tells it what to do. Electors take orders from their own machine, or from\n"
      "anywhere with authentication (-web.config.file).\n\n";
  for (const Action& action : kActions) help += fmt::format("  {:<10}  {}\n", action.name, action.help);
  return help + "\n" + lease_flags(command).help();
}

Result<std::optional<LeaseCommand>> parse_lease_command(std::span<const std::string> arguments) {
  LeaseCommand command;
  const FlagSet flags = lease_flags(command);
  TRY_ASSIGN(const FlagSet::Parsed before, flags.parse(arguments));
  if (before.help_requested) return std::nullopt;
  if (before.rest.empty() || find_action(before.rest[0]) == nullptr) {
    return fail(Errc::invalid_input, "{} (promfleet lease --help)",
                before.rest.empty() ? "say what to do: status, history, step-down, switchover, pause or resume"
                                    : fmt::format("\"{}\" is unknown: use status, history, step-down, switchover, "
                                                  "pause or resume",
                                                  before.rest[0]));
  }
  command.action = before.rest[0];
  TRY_ASSIGN(const FlagSet::Parsed after, flags.parse(std::span(before.rest).subspan(1)));
  if (after.help_requested) return std::nullopt;
  if (!after.rest.empty()) {
    return fail(Errc::invalid_input, "unexpected argument \"{}\": flags are written -name=value", after.rest[0]);
  }
  TRY(check_command(command));
  TRY_ASSIGN(const http::Url url, with_context(http::parse_url(command.address), "flag -address"));
  command.elector = url.origin;
  command.request = request_of(command, http::path_of(url.target));
  return command;
}

Task<Result<std::string>> perform(const LeaseCommand& command, net::Dialer& dialer, Clock& clock) {
  http::Client client(dialer, clock, command.elector);
  const Result<http::Response> response = co_await client.send(command.request, clock.now() + kTimeMax);
  if (!response) co_return std::unexpected(no_answer(command, response.error()));
  if (response->status != 200) co_return std::unexpected(refusal(command, *response));
  co_return report(command, *response);
}

int run_lease_command(std::span<const std::string> arguments) {
  Result<std::optional<LeaseCommand>> command = parse_lease_command(arguments);
  if (!command) return complain(command.error(), kWrongUsage);
  if (!*command) {
    std::fputs(lease_help().c_str(), stdout);
    return 0;
  }
  RealFileSystem files;
  if (const Result<> added = add_credentials(**command, files); !added) return complain(added.error(), kWrongUsage);
  Result<std::optional<net::TlsContext>> tls = tls_of(**command, files);
  if (!tls) return complain(tls.error(), kWrongUsage);
  const Result<std::string> text = perform_now(**command, *std::move(tls));
  if (!text) return complain(text.error(), kFailed);
  std::fputs(text->c_str(), stdout);
  return 0;
}

}  // namespace promfleet
