// Models: opening, tables, keys.
#include <augur/augur.h>
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "functions.h"
#include "peers.h"
#include "text.h"

namespace augur_jni {
namespace {

// Asks the app's ContentVerifier, on the thread of Java that opens or attaches. If it throws, the
// exception stays pending and is what the call throws.
augur_status verify_content(void* context, const augur_content* content) {
  auto* peer = static_cast<ModelPeer*>(context);
  void* got = nullptr;
  if (peer->vm->GetEnv(&got, JNI_VERSION_1_6) != JNI_OK) return AUGUR_UNSUPPORTED;
  auto* env = static_cast<JNIEnv*>(got);
  if (env->PushLocalFrame(8) != JNI_OK) return AUGUR_OUT_OF_MEMORY;
  jint answer = AUGUR_OUT_OF_MEMORY;
  jbyteArray file = new_bytes(env, content->file, strlen(content->file));
  jbyteArray table =
      file == nullptr ? nullptr : new_bytes(env, content->table, strlen(content->table));
  jbyteArray model_id =
      table == nullptr ? nullptr : new_bytes(env, content->model_id, sizeof content->model_id);
  jbyteArray hash = model_id == nullptr
                        ? nullptr
                        : new_bytes(env, content->content_hash, sizeof content->content_hash);
  if (hash != nullptr) {
    answer = env->CallStaticIntMethod(native_class(), verify_method(), peer->verifier, file, table,
                                      static_cast<jlong>(content->bytes), model_id, hash);
    if (env->ExceptionCheck() == JNI_TRUE) answer = AUGUR_BAD_MODEL;
  }
  env->PopLocalFrame(nullptr);
  return static_cast<augur_status>(answer);
}

void free_peer(JNIEnv* env, ModelPeer* peer) {
  augur_model_close(peer->model);
  if (peer->verifier != nullptr) env->DeleteGlobalRef(peer->verifier);
  free(peer);
}

// A peer with no model yet, and the options that refer to it; nullptr with an exception pending.
ModelPeer* new_peer(JNIEnv* env, jboolean load, jboolean verify, jobject verifier,
                    augur_model_options& options) {
  auto* peer = static_cast<ModelPeer*>(calloc(1, sizeof(ModelPeer)));
  if (peer == nullptr) {
    throw_no_memory(env, sizeof(ModelPeer));
    return nullptr;
  }
  options = {};
  options.struct_size = sizeof options;
  options.load = load == JNI_TRUE ? 1 : 0;
  options.verify = verify == JNI_TRUE ? AUGUR_VERIFY_CONTENT_HASH : AUGUR_VERIFY_NOTHING;
  if (verifier == nullptr) return peer;
  peer->verifier = env->NewGlobalRef(verifier);
  if (peer->verifier == nullptr || env->GetJavaVM(&peer->vm) != JNI_OK) {
    if (env->ExceptionCheck() == JNI_FALSE) throw_no_memory(env, 0);
    free_peer(env, peer);
    return nullptr;
  }
  options.verify_content = verify_content;
  options.verify_context = peer;
  return peer;
}

jlong opened(JNIEnv* env, ModelPeer* peer, augur_status status, const augur_error& error) {
  if (status == AUGUR_OK) return handle_of(peer);
  throw_status(env, status, error.message, error.required_bytes);
  free_peer(env, peer);
  return 0;
}

// The address of a direct buffer with this many bytes; nullptr with an exception pending.
const void* bytes_of(JNIEnv* env, jobject data, jlong bytes) {
  const void* address = data == nullptr ? nullptr : env->GetDirectBufferAddress(data);
  if (address == nullptr || bytes < 0 || env->GetDirectBufferCapacity(data) < bytes) {
    throw_illegal_argument(env, "the buffer is empty, or not a direct one");
    return nullptr;
  }
  return address;
}

// A row, or -1.
jlong found(JNIEnv* env, augur_status status, uint32_t row, const char* if_invalid) {
  if (status == AUGUR_OK) return static_cast<jlong>(row);
  if (status == AUGUR_NOT_FOUND) return -1;
  throw_status(env, status, if_invalid);
  return -1;
}

}  // namespace

jint version(JNIEnv*, jclass) {
  return static_cast<jint>(augur_version());
}

jlong open_file(JNIEnv* env, jclass, jbyteArray path, jboolean load, jboolean verify,
                jobject verifier) {
  Text name;
  augur_model_options options;
  if (!name.read(env, path, false)) return 0;
  ModelPeer* peer = new_peer(env, load, verify, verifier, options);
  if (peer == nullptr) return 0;
  augur_error error = new_error();
  return opened(env, peer, augur_model_open_file(name.get(), &options, &peer->model, &error),
                error);
}

jlong open_fd(JNIEnv* env, jclass, jint fd, jlong offset, jlong length, jboolean load,
              jboolean verify, jobject verifier) {
  augur_model_options options;
  if (offset < 0 || length < 0) {
    throw_illegal_argument(env, "the offset or the length is negative");
    return 0;
  }
  ModelPeer* peer = new_peer(env, load, verify, verifier, options);
  if (peer == nullptr) return 0;
  augur_error error = new_error();
  const augur_status status =
      augur_model_open_fd(fd, static_cast<uint64_t>(offset), static_cast<uint64_t>(length),
                          &options, &peer->model, &error);
  return opened(env, peer, status, error);
}

jlong open_buffer(JNIEnv* env, jclass, jobject data, jlong bytes, jboolean load, jboolean verify,
                  jobject verifier) {
  augur_model_options options;
  const void* address = bytes_of(env, data, bytes);
  if (address == nullptr) return 0;
  ModelPeer* peer = new_peer(env, load, verify, verifier, options);
  if (peer == nullptr) return 0;
  augur_error error = new_error();
  const augur_status status =
      augur_model_open_buffer(address, static_cast<size_t>(bytes), &options, &peer->model, &error);
  return opened(env, peer, status, error);
}

void close_model(JNIEnv* env, jclass, jlong model) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer != nullptr) free_peer(env, peer);
}

