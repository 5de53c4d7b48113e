// Ranking and explaining. Outputs that are arrays of Java are computed in the session's scratch and
// copied once.
#include <augur/augur.h>
#include <jni.h>
#include <stdint.h>

#include "columns.h"
#include "errors.h"
#include "functions.h"
#include "peers.h"
#include "text.h"

namespace augur_jni {
namespace {

// Where a ranking writes floats: nowhere, into a direct buffer, or into scratch and from there into
// a float[].
struct Output {
  jobject target;
  jint offset;
  float* values;
  bool in_place;
};

// A float[] has no address for GetDirectBufferAddress, which must be called with buffers only.
bool is_array(JNIEnv* env, jobject target) {
  return env->IsInstanceOf(target, float_array_class());
}

size_t scratch_of(const Output& output, size_t rows) {
  return output.target == nullptr || output.in_place ? 0 : Scratch::piece(rows, sizeof(float));
}

// False with an exception pending.
bool find_output(JNIEnv* env, jobject target, jint offset, jint rows, Output& output) {
  output = {target, offset, nullptr, false};
  if (target == nullptr || is_array(env, target)) return true;
  auto* address = static_cast<float*>(env->GetDirectBufferAddress(target));
  if (address == nullptr || reinterpret_cast<uintptr_t>(address) % sizeof(float) != 0) {
    throw_illegal_argument(
        env, "a buffer for scores or logits is not a direct one that begins at a multiple of 4");
    return false;
  }
  if (offset < 0 || env->GetDirectBufferCapacity(target) - offset < rows) {
    throw_illegal_argument(env, "a buffer for scores or logits has no room for them");
    return false;
  }
  output.values = address + offset;
  output.in_place = true;
  return true;
}

// All values are NaN until a ranking gives them others, so that those of one that fails are, too.
void begin(Scratch& scratch, Output& output, size_t rows) {
  if (output.target == nullptr) return;
  if (!output.in_place) output.values = scratch.take<float>(rows);
  for (size_t i = 0; i < rows; ++i)
    output.values[i] = __builtin_nanf("");
}

void give(JNIEnv* env, const Output& output, jint rows) {
  if (output.target == nullptr || output.in_place) return;
  env->SetFloatArrayRegion(static_cast<jfloatArray>(output.target), output.offset, rows,
                           output.values);
}

// Statuses in scratch as the int[] of Java.
void give_statuses(JNIEnv* env, const augur_status* statuses, jint rows, jintArray target) {
  static_assert(sizeof(augur_status) == sizeof(jint), "an enum of C is an int");
  env->SetIntArrayRegion(target, 0, rows, reinterpret_cast<const jint*>(statuses));
}

bool check_rows(JNIEnv* env, jint rows, jintArray statuses) {
  if (rows >= 0 && (statuses == nullptr || env->GetArrayLength(statuses) >= rows)) return true;
  throw_illegal_argument(env, "the number of candidates is negative, or the statuses have no room");
  return false;
}

void check(JNIEnv* env, const SessionPeer* peer, augur_status status) {
  if (status != AUGUR_OK) throw_status(env, status, augur_session_error(peer->session));
}

// augur_session_cancel ends a ranking that is running. One that was cancelled while its columns
// were read does not begin.
void throw_cancelled(JNIEnv* env) {
  throw_status(env, AUGUR_CANCELLED, "the call was cancelled before its ranking began");
}

}  // namespace

void rank(JNIEnv* env, jclass, jlong session, jobjectArray data, jintArray numbers,
          jbyteArray names, jint rows, jobject scores, jint scores_offset, jobject logits,
          jint logits_offset, jboolean each, jintArray statuses) {
  auto* peer = peer_of<SessionPeer>(env, session);
  Output score_output;
  Output logit_output;
  if (peer == nullptr || !check_rows(env, rows, statuses) ||
      !find_output(env, scores, scores_offset, rows, score_output) ||
      !find_output(env, logits, logits_offset, rows, logit_output)) {
    return;
  }
  const auto count = static_cast<size_t>(rows);
  size_t more = Scratch::add(scratch_of(score_output, count), scratch_of(logit_output, count));
  if (statuses != nullptr) more = Scratch::add(more, Scratch::piece(count, sizeof(augur_status)));
  Columns columns;
  if (!read_columns(env, peer->scratch, data, numbers, names, rows, more, columns)) return;
  begin(peer->scratch, score_output, count);
  begin(peer->scratch, logit_output, count);
  if (is_cancelled(peer)) {
    give(env, score_output, rows);
    give(env, logit_output, rows);
    throw_cancelled(env);
    return;
  }
  augur_status status;
  if (each == JNI_TRUE) {
    augur_each_options options = {sizeof options, nullptr};
    if (statuses != nullptr) options.statuses = peer->scratch.take<augur_status>(count);
    status = augur_rank_each(peer->session, columns.columns, columns.count, count,
                             score_output.values, logit_output.values, &options);
    if (status == AUGUR_OK && statuses != nullptr) {
      give_statuses(env, options.statuses, rows, statuses);
    }
  } else {
    status = augur_rank(peer->session, columns.columns, columns.count, count, score_output.values,
                        logit_output.values);
  }
  give(env, score_output, rows);
  give(env, logit_output, rows);
  check(env, peer, status);
}

jint top_k(JNIEnv* env, jclass, jlong session, jobjectArray data, jintArray numbers,
           jbyteArray names, jint rows, jintArray indices, jfloatArray scores, jintArray statuses) {
  auto* peer = peer_of<SessionPeer>(env, session);
  if (peer == nullptr || !check_rows(env, rows, statuses)) return 0;
  if (indices == nullptr || scores == nullptr ||
      env->GetArrayLength(indices) != env->GetArrayLength(scores)) {
    throw_illegal_argument(env, "the indices and scores must be arrays of the same length");
    return 0;
  }
  const auto count = static_cast<size_t>(rows);
  const auto k = static_cast<size_t>(env->GetArrayLength(indices));
  size_t more =
      Scratch::add(Scratch::piece(k, sizeof(size_t)),
                   Scratch::add(Scratch::piece(k, sizeof(float)), Scratch::piece(k, sizeof(jint))));
  if (statuses != nullptr) more = Scratch::add(more, Scratch::piece(count, sizeof(augur_status)));
  Columns columns;
  if (!read_columns(env, peer->scratch, data, numbers, names, rows, more, columns)) return 0;
  auto* best = peer->scratch.take<size_t>(k);
  auto* best_scores = peer->scratch.take<float>(k);
  auto* narrow = peer->scratch.take<jint>(k);
  size_t found = 0;
  if (is_cancelled(peer)) {
    throw_cancelled(env);
    return 0;
  }
  augur_status status;
  if (statuses != nullptr) {
    const augur_each_options options = {sizeof options, peer->scratch.take<augur_status>(count)};
    status = augur_rank_top_k_each(peer->session, columns.columns, columns.count, count, k, best,
                                   best_scores, &found, &options);
    if (status == AUGUR_OK) give_statuses(env, options.statuses, rows, statuses);
  } else {
    status = augur_rank_top_k(peer->session, columns.columns, columns.count, count, k, best,
                              best_scores, &found);
  }
  if (status != AUGUR_OK) {
    check(env, peer, status);
    return 0;
  }
  const auto length = static_cast<jsize>(found);
  for (size_t i = 0; i < found; ++i)
    narrow[i] = static_cast<jint>(best[i]);
  env->SetIntArrayRegion(indices, 0, length, narrow);
  env->SetFloatArrayRegion(scores, 0, length, best_scores);
  return length;
}

jint explain(JNIEnv* env, jclass, jlong session, jbyteArray stack, jobjectArray data,
             jintArray numbers, jbyteArray names, jint rows, jint row, jfloatArray weights) {
  auto* peer = peer_of<SessionPeer>(env, session);
  Text name;
  if (peer == nullptr || !check_rows(env, rows, nullptr) || !name.read(env, stack, true)) return 0;
  if (weights == nullptr || row < 0) {
    throw_illegal_argument(env, "the weights are null, or the row is negative");
    return 0;
  }
  const auto room = static_cast<size_t>(env->GetArrayLength(weights));
  Columns columns;
  if (!read_columns(env, peer->scratch, data, numbers, names, rows,
                    Scratch::piece(room, sizeof(float)), columns)) {
    return 0;
  }
  auto* values = peer->scratch.take<float>(room);
  size_t length = 0;
  if (is_cancelled(peer)) {
    throw_cancelled(env);
    return 0;
  }
  const augur_status status =
      augur_explain(peer->session, name.get(), columns.columns, columns.count,
                    static_cast<size_t>(rows), static_cast<size_t>(row), values, room, &length);
  if (status != AUGUR_OK) {
    check(env, peer, status);
    return 0;
  }
  env->SetFloatArrayRegion(weights, 0, static_cast<jsize>(length), values);
  return static_cast<jint>(length);
}

}  // namespace augur_jni
