// File descriptors: how many this process may have, and how many of them clients.
#pragma once

#include <cstddef>

namespace promfleet {

// Raises the soft limit to the hard one. The usual soft limit of 1024 is for programs that use select().
void raise_descriptor_limit();

// What RLIMIT_NOFILE allows at present.
std::size_t descriptor_limit();

// How many of `descriptors` clients may take, so that this process can still read its files and reach its lease store
// and its Prometheus when they take all that they get.
std::size_t client_connections_max(std::size_t descriptors);

}  // namespace promfleet
