# Merges object files and archives into one object in which only augur_* is visible to an app's linker.
#
#   augur_linkers_of_toolchain(<out>)
#   augur_find_relocatable_linker(<out> <report> OBJCOPY <program> CANDIDATES <program>...)
#   augur_one_object(<object> LINKER <program> OBJCOPY <program> [LINK_OPTIONS <option>...] DEPENDS <target>...
#                    INPUTS <file>...)
#
# Two steps: the linker makes one relocatable object (-r), then objcopy makes every symbol in it local except augur_*.
#
# No COMDAT group may be left in the object. Of several groups of the same name an app's linker keeps one, and would
# drop ours in favour of the app's, although our symbols are local. Either the linker dissolves the groups
# (--force-group-allocation: GNU ld since binutils 2.29, lld since version 19), or objcopy makes plain groups of them
# (llvm-objcopy does, GNU objcopy does not). So an lld older than 19 works together with llvm-objcopy.

# _augur_merge_options(<linker>): sets link_options and objcopy_options.
function(_augur_merge_options linker)
  set(link_options -r)
  execute_process(COMMAND "${linker}" --version OUTPUT_VARIABLE version ERROR_QUIET)
  execute_process(COMMAND "${linker}" --help OUTPUT_VARIABLE help ERROR_QUIET)
  if(help MATCHES "--force-group-allocation")
    list(APPEND link_options --force-group-allocation)
  endif()
  if(version MATCHES "^GNU ld")
    # Leaves out what the C API does not reach.
    list(APPEND link_options --gc-sections --gc-keep-exported)
  endif()
  # lld does not get --gc-sections: with -r it drops the unwind tables (.eh_frame) too, and crash reports would end at
  # Augur's functions. What is not used goes when the app is linked with --gc-sections.
  set(link_options "${link_options}" PARENT_SCOPE)
  set(objcopy_options --wildcard "--keep-global-symbol=augur_*" PARENT_SCOPE)
endfunction()

# Sets <out> to the first candidate that can merge objects of this build's target, or to "" if there is none. Each
# candidate is tried on a small archive; for each one that fails, <report> gets a line with its version and the error.
function(augur_find_relocatable_linker out report)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "OBJCOPY" "CANDIDATES")
  set(${out} "" PARENT_SCOPE)
  set(folder "${CMAKE_BINARY_DIR}/CMakeFiles/augur_one_object")
  set(probe "${folder}/probe.a")
  if(NOT EXISTS "${probe}")
    # in_group() is in a COMDAT group.
    file(WRITE "${folder}/probe.cc"
      "inline int in_group() { return 0; }\n"
      "typedef int Function();\n"
      "Function* augur_probe() { return in_group; }\n")
    set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
    try_compile(_augur_probe_compiled "${folder}/build" "${folder}/probe.cc" OUTPUT_VARIABLE text COPY_FILE "${probe}")
    unset(_augur_probe_compiled CACHE)
    if(NOT EXISTS "${probe}")
      message(FATAL_ERROR "An inline function does not compile:\n${text}")
    endif()
  endif()

  set(object "${folder}/probe.o")
  foreach(linker IN LISTS arg_CANDIDATES)
    _augur_merge_options("${linker}")
    execute_process(COMMAND "${linker}" ${link_options} -o "${object}" --whole-archive "${probe}"
      RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(result EQUAL 0)
      execute_process(COMMAND "${arg_OBJCOPY}" ${objcopy_options} "${object}"
        RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
    endif()
    if(result EQUAL 0)
      execute_process(COMMAND "${CMAKE_READELF}" --section-groups "${object}"
        RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
      if(result EQUAL 0 AND NOT text MATCHES "COMDAT")
        set(${out} "${linker}" PARENT_SCOPE)
        return()
      endif()
      if(result EQUAL 0)
        set(text "it has no --force-group-allocation, and ${arg_OBJCOPY} leaves COMDAT groups")
      endif()
    endif()
    execute_process(COMMAND "${linker}" --version OUTPUT_VARIABLE version ERROR_QUIET)
    string(REGEX MATCH "^[^\n]*" version "${version}")
    string(REGEX MATCH "^[^\n]*" text "${text}")
    if(NOT text)
      set(text "${result}")
    endif()
    set(${report} "${${report}}  ${linker} (${version}): ${text}\n")
  endforeach()
  set(${report} "${${report}}" PARENT_SCOPE)
endfunction()

# Adds the command that makes <object>. LINK_OPTIONS are for tests, in place of those that fit the linker.
function(augur_one_object object)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LINKER;OBJCOPY" "LINK_OPTIONS;DEPENDS;INPUTS")
  _augur_merge_options("${arg_LINKER}")
  if(arg_LINK_OPTIONS)
    set(link_options "${arg_LINK_OPTIONS}")
  endif()
  get_filename_component(name "${object}" NAME)
  add_custom_command(
    OUTPUT "${object}"
    COMMAND "${arg_LINKER}" ${link_options} -o "${object}" ${arg_INPUTS}
    COMMAND "${arg_OBJCOPY}" ${objcopy_options} "${object}"
    DEPENDS ${arg_DEPENDS} ${arg_INPUTS}
    COMMENT "Merging libaugur.a into one object, ${name}"
    COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endfunction()

# augur_linkers_of_toolchain(<out>): the linkers that this build's compiler can use, the one that it does use first.
function(augur_linkers_of_toolchain out)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_EXE_LINKER_FLAGS} ${CMAKE_SHARED_LINKER_FLAGS}")
  set(names "")
  if(CMAKE_LINKER_TYPE)
    string(TOLOWER "ld.${CMAKE_LINKER_TYPE}" name)
    list(APPEND names "${name}")
  endif()
  foreach(flag IN LISTS flags)
    if(flag MATCHES "^-fuse-ld=(/.*)$")
      list(APPEND names "${CMAKE_MATCH_1}")
    elseif(flag MATCHES "^-fuse-ld=(.*)$")
      list(APPEND names "ld.${CMAKE_MATCH_1}")
    endif()
  endforeach()
  list(APPEND names "${CMAKE_LINKER}" ld.bfd ld.lld)

  set(linkers "")
  foreach(name IN LISTS names)
    if(NOT IS_ABSOLUTE "${name}")
      # Answers with a path, or with the bare name if it knows no such program.
      execute_process(COMMAND "${CMAKE_C_COMPILER}" ${flags} "-print-prog-name=${name}" OUTPUT_VARIABLE name
        ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    endif()
    set(program program-NOTFOUND)
    find_program(program NAMES "${name}" NO_CACHE NO_CMAKE_FIND_ROOT_PATH)
    if(program)
      list(APPEND linkers "${program}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES linkers)
  set(${out} "${linkers}" PARENT_SCOPE)
endfunction()
