# Writes a C++ source that holds layout files as text.
#   cmake -DOUTPUT=layouts.cc "-DFILES=a.json;b.json" -P embed_layouts.cmake
set(entries "")
set(count 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" text)
  # Some compilers limit a literal to 16 kB; neighbouring literals are one text.
  set(literals "")
  string(LENGTH "${text}" length)
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 part)
    string(APPEND literals "R\"=====(${part})=====\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND entries "    {\"${name}\",\n${literals}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}"
"// The files of converter/layouts/ as text.
#include \"layout/builtin.h\"

namespace augur::convert {

const BuiltinLayout kBuiltinLayouts[] = {
${entries}};
const size_t kBuiltinLayoutCount = ${count};

}  // namespace augur::convert
")
