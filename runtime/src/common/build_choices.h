// What is in this build of libaugur. A build with AUGUR_MINIMAL has only the kinds that its lists
// name (toolchains/modules/AugurMinimal.cmake); every other build has all kinds of these lists.
//
// loader/ refuses a model that needs more, so that the rest of the library may take it that a kind
// which is not in the build does not occur. Conditions over these constants let the compiler leave
// out what such a kind would need.
#pragma once

#include "common/error.h"

// The words that a list may have; CMake reads them here.
#ifndef AUGUR_MINIMAL_CELLS
#define AUGUR_MINIMAL_CELLS "aigru agru augru"
#endif
#ifndef AUGUR_MINIMAL_RESET
#define AUGUR_MINIMAL_RESET "before after"
#endif
#ifndef AUGUR_MINIMAL_ATTENTION
#define AUGUR_MINIMAL_ATTENTION "mlp dot bilinear"
#endif
#ifndef AUGUR_MINIMAL_ACTIVATIONS
#define AUGUR_MINIMAL_ACTIVATIONS "relu prelu dice dice_rowwise sigmoid tanh elu gelu silu"
#endif
#ifndef AUGUR_MINIMAL_WEIGHTS
#define AUGUR_MINIMAL_WEIGHTS "f32 fp16 int8 int4"
#endif
#ifndef AUGUR_MINIMAL_TABLES
#define AUGUR_MINIMAL_TABLES "f32 fp16 int8 int4"
#endif
#ifndef AUGUR_MINIMAL_EXTRAS
#define AUGUR_MINIMAL_EXTRAS "threads sidecars deltas keys saved_sessions unwind_tables"
#endif

namespace augur::build {

// One of the lists: words with a space between them.
struct Choice {
  const char* name;
  const char* words;

  constexpr bool has(const char* word) const {
    for (const char* at = words; *at != '\0';) {
      const char* w = word;
      for (; *at != '\0' && *at == *w; ++at)
        ++w;
      if (*w == '\0' && (*at == '\0' || *at == ' ')) return true;
      while (*at != '\0' && *at != ' ')
        ++at;
      if (*at == ' ') ++at;
    }
    return false;
  }
};

constexpr Choice kCells = {"AUGUR_MINIMAL_CELLS", AUGUR_MINIMAL_CELLS};
constexpr Choice kReset = {"AUGUR_MINIMAL_RESET", AUGUR_MINIMAL_RESET};
constexpr Choice kAttention = {"AUGUR_MINIMAL_ATTENTION", AUGUR_MINIMAL_ATTENTION};
constexpr Choice kActivations = {"AUGUR_MINIMAL_ACTIVATIONS", AUGUR_MINIMAL_ACTIVATIONS};
constexpr Choice kWeights = {"AUGUR_MINIMAL_WEIGHTS", AUGUR_MINIMAL_WEIGHTS};
constexpr Choice kTables = {"AUGUR_MINIMAL_TABLES", AUGUR_MINIMAL_TABLES};
constexpr Choice kExtras = {"AUGUR_MINIMAL_EXTRAS", AUGUR_MINIMAL_EXTRAS};

constexpr bool kAigru = kCells.has("aigru");
constexpr bool kAgru = kCells.has("agru");
constexpr bool kAugru = kCells.has("augru");
constexpr bool kResetBefore = kReset.has("before");
constexpr bool kResetAfter = kReset.has("after");
constexpr bool kMlp = kAttention.has("mlp");
constexpr bool kDot = kAttention.has("dot");
constexpr bool kBilinear = kAttention.has("bilinear");
constexpr bool kRelu = kActivations.has("relu");
constexpr bool kPrelu = kActivations.has("prelu");
constexpr bool kDice = kActivations.has("dice");
constexpr bool kDiceRowwise = kActivations.has("dice_rowwise");
constexpr bool kSigmoid = kActivations.has("sigmoid");
constexpr bool kTanh = kActivations.has("tanh");
constexpr bool kElu = kActivations.has("elu");
constexpr bool kGelu = kActivations.has("gelu");
constexpr bool kSilu = kActivations.has("silu");
// Products of integers; int4 is multiplied as int8.
constexpr bool kIntegers = kWeights.has("int8") || kWeights.has("int4");
constexpr bool kF16 = kWeights.has("fp16") || kTables.has("fp16");
constexpr bool kI8 = kWeights.has("int8") || kTables.has("int8");
constexpr bool kI4 = kWeights.has("int4") || kTables.has("int4");
constexpr bool kThreads = kExtras.has("threads");
constexpr bool kDeltas = kExtras.has("deltas");  // CMake adds sidecars to them
constexpr bool kSidecars = kExtras.has("sidecars");
constexpr bool kKeys = kExtras.has("keys");
constexpr bool kSavedSessions = kExtras.has("saved_sessions");

// AUGUR_UNSUPPORTED, with a message that says which word the list lacks. `part` is what needs it,
// such as "stack 'clicks': ".
augur_status lacks(const Choice& choice, const char* word, const char* part, Fault& error);

}  // namespace augur::build