void attach(JNIEnv* env, jclass, jlong model, jbyteArray table, jboolean delta, jbyteArray path,
            jobject data, jlong bytes, jint fd, jlong offset, jlong length, jboolean load) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return;
  Text table_name;
  Text file;
  if (!table_name.read(env, table, false) || !file.read(env, path, true)) return;
  augur_table_source source = {};
  source.struct_size = sizeof source;
  source.load = load == JNI_TRUE ? 1 : 0;
  if (path != nullptr) {
    source.path = file.get();
  } else if (data != nullptr) {
    source.data = bytes_of(env, data, bytes);
    if (source.data == nullptr) return;
    source.bytes = static_cast<size_t>(bytes);
  } else if (offset < 0 || length < 0) {
    throw_illegal_argument(env, "the offset or the length is negative");
    return;
  } else {
    source.fd = fd;
    source.offset = static_cast<uint64_t>(offset);
    source.length = static_cast<uint64_t>(length);
  }
  augur_error error = new_error();
  const augur_status status =
      delta == JNI_TRUE
          ? augur_model_attach_delta(peer->model, table_name.get(), &source, &error)
          : augur_model_attach_table_from(peer->model, table_name.get(), &source, &error);
  if (status != AUGUR_OK) throw_status(env, status, error.message, error.required_bytes);
}

void detach_deltas(JNIEnv* env, jclass, jlong model, jbyteArray table, jint keep) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return;
  Text name;
  if (!name.read(env, table, false)) return;
  augur_error error = new_error();
  const augur_status status =
      augur_model_detach_deltas(peer->model, name.get(), static_cast<uint32_t>(keep), &error);
  if (status != AUGUR_OK) throw_status(env, status, error.message, error.required_bytes);
}

jlong find_string(JNIEnv* env, jclass, jlong model, jbyteArray table, jbyteArray key) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return -1;
  Text name;
  Text text;
  if (!name.read(env, table, false) || !text.read(env, key, false)) return -1;
  uint32_t row = 0;
  const augur_status status =
      augur_model_find_string(peer->model, name.get(), text.get(), text.length(), &row);
  return found(env, status, row, "there is no such table, or it has no string keys");
}

jlong find_integer(JNIEnv* env, jclass, jlong model, jbyteArray table, jlong key) {
  auto* peer = peer_of<ModelPeer>(env, model);
  if (peer == nullptr) return -1;
  Text name;
  if (!name.read(env, table, false)) return -1;
  uint32_t row = 0;
  const augur_status status = augur_model_find_integer(peer->model, name.get(), key, &row);
  return found(env, status, row, "there is no such table, or it has no integer keys");
}

}  // namespace augur_jni
