# Checks that the runtime and the converter define no class of the same name. Both may be in one program, and the linker
# would then silently use the functions of one class for the other.
# Classes in the headers of common/ are the same in both.
#   cmake -DNM=... "-DONE=liba.a" "-DOTHERS=libb.a;libc.a" -DSHARED=common -P distinct.cmake
cmake_minimum_required(VERSION 3.24)

# classes(<out> <library>...): the classes of namespace augur of which the libraries define a function, a vtable or a
# typeinfo.
function(classes out)
  set(found "")
  foreach(library IN LISTS ARGN)
    execute_process(COMMAND "${NM}" --demangle --defined-only "${library}" OUTPUT_VARIABLE text
      COMMAND_ERROR_IS_FATAL ANY)
    # "... W augur::convert::Precision::Precision(...)", "... V vtable for augur::Error"
    string(REGEX MATCHALL "[A-Za-z] (vtable for |typeinfo for |typeinfo name for )?augur::[A-Za-z0-9_:]*" names "${text}")
    foreach(name IN LISTS names)
      if(name MATCHES "for (augur::.*)$" OR name MATCHES " (augur::([a-z0-9_]+::)*[A-Z][A-Za-z0-9]*)::")
        list(APPEND found "${CMAKE_MATCH_1}")
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES found)
  list(FILTER found EXCLUDE REGEX "^augur::fb::")  # generated from the schema, the same everywhere
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

classes(one "${ONE}")
classes(others ${OTHERS})
foreach(expected IN ITEMS "augur::Fault")
  if(NOT expected IN_LIST one)
    message(FATAL_ERROR "${ONE}: ${expected} is not found; is this script right?")
  endif()
endforeach()
if(NOT "augur::Error" IN_LIST others)
  message(FATAL_ERROR "${OTHERS}: augur::Error is not found; is this script right?")
endif()
set(shared "")
file(GLOB headers "${SHARED}/*.h")
foreach(header IN LISTS headers)
  file(STRINGS "${header}" lines REGEX "^(class|struct) [A-Za-z0-9]+ ")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^(class|struct) ([A-Za-z0-9]+) .*$" "augur::\\2" name "${line}")
    list(APPEND shared "${name}")
  endforeach()
endforeach()
set(both "")
foreach(name IN LISTS one)
  if(name IN_LIST others AND NOT name IN_LIST shared)
    list(APPEND both "${name}")
  endif()
endforeach()
if(both)
  message(FATAL_ERROR "Defined in ${ONE} and in one of ${OTHERS}: ${both}")
endif()
