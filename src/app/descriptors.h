// File descriptors: how many this process may have, and how many of them clients.
#pragma once

#include <cstddef>

#include "core/base/error.h"

namespace promfleet {

// Raises the soft limit to the hard one. The usual soft limit of 1024 is for programs that use select().
void raise_descriptor_limit();

// Whoever starts us may have closed standard input, output or error: a file or socket that took their place would
// receive what is printed. They are open afterwards.
void open_standard_descriptors();

// Errc::limit_exceeded where so few descriptors are allowed that a member could not even start.
Result<> check_descriptor_limit(std::size_t descriptors);

// What RLIMIT_NOFILE allows at present.
std::size_t descriptor_limit();

// How many of `descriptors` clients may take, so that this process can still read its files and reach its lease store
// and its Prometheus when they take all that they get.
std::size_t client_connections_max(std::size_t descriptors);

}  // namespace promfleet
