# augur_test() and augur_fuzzer(): one executable each, registered with CTest.

augur_need_doctest()

# Targets that scripts/test.sh builds, each with what the tests of a preset run:
#   augur_tests          all tests (asan, linux-aarch64)
#   augur_phone_tests    tests of what runs on a phone (linux-armv7)
#   augur_thread_tests   tests that use threads (tsan)
#   augur_fuzzers        fuzzers (fuzz)
add_custom_target(augur_tests)
add_custom_target(augur_phone_tests)
add_custom_target(augur_thread_tests)
add_custom_target(augur_fuzzers)
add_dependencies(augur_tests augur_fuzzers)

# main() for a fuzzer that only replays its corpus.
add_library(augur_fuzz_replay STATIC EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cc")

# augur_test(<name> SOURCES <file>... [LIBRARIES <target>...] [ARGUMENTS <argument>...] [LABELS <label>...]
#            [TIMEOUT <seconds>])
#
# A doctest program with main() from tests/main.cc. It runs in the folder of its CMakeLists.txt. In cross builds it runs
# under the emulator, with AUGUR_EMULATED=1 in its environment; it should use fewer cases then. The label `threads` marks
# what the tsan preset runs, `converter` what does not run on phones. A test case that ends early because something is
# missing (such as AUGUR_TEST_DATA) prints a line "[skipped] reason" to standard output; scripts/test.sh counts it as
# skipped.
function(augur_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES;ARGUMENTS;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE augur_test_main ${arg_LIBRARIES})
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)  # the tests' own code compiles a quarter faster
  add_dependencies(augur_tests ${name})
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGUMENTS} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set(environment "ASAN_OPTIONS=detect_leaks=1" "UBSAN_OPTIONS=print_stacktrace=1")
  if(CMAKE_CROSSCOMPILING)
    list(APPEND environment AUGUR_EMULATED=1)
  endif()
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(augur_thread_tests ${name})
  endif()
  if(NOT "converter" IN_LIST arg_LABELS)
    add_dependencies(augur_phone_tests ${name})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "${environment}")
endfunction()

# augur_fuzzer(<name> SOURCES <file>... [LIBRARIES <target>...] [LABELS <label>...] [CORPUS <folder>]
#              [MAX_LENGTH <bytes>])
#
# SOURCES define LLVMFuzzerTestOneInput. In the fuzz preset this is a libFuzzer program, which CTest runs
# for AUGUR_FUZZ_SECONDS on the corpus; in every other preset the same code replays the corpus once.
set(AUGUR_FUZZ_SECONDS 10 CACHE STRING "How long CTest runs each fuzzer")
if(DEFINED ENV{AUGUR_FUZZ_SECONDS})
  set(AUGUR_FUZZ_SECONDS "$ENV{AUGUR_FUZZ_SECONDS}" CACHE STRING "" FORCE)
endif()
function(augur_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS;MAX_LENGTH" "SOURCES;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  add_dependencies(augur_fuzzers ${name})
  if(NOT "converter" IN_LIST arg_LABELS)
    add_dependencies(augur_phone_tests ${name})
  endif()
  set(corpus "")
  if(arg_CORPUS)
    get_filename_component(corpus "${arg_CORPUS}" ABSOLUTE)
  endif()
  if(AUGUR_BUILD_FUZZERS)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    if(NOT arg_MAX_LENGTH)
      set(arg_MAX_LENGTH 65536)
    endif()
    # libFuzzer writes new inputs into the first folder, which is therefore not the one in the sources.
    set(found "${CMAKE_CURRENT_BINARY_DIR}/${name}.corpus")
    file(MAKE_DIRECTORY "${found}")
    add_test(NAME ${name} COMMAND ${name} -max_total_time=${AUGUR_FUZZ_SECONDS} -max_len=${arg_MAX_LENGTH}
      -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/${name}-"
      "${found}" ${corpus})
  else()
    target_link_libraries(${name} PRIVATE augur_fuzz_replay)
    add_test(NAME ${name} COMMAND ${name} ${corpus})
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "fuzz;${arg_LABELS}")
endfunction()
