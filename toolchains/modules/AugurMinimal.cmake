# AUGUR_MINIMAL: the lists of what is in the library, for apps that know their one model (docs/size.md). Sets
# AUGUR_MINIMAL_DEFINITIONS and AUGUR_MINIMAL_OPTIONS, with which augur_objects is compiled. The words that a list may have are in
# runtime/src/common/build_choices.h.

set(AUGUR_MINIMAL_CELLS augru CACHE STRING "Cells of the interest evolution beside the GRU")
set(AUGUR_MINIMAL_RESET after CACHE STRING "Where the reset gates of GRUs are")
set(AUGUR_MINIMAL_ATTENTION mlp CACHE STRING "Kinds of attention")
set(AUGUR_MINIMAL_ACTIVATIONS "relu;prelu;dice;sigmoid" CACHE STRING "Activations of layers")
set(AUGUR_MINIMAL_WEIGHTS f32 CACHE STRING "Types of layers' weights")
set(AUGUR_MINIMAL_TABLES f32 CACHE STRING "Types of embedding tables")
set(AUGUR_MINIMAL_EXTRAS "" CACHE STRING "What else the app uses")

foreach(option IN ITEMS TOOLS TESTS BENCH)
  if(AUGUR_BUILD_${option})
    message(FATAL_ERROR
      "AUGUR_MINIMAL is ON, but also AUGUR_BUILD_${option}, which needs every kind of model.\n"
      "Set AUGUR_BUILD_${option} to OFF, or build it without AUGUR_MINIMAL in another folder.")
  endif()
endforeach()

set(AUGUR_MINIMAL_DEFINITIONS "")
set(_augur_header "${CMAKE_CURRENT_LIST_DIR}/../../runtime/src/common/build_choices.h")
file(STRINGS "${_augur_header}" _augur_lists REGEX "^#define AUGUR_MINIMAL_")
foreach(line IN LISTS _augur_lists)
  string(REGEX MATCH "^#define (AUGUR_MINIMAL_[A-Z]+) \"(.*)\"$" line "${line}")
  set(list ${CMAKE_MATCH_1})
  string(REPLACE " " ";" known "${CMAKE_MATCH_2}")
  string(REPLACE " " ";" ${list} "${${list}}")  # both may stand between words
  foreach(word IN LISTS ${list})
    if(NOT word IN_LIST known)
      list(JOIN known ", " known)
      message(FATAL_ERROR "${list} has '${word}', which libaugur does not know. It may have: ${known}.")
    endif()
  endforeach()
  if("deltas" IN_LIST ${list} AND NOT "sidecars" IN_LIST ${list})
    list(APPEND ${list} sidecars)  # deltas change these
  endif()
  list(JOIN ${list} " " words)
  message(STATUS "${list}: ${words}")
  list(APPEND AUGUR_MINIMAL_DEFINITIONS "${list}=\"${words}\"")
endforeach()

set(AUGUR_MINIMAL_OPTIONS "")
if(NOT "unwind_tables" IN_LIST AUGUR_MINIMAL_EXTRAS)
  set(AUGUR_MINIMAL_OPTIONS -fno-unwind-tables -fno-asynchronous-unwind-tables)
endif()
