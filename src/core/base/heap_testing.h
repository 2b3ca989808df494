// What a test program takes from the heap, counted. Included by one source of the program: it replaces the operators of
// all of it.
//
//   const std::size_t before = heap.allocations;
#pragma once

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace promfleet {

struct Heap {
  std::size_t allocations = 0;
  std::size_t bytes = 0;  // that are in use

  void* allocate(std::size_t size) {
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) std::abort();
    ++allocations;
    bytes += malloc_usable_size(memory);
    return memory;
  }
  void release(void* memory) {
    bytes -= malloc_usable_size(memory);
    std::free(memory);
  }
};
inline constinit Heap heap;

}  // namespace promfleet

void* operator new(std::size_t size) {
  return promfleet::heap.allocate(size);
}
void* operator new[](std::size_t size) {
  return promfleet::heap.allocate(size);
}
void operator delete(void* memory) noexcept {
  promfleet::heap.release(memory);
}
void operator delete[](void* memory) noexcept {
  promfleet::heap.release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  promfleet::heap.release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  promfleet::heap.release(memory);
}
