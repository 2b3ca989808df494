# Libraries from outside, one `ext_*` target each. A room that includes one names its target in DEPENDS.

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_library(BOOST_JSON_LIBRARY boost_json REQUIRED)
find_library(YAML_LIBRARY yaml REQUIRED)
find_library(CRYPT_LIBRARY crypt REQUIRED)
find_library(SNAPPY_LIBRARY snappy REQUIRED)

function(external name)
  cmake_parse_arguments(ARG "" "" "LINK;DEFINE" ${ARGN})
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${ARG_LINK})
  target_compile_definitions(${name} INTERFACE ${ARG_DEFINE})
endfunction()

add_library(ext_fmt STATIC ${PROJECT_SOURCE_DIR}/cmake/fmt/fmt.cpp)
external(ext_asio LINK Threads::Threads DEFINE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY BOOST_ERROR_CODE_HEADER_ONLY BOOST_ASIO_HAS_STD_INVOKE_RESULT)
# Beast 1.81 asserts on input from the network (the chunk line "0\r\n" followed by a lone "\r"), so its asserts are off
# in every build.
external(ext_beast LINK ext_asio DEFINE BOOST_DISABLE_ASSERTS)
external(ext_json LINK ${BOOST_JSON_LIBRARY})
external(ext_openssl LINK OpenSSL::SSL OpenSSL::Crypto)
external(ext_protozero)
external(ext_snappy LINK ${SNAPPY_LIBRARY})
external(ext_xxhash)
external(ext_yaml LINK ${YAML_LIBRARY})
external(ext_zlib LINK ZLIB::ZLIB)
external(ext_crypt LINK ${CRYPT_LIBRARY})
