# Compiler and linker flags, the same for every room.

option(PROMFLEET_STATIC "Link one static binary" OFF)
option(PROMFLEET_FUZZ "Build the *_fuzz.cpp targets" OFF)
set(PROMFLEET_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
                    -Wno-missing-designated-field-initializers -Werror
                    -fno-omit-frame-pointer)
add_link_options(-fuse-ld=lld-19)

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Wl,--gc-sections -Wl,--icf=safe -s")
# -O1 -gline-tables-only: half the build time of -O0 -g under sanitizers, and stack traces still have lines.
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -gline-tables-only")
set(CMAKE_EXE_LINKER_FLAGS_SANITIZE "")

if(PROMFLEET_SANITIZE)
  add_compile_options(-fsanitize=${PROMFLEET_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PROMFLEET_SANITIZE} -fno-sanitize-recover=all)
endif()
if(PROMFLEET_STATIC)
  # ADR 0019: less memory.
  add_link_options(-static -Wl,--symbol-ordering-file=${PROJECT_SOURCE_DIR}/cmake/link_order.txt
                   -Wl,--no-warn-symbol-ordering)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(ZLIB_USE_STATIC_LIBS ON)
endif()
