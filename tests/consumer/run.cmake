# Builds tests/consumer/project in one of its variants and runs its programs.
#   cmake -DMODE=package|subdirectory -DLANGUAGE=C|CXX -DAUGUR_BUILD=... -DAUGUR_SOURCE=... -DWORK=...
#         -DGENERATOR=... -DC_COMPILER=... -DCXX_COMPILER=... -P run.cmake
cmake_minimum_required(VERSION 3.24)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "'${ARGN}' gave ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(options -DLANGUAGE=${LANGUAGE} -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_COMPILER=${C_COMPILER}")
if(LANGUAGE STREQUAL "CXX" OR MODE STREQUAL "subdirectory")
  list(APPEND options "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}")
endif()
if(MODE STREQUAL "package")
  run("${CMAKE_COMMAND}" --install "${AUGUR_BUILD}" --prefix "${WORK}/prefix")
  list(APPEND options "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_BUILD_RPATH=${WORK}/prefix/lib")
else()
  list(APPEND options "-DAUGUR_SOURCE=${AUGUR_SOURCE}")
endif()

run("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${CMAKE_CURRENT_LIST_DIR}/project" -B "${WORK}/build" ${options})
run("${CMAKE_COMMAND}" --build "${WORK}/build" --parallel 2)

set(programs consumer_static)
if(MODE STREQUAL "package")
  list(APPEND programs consumer_shared)
endif()
foreach(program IN LISTS programs)
  run("${WORK}/build/${program}")
  if(NOT output STREQUAL "works\n")
    message(FATAL_ERROR "${program} printed '${output}'")
  endif()
endforeach()
