// Ranks on random models; run.py counts the instructions of each request.
//
// The requests are like those of augur-benchmarks (bench/suites/request_benchmark.cc) and have
// their names: KIND/MODEL/WIDTH/T/N.
//
//   again/…    another list of candidates for the same user
//   new/…      a user's features and history are set, then ranked
//   stream/…   one event is appended to a full window, then ranked, in a session with streaming
//
// With the argument "int8" only requests to int8 models. Prints the name of the kernels and then
// those of the requests, in the order in which they are counted.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "kernels/kernel_set.h"
#include "suites/model.h"

namespace {

using augur::bench::AttentionShape;
using augur::bench::ModelShape;
using augur::bench::RandomSession;
using augur::bench::SessionShape;

enum class Kind { kAgain, kNew, kStream };

void rank(RandomSession& session, Kind kind) {
  if (kind == Kind::kNew) session.set_user();
  if (kind == Kind::kStream) session.append();
  session.rank();
}

}  // namespace

// counter.c counts what is executed between these.
extern "C" {
__attribute__((noinline)) void counting_begins() {
  asm volatile("");
}
__attribute__((noinline)) void counting_ends() {
  asm volatile("");
}
}

namespace {

struct Request {
  Kind kind;
  ModelShape shape;
  uint32_t candidates;
};

std::string name_of(const Request& request) {
  const char* const kinds[] = {"again", "new", "stream"};
  const ModelShape& shape = request.shape;
  return std::string(kinds[static_cast<size_t>(request.kind)]) +
         (shape.attention == AttentionShape::kMlp ? "/mlp" : "/bilinear") +
         (shape.reset_before ? "_reset_before" : "") + (shape.integers ? "_int8" : "") + "/" +
         std::to_string(shape.width) + "/" + std::to_string(shape.history) + "/" +
         std::to_string(request.candidates);
}

// RandomSession has ranked once already, so that what is done only once is done. Requests that
// change the history are made once before: then it was not set by the constructor.
void count(const Request& request) {
  SessionShape of_session;
  of_session.streaming = request.kind == Kind::kStream;
  RandomSession session(request.shape, request.candidates, of_session);
  if (request.kind != Kind::kAgain) rank(session, request.kind);
  counting_begins();
  rank(session, request.kind);
  counting_ends();
  std::printf("%s\n", name_of(request).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const bool only_integers = argc == 2 && std::strcmp(argv[1], "int8") == 0;
  if (argc != 1 && !only_integers) {
    std::fprintf(stderr, "usage: augur-counted-requests [int8]\n");
    return 2;
  }
  std::printf("%s\n", augur::kernels().name);
  for (const AttentionShape attention : {AttentionShape::kBilinear, AttentionShape::kMlp}) {
    for (const bool integers : {false, true}) {
      if (only_integers && !integers) continue;
      ModelShape shape;
      shape.attention = attention;
      shape.integers = integers;
      for (const bool reset_before : {false, true}) {
        shape.reset_before = reset_before;
        shape.history = 50;
        for (const uint32_t candidates : {1u, 10u, 100u})
          count({Kind::kAgain, shape, candidates});
        for (const Kind kind : {Kind::kNew, Kind::kStream})
          count({kind, shape, 10});
      }
      shape.reset_before = false;
      shape.history = 1000;
      count({Kind::kAgain, shape, 10});
    }
  }
  return 0;
}
