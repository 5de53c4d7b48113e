// augur-convert --ask; see ask_command.h.
#include "commands/ask_command.h"

#include <ostream>

#include "convert/outputs.h"
#include "error.h"
#include "libraries/questions.h"
#include "text/text.h"
#include "write/output_file.h"

namespace augur::convert {
namespace {

constexpr const char* kStandardOutput = "-";

void write(const Questions& questions, const std::string& path, const Streams& streams) {
  const std::string text = json_text(questions.file);
  if (path == kStandardOutput) {
    streams.out << text << std::flush;
    return;
  }
  OutputFile file(path);
  file.write(text);
  file.finish();
}

}  // namespace

bool ask_open_questions(const ConvertOptions& options, const ConversionInputs& inputs,
                        const Streams& streams) {
  if (options.ask.empty()) return false;
  const Questions questions = open_questions(inputs);
  if (questions.required.empty() && !options.only_asks()) return false;
  write(questions, options.ask, streams);
  const bool is_file = options.ask != kStandardOutput;
  const std::string file = is_file ? options.ask : "FILE";
  if (questions.required.empty()) {
    if (is_file) {
      streams.out << file << ": no question needs an answer; "
                  << count_text(questions.optional, "question") << " may be answered otherwise\n";
    }
    return true;
  }
  throw Error(questions.checkpoint + ": layout " + questions.file["layout"].get<std::string>() +
              ": these questions need an answer: " + join(questions.required) + ". " +
              (is_file ? file + " has them" : "The JSON on the standard output has them") +
              ", with their choices, defaults and where to look: replace each null that needs an "
              "answer, and give the file with --model " +
              file);
}

}  // namespace augur::convert
