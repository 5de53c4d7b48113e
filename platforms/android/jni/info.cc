// What a model declares, as strings and numbers; dev.augur.InfoReader knows their order.
#include <augur/augur.h>
#include <jni.h>
#include <stddef.h>
#include <string.h>

#include "errors.h"
#include "functions.h"
#include "peers.h"

namespace augur_jni {
namespace {

struct Bytes {
  const void* data;
  size_t bytes;
};

Bytes text(const char* value) {
  return {value, strlen(value)};
}

template <size_t size>
Bytes hash(const uint8_t (&value)[size]) {
  return {value, size};
}

jlong number(size_t value) {
  return static_cast<jlong>(value);
}

jlong bits(float value) {
  jint result = 0;
  static_assert(sizeof result == sizeof value, "a float has 32 bits");
  memcpy(&result, &value, sizeof result);
  return result;
}

// Writes the numbers and returns the strings; nullptr with an exception pending.
template <size_t string_count, size_t number_count>
jobjectArray give(JNIEnv* env, const Bytes (&strings)[string_count],
                  const jlong (&values)[number_count], jlongArray numbers) {
  if (numbers == nullptr || env->GetArrayLength(numbers) != static_cast<jsize>(number_count)) {
    throw_illegal_argument(env, "the array for the numbers has another length");
    return nullptr;
  }
  env->SetLongArrayRegion(numbers, 0, static_cast<jsize>(number_count), values);
  jobjectArray result =
      env->NewObjectArray(static_cast<jsize>(string_count), byte_array_class(), nullptr);
  if (result == nullptr) return nullptr;
  for (size_t i = 0; i < string_count; ++i) {
    jbyteArray bytes = new_bytes(env, strings[i].data, strings[i].bytes);
    if (bytes == nullptr) return nullptr;
    env->SetObjectArrayElement(result, static_cast<jsize>(i), bytes);
    env->DeleteLocalRef(bytes);
  }
  return result;
}

}  // namespace

jobjectArray model_info(JNIEnv* env, jclass, jlong model, jlongArray numbers) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return nullptr;
  augur_model_info info = {};
  info.struct_size = sizeof info;
  const augur_status status = augur_model_get_info(peer->model, &info);
  if (status != AUGUR_OK) {
    throw_status(env, status, "the model's info could not be read");
    return nullptr;
  }
  const Bytes strings[] = {text(info.name), text(info.producer), text(info.producer_version),
                           hash(info.id), hash(info.schema_id)};
  const jlong values[] = {number(info.format),
                          number(info.feature_count),
                          number(info.candidate_field_count),
                          number(info.stack_count),
                          number(info.note_count),
                          number(info.table_count),
                          number(info.file_bytes),
                          number(info.arena_bytes),
                          number(info.arena_used_bytes),
                          bits(info.calibration_scale),
                          bits(info.calibration_offset),
                          static_cast<jlong>(info.output),
                          number(info.session_count)};
  return give(env, strings, values, numbers);
}

jobjectArray field_info(JNIEnv* env, jclass, jlong model, jint list, jint stack, jint index,
                        jlongArray numbers) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return nullptr;
  augur_field_info info = {};
  info.struct_size = sizeof info;
  const auto at = static_cast<uint32_t>(index);
  augur_status status = AUGUR_INVALID_ARGUMENT;
  if (list == 0) {
    status = augur_model_get_feature(peer->model, at, &info);
  } else if (list == 1) {
    status = augur_model_get_candidate_field(peer->model, at, &info);
  } else if (list == 2) {
    status = augur_model_get_stack_field(peer->model, static_cast<uint32_t>(stack), at, &info);
  }
  if (status != AUGUR_OK) {
    throw_status(env, status, "there is no such field");
    return nullptr;
  }
  const Bytes strings[] = {text(info.name), text(info.table), text(info.column)};
  const jlong values[] = {static_cast<jlong>(info.kind), number(info.width),
                          number(info.table_rows), static_cast<jlong>(info.out_of_table),
                          static_cast<jlong>(info.key_type)};
  return give(env, strings, values, numbers);
}

jobjectArray stack_info(JNIEnv* env, jclass, jlong model, jint index, jlongArray numbers) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return nullptr;
  augur_stack_info info = {};
  info.struct_size = sizeof info;
  const augur_status status =
      augur_model_get_stack(peer->model, static_cast<uint32_t>(index), &info);
  if (status != AUGUR_OK) {
    throw_status(env, status, "there is no such stack");
    return nullptr;
  }
  const Bytes strings[] = {text(info.name)};
  const jlong values[] = {number(info.max_history), number(info.field_count),
                          number(info.keeps_oldest)};
  return give(env, strings, values, numbers);
}

jobjectArray table_info(JNIEnv* env, jclass, jlong model, jint index, jlongArray numbers) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return nullptr;
  augur_table_info info = {};
  info.struct_size = sizeof info;
  const augur_status status =
      augur_model_get_table(peer->model, static_cast<uint32_t>(index), &info);
  if (status != AUGUR_OK) {
    throw_status(env, status, "there is no such table");
    return nullptr;
  }
  const Bytes strings[] = {text(info.name), hash(info.rows_hash), hash(info.converted_rows_hash),
                           hash(info.vocabulary_hash), hash(info.state)};
  const jlong values[] = {number(info.rows),
                          number(info.width),
                          static_cast<jlong>(info.out_of_table),
                          static_cast<jlong>(info.origin),
                          static_cast<jlong>(info.key_type),
                          number(info.keys),
                          number(info.deltas),
                          number(info.padding_row),
                          number(info.unknown_row)};
  return give(env, strings, values, numbers);
}

jbyteArray note(JNIEnv* env, jclass, jlong model, jint index) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return nullptr;
  const char* value = augur_model_get_note(peer->model, static_cast<uint32_t>(index));
  if (value == nullptr) {
    throw_status(env, AUGUR_INVALID_ARGUMENT, "there is no such note");
    return nullptr;
  }
  return new_bytes(env, value, strlen(value));
}

}  // namespace augur_jni
