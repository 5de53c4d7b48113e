# Builds libaugur.so alone, with AUGUR_MINIMAL and these lists.
#   cmake -DAUGUR_SOURCE=... -DWORK=... -DGENERATOR=... -DC_COMPILER=... -DCXX_COMPILER=... -DCHOSEN=<list>=<words>;...
#         -P build.cmake
cmake_minimum_required(VERSION 3.24)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "'${ARGN}' gave ${result}:\n${output}")
  endif()
endfunction()

set(options "")
foreach(list IN LISTS CHOSEN)
  list(APPEND options "-D${list}")
endforeach()
run("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${AUGUR_SOURCE}" -B "${WORK}" -DAUGUR_MINIMAL=ON ${options}
  -DAUGUR_BUILD_JNI=OFF -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_COMPILER=${C_COMPILER}"
  "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}")
run("${CMAKE_COMMAND}" --build "${WORK}" --parallel 2 --target augur_shared)
