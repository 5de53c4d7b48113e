// Sessions: creation, the user's features and histories, saved states.
#include <augur/augur.h>
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>

#include "columns.h"
#include "errors.h"
#include "functions.h"
#include "peers.h"
#include "text.h"

namespace augur_jni {
namespace {

// Reads what dev.augur.SessionOptions.toInts() gives; false with an exception pending.
bool read_options(JNIEnv* env, jintArray from, augur_session_options& options) {
  jint values[5];
  if (from == nullptr || env->GetArrayLength(from) != 5) {
    throw_illegal_argument(env, "the options have another length");
    return false;
  }
  env->GetIntArrayRegion(from, 0, 5, values);
  options = {};
  options.struct_size = sizeof options;
  options.max_history = static_cast<uint32_t>(values[0]);
  options.tile = static_cast<uint32_t>(values[1]);
  options.threads = static_cast<uint32_t>(values[2]);
  options.streaming = static_cast<uint32_t>(values[3]);
  options.max_ids_per_event = static_cast<uint32_t>(values[4]);
  return true;
}

void check(JNIEnv* env, const SessionPeer* peer, augur_status status) {
  if (status != AUGUR_OK) throw_status(env, status, augur_session_error(peer->session));
}

}  // namespace

jlong session_bytes(JNIEnv* env, jclass, jlong model, jintArray options) {
  auto* peer = peer_of<ModelPeer>(env, model);
  augur_session_options read;
  if (peer == nullptr || !read_options(env, options, read)) return 0;
  return static_cast<jlong>(augur_session_bytes(peer->model, &read));
}

jlong create_session(JNIEnv* env, jclass, jlong model, jintArray options) {
  auto* peer = peer_of<ModelPeer>(env, model);
  augur_session_options read;
  if (peer == nullptr || !read_options(env, options, read)) return 0;
  auto* session = static_cast<SessionPeer*>(calloc(1, sizeof(SessionPeer)));
  if (session == nullptr) {
    throw_no_memory(env, sizeof(SessionPeer));
    return 0;
  }
  augur_error error = new_error();
  const augur_status status =
      augur_session_create(peer->model, &read, nullptr, 0, &session->session, &error);
  if (status == AUGUR_OK) return handle_of(session);
  free(session);
  throw_status(env, status, error.message, error.required_bytes);
  return 0;
}

void destroy_session(JNIEnv* env, jclass, jlong session) {
  auto* peer = peer_of<SessionPeer>(env, session);
  if (peer == nullptr) return;
  augur_session_destroy(peer->session);
  peer->scratch.release();
  free(peer);
}

void set_cancelled(JNIEnv* env, jclass, jlong session, jboolean cancelled) {
  auto* peer = peer_of<SessionPeer>(env, session);
  if (peer == nullptr) return;
  set_cancelled_flag(peer, cancelled == JNI_TRUE);
  if (cancelled == JNI_TRUE) augur_session_cancel(peer->session);
}

void set_feature(JNIEnv* env, jclass, jlong session, jobjectArray data, jintArray numbers,
                 jbyteArray names) {
  auto* peer = peer_of<SessionPeer>(env, session);
  Columns columns;
  if (peer == nullptr || !read_columns(env, peer->scratch, data, numbers, names, 1, 0, columns)) {
    return;
  }
  if (columns.count != 1) {
    throw_illegal_argument(env, "a feature is one column");
    return;
  }
  check(env, peer, augur_session_set_feature(peer->session, columns.columns));
}

void put_events(JNIEnv* env, jclass, jlong session, jbyteArray stack, jboolean append,
                jobjectArray data, jintArray numbers, jbyteArray names, jint events) {
  auto* peer = peer_of<SessionPeer>(env, session);
  Text name;
  Columns columns;
  if (peer == nullptr || !name.read(env, stack, true) ||
      !read_columns(env, peer->scratch, data, numbers, names, events, 0, columns)) {
    return;
  }
  const auto count = static_cast<size_t>(events);
  check(env, peer,
        append == JNI_TRUE
            ? augur_session_append(peer->session, name.get(), columns.columns, columns.count, count)
            : augur_session_set_history(peer->session, name.get(), columns.columns, columns.count,
                                        count));
}

void clear(JNIEnv* env, jclass, jlong session) {
  auto* peer = peer_of<SessionPeer>(env, session);
  if (peer != nullptr) check(env, peer, augur_session_clear(peer->session));
}

jlong history_length(JNIEnv* env, jclass, jlong session, jbyteArray stack) {
  auto* peer = peer_of<SessionPeer>(env, session);
  Text name;
  if (peer == nullptr || !name.read(env, stack, true)) return 0;
  return static_cast<jlong>(augur_session_history_length(peer->session, name.get()));
}

jbyteArray save(JNIEnv* env, jclass, jlong session) {
  auto* peer = peer_of<SessionPeer>(env, session);
  if (peer == nullptr) return nullptr;
  size_t bytes = 0;
  augur_status status = augur_session_save(peer->session, nullptr, &bytes);
  if (status == AUGUR_OK) {
    if (!peer->scratch.reserve(Scratch::piece(bytes, 1))) {
      throw_no_memory(env, bytes);
      return nullptr;
    }
    auto* state = peer->scratch.take<unsigned char>(bytes);
    status = augur_session_save(peer->session, state, &bytes);
    if (status == AUGUR_OK) return new_bytes(env, state, bytes);
  }
  check(env, peer, status);
  return nullptr;
}

void restore(JNIEnv* env, jclass, jlong session, jbyteArray state, jlongArray report) {
  auto* peer = peer_of<SessionPeer>(env, session);
  if (peer == nullptr) return;
  if (state == nullptr || report == nullptr || env->GetArrayLength(report) != 3) {
    throw_illegal_argument(env, "the state or the report is null");
    return;
  }
  const jsize length = env->GetArrayLength(state);
  const auto bytes = static_cast<size_t>(length);
  if (!peer->scratch.reserve(Scratch::piece(bytes, 1))) {
    throw_no_memory(env, bytes);
    return;
  }
  auto* copy = peer->scratch.take<jbyte>(bytes);
  env->GetByteArrayRegion(state, 0, length, copy);
  augur_restore_report found = {};
  found.struct_size = sizeof found;
  const augur_status status = augur_session_restore_report(peer->session, copy, bytes, &found);
  if (status != AUGUR_OK) {
    check(env, peer, status);
    return;
  }
  const jlong values[] = {static_cast<jlong>(found.by), static_cast<jlong>(found.unknown_ids),
                          static_cast<jlong>(found.dropped_events)};
  env->SetLongArrayRegion(report, 0, 3, values);
}

}  // namespace augur_jni
