# A room is one library named by its path (src/codec/yaml is codec_yaml), its tests beside it.
#
#   room(codec_yaml DEPENDS core_base ext_yaml)
#
# compiles every x.cpp of the folder into the library, every x_test.cpp into one test program (codec_yaml_test), every
# x_fuzz.cpp into a fuzzer of its own and every x_bench.cpp into a benchmark. TEST_DEPENDS names what the tests alone
# use. SMALL is for what has time: a release compiles it for size, since the kernel maps what lies beside the code that
# runs. `tools/check-layers` reads these calls: an include of a room that DEPENDS does not name
# fails the build.

function(room name)
  cmake_parse_arguments(ROOM "SMALL" "" "DEPENDS;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  set(fuzzers ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|_bench|main)\\.cpp$")

  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${ROOM_DEPENDS})
    if(ROOM_SMALL)
      target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-Os>)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} INTERFACE ${ROOM_DEPENDS})
  endif()

  if(tests AND NOT PROMFLEET_FUZZ)
    add_executable(${name}_test EXCLUDE_FROM_ALL ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${ROOM_TEST_DEPENDS} GTest::gmock_main)
    add_dependencies(unit_tests ${name}_test)
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
  if(PROMFLEET_FUZZ)
    foreach(source ${fuzzers})
      get_filename_component(fuzzer ${source} NAME_WE)
      add_executable(${name}_${fuzzer} EXCLUDE_FROM_ALL ${source})
      set_target_properties(${name}_${fuzzer} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
      target_link_libraries(${name}_${fuzzer} PRIVATE ${name} ${ROOM_TEST_DEPENDS} -fsanitize=fuzzer)
      add_dependencies(fuzzers ${name}_${fuzzer})
      add_test(NAME ${name}_${fuzzer} COMMAND ${PROJECT_SOURCE_DIR}/tools/fuzz ${name}_${fuzzer})
    endforeach()
  endif()
  foreach(source ${benches})
    get_filename_component(bench ${source} NAME_WE)
    add_executable(${name}_${bench} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(${name}_${bench} PRIVATE ${name} ${ROOM_TEST_DEPENDS} benchmark)
    # Debian has Google Benchmark as a shared library only.
    get_target_property(link_options ${name}_${bench} LINK_OPTIONS)
    list(REMOVE_ITEM link_options -static)
    set_target_properties(${name}_${bench} PROPERTIES LINK_OPTIONS "${link_options}")
    add_dependencies(benchmarks ${name}_${bench})
  endforeach()
endfunction()

add_custom_target(unit_tests)
add_custom_target(e2e_programs)  # what tests/e2e runs with sanitizers
add_custom_target(fuzzers)
add_custom_target(benchmarks)
