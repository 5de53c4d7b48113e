#include "errors.h"

#include <stdint.h>
#include <string.h>

namespace augur_jni {
namespace {

struct Known {
  jclass native;
  jclass byte_array;
  jclass float_array;
  jclass illegal_argument;
  jclass illegal_state;
  jmethodID failure;
  jmethodID verify;
};
Known known;

jclass find_class(JNIEnv* env, const char* name) {
  jclass local = env->FindClass(name);
  if (local == nullptr) return nullptr;
  auto* global = static_cast<jclass>(env->NewGlobalRef(local));
  env->DeleteLocalRef(local);
  return global;
}

}  // namespace

bool look_up(JNIEnv* env) {
  known.native = find_class(env, "dev/augur/Native");
  if (known.native == nullptr) return false;
  known.byte_array = find_class(env, "[B");
  if (known.byte_array == nullptr) return false;
  known.float_array = find_class(env, "[F");
  if (known.float_array == nullptr) return false;
  known.illegal_argument = find_class(env, "java/lang/IllegalArgumentException");
  if (known.illegal_argument == nullptr) return false;
  known.illegal_state = find_class(env, "java/lang/IllegalStateException");
  if (known.illegal_state == nullptr) return false;
  known.failure = env->GetStaticMethodID(known.native, "failure", "(I[BJ)Ljava/lang/Throwable;");
  if (known.failure == nullptr) return false;
  known.verify = env->GetStaticMethodID(known.native, "verify", "(Ljava/lang/Object;[B[BJ[B[B)I");
  return known.verify != nullptr;
}

jclass native_class() {
  return known.native;
}
jmethodID verify_method() {
  return known.verify;
}
jclass byte_array_class() {
  return known.byte_array;
}
jclass float_array_class() {
  return known.float_array;
}

void throw_status(JNIEnv* env, augur_status status, const char* message, size_t required_bytes) {
  if (env->ExceptionCheck() == JNI_TRUE)
    return;  // the app's ContentVerifier threw: that is the reason
  jbyteArray text = new_bytes(env, message, strlen(message));
  if (text == nullptr) return;
  jobject failure =
      env->CallStaticObjectMethod(known.native, known.failure, static_cast<jint>(status), text,
                                  static_cast<jlong>(required_bytes));
  env->DeleteLocalRef(text);
  if (env->ExceptionCheck() == JNI_TRUE) return;
  env->Throw(static_cast<jthrowable>(failure));
  env->DeleteLocalRef(failure);
}

void throw_illegal_argument(JNIEnv* env, const char* message) {
  env->ThrowNew(known.illegal_argument, message);
}

void throw_illegal_state(JNIEnv* env, const char* message) {
  env->ThrowNew(known.illegal_state, message);
}

void throw_no_memory(JNIEnv* env, size_t bytes) {
  throw_status(env, AUGUR_OUT_OF_MEMORY, "there is no native memory for the call's arrays", bytes);
}

jbyteArray new_bytes(JNIEnv* env, const void* data, size_t bytes) {
  if (bytes > static_cast<size_t>(INT32_MAX)) {
    throw_status(env, AUGUR_UNSUPPORTED, "the result is longer than an array of Java can be", 0);
    return nullptr;
  }
  const auto length = static_cast<jsize>(bytes);
  jbyteArray array = env->NewByteArray(length);
  if (array != nullptr) {
    env->SetByteArrayRegion(array, 0, length, static_cast<const jbyte*>(data));
  }
  return array;
}

}  // namespace augur_jni
