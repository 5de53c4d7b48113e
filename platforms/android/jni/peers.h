// What the handles of Java point to.
#pragma once

#include <augur/augur.h>
#include <jni.h>
#include <stdint.h>

#include "errors.h"
#include "scratch.h"

namespace augur_jni {

struct ModelPeer {
  augur_model* model;
  JavaVM* vm;
  jobject verifier;  // a global reference to the app's ContentVerifier, or null
};

struct SessionPeer {
  augur_session* session;
  Scratch scratch;
  int cancelled;  // read and written on any thread, by these functions
};

inline void set_cancelled_flag(SessionPeer* peer, bool cancelled) {
  __atomic_store_n(&peer->cancelled, cancelled ? 1 : 0, __ATOMIC_SEQ_CST);
}
inline bool is_cancelled(const SessionPeer* peer) {
  return __atomic_load_n(&peer->cancelled, __ATOMIC_SEQ_CST) != 0;
}

template <typename Peer>
jlong handle_of(Peer* peer) {
  return static_cast<jlong>(reinterpret_cast<intptr_t>(peer));
}

// nullptr with an exception pending, if the handle is 0.
template <typename Peer>
Peer* peer_of(JNIEnv* env, jlong handle) {
  auto* peer = reinterpret_cast<Peer*>(static_cast<intptr_t>(handle));
  if (peer == nullptr) throw_illegal_state(env, "the model or session is closed");
  return peer;
}

inline augur_error new_error() {
  augur_error error;
  error.struct_size = sizeof error;
  error.required_bytes = 0;
  error.message[0] = '\0';
  return error;
}

}  // namespace augur_jni
