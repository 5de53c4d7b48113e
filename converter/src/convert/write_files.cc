// Writes the files of a conversion, all or none; see write_files.h.
#include "convert/write_files.h"

#include <unistd.h>

#include <ostream>
#include <string_view>
#include <vector>

#include "text/text.h"
#include "write/output_file.h"

namespace augur::convert {
namespace {

std::string_view view(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void write_files(const Conversion& conversion, const std::string& out,
                 const std::string& report_path, const std::string& report, std::ostream& err) {
  std::vector<std::string> left;
  std::vector<OutputFile> files;
  const auto stage = [&](const std::string& path, std::string_view content) {
    for (std::string& file : left_behind(path))
      left.push_back(std::move(file));
    files.emplace_back(path, OutputTo::kFile);
    files.back().write(content);
  };
  if (!report_path.empty()) stage(report_path, report);
  for (const Sidecar& sidecar : conversion.sidecars)
    stage(sidecar.path, view(sidecar.file));
  stage(out, view(conversion.file));
  if (!left.empty()) {
    err << "augur-convert: warning: an earlier run was killed and left " << join(left, ", ", true)
        << ": until now the files beside them may have been of two runs; all are written anew\n";
  }
  finish_together(files);
  for (const std::string& file : left)
    unlink(file.c_str());
}

}  // namespace augur::convert
