#include "net/resolver/host_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace promfleet::net {

namespace {

asio::ip::address address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    const auto* ip4 = reinterpret_cast<const sockaddr_in*>(info.ai_addr);
    return asio::ip::address_v4(ntohl(ip4->sin_addr.s_addr));
  }
  const auto* ip6 = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &ip6->sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, ip6->sin6_scope_id);
}

Errc errc_of(int code) {
  return code == EAI_NONAME || code == EAI_NODATA ? Errc::not_found : Errc::unreachable;
}

Result<Addresses> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &answer);
  if (code != 0) return fail(errc_of(code), "resolving {}: {}", host, gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(answer, &freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* info = answer; info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    const asio::ip::address address = address_of(*info);
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  if (addresses.empty()) return fail(Errc::not_found, "resolving {}: it has no address", host);
  return addresses;
}

}  // namespace

Task<Result<Addresses>> SystemHostLookup::look_up(std::string host) {
  co_return co_await threads_.run([&host] { return ask_system(host); });
}

}  // namespace promfleet::net
