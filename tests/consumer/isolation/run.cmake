# Links two apps with libaugur.a, each of which has names inside that libaugur.a has too, and runs them:
#   own      defines some of XNNPACK's names itself (../project/own_xnnpack.c)
#   second   contains another complete XNNPACK, and FlatBuffers (second_xnnpack.cc)
#
#   cmake "-DLINK=<compiler>;<option>..." -DLIBRARY=libaugur.a "-DOWN=<object>..." "-DSECOND=<object>..."
#         "-DARCHIVES=<XNNPACK's archives>" -DMODEL=format1.augur "-DEMULATOR=..." -DWORK=<folder> -P run.cmake
cmake_minimum_required(VERSION 3.24)

function(link_and_run name)
  set(program "${WORK}/${name}")
  execute_process(COMMAND ${LINK} -o "${program}" ${ARGN} -lm -pthread RESULT_VARIABLE result OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(NOT result EQUAL 0)
    string(SUBSTRING "${text}" 0 2000 text)
    message(FATAL_ERROR "The app '${name}' does not link with ${LIBRARY}:\n${text}")
  endif()
  execute_process(COMMAND ${EMULATOR} "${program}" "${MODEL}" RESULT_VARIABLE result OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(NOT result EQUAL 0 OR NOT text STREQUAL "works\n")
    message(FATAL_ERROR "The app '${name}' with ${LIBRARY} gave ${result}: '${text}'")
  endif()
  message(STATUS "${name}: works")
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
link_and_run(own ${OWN} "${LIBRARY}")
# Without --gc-sections, so that a clash of names in unused code is found, too.
link_and_run(second ${SECOND} "${LIBRARY}" -Wl,--whole-archive ${ARCHIVES} -Wl,--no-whole-archive)
