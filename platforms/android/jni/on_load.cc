// JNI_OnLoad, the only symbol that libaugur_jni.so exports: checks the version of libaugur.so,
// looks up what is needed of Java and registers the natives, so that the linker never searches for
// them by name.
#include <augur/augur.h>
#include <jni.h>

#include "errors.h"
#include "functions.h"

namespace augur_jni {
namespace {

template <typename Function>
void* address(Function* function) {
  return reinterpret_cast<void*>(function);
}

// The members of JNINativeMethod are char* in a JDK's header and const char* in Android's.
JNINativeMethod native(const char* name, const char* signature, void* function) {
  return {const_cast<char*>(name), const_cast<char*>(signature), function};
}

#define AUGUR_COLUMNS "[Ljava/lang/Object;[I[B"

bool register_natives(JNIEnv* env) {
  const JNINativeMethod methods[] = {
      native("version", "()I", address(version)),
      native("openFile", "([BZZLjava/lang/Object;)J", address(open_file)),
      native("openFd", "(IJJZZLjava/lang/Object;)J", address(open_fd)),
      native("openBuffer", "(Ljava/nio/ByteBuffer;JZZLjava/lang/Object;)J", address(open_buffer)),
      native("closeModel", "(J)V", address(close_model)),
      native("attach", "(J[BZ[BLjava/nio/ByteBuffer;JIJJZ)V", address(attach)),
      native("detachDeltas", "(J[BI)V", address(detach_deltas)),
      native("findString", "(J[B[B)J", address(find_string)),
      native("findInteger", "(J[BJ)J", address(find_integer)),
      native("modelInfo", "(J[J)[[B", address(model_info)),
      native("fieldInfo", "(JIII[J)[[B", address(field_info)),
      native("stackInfo", "(JI[J)[[B", address(stack_info)),
      native("tableInfo", "(JI[J)[[B", address(table_info)),
      native("note", "(JI)[B", address(note)),
      native("sessionBytes", "(J[I)J", address(session_bytes)),
      native("createSession", "(J[I)J", address(create_session)),
      native("destroySession", "(J)V", address(destroy_session)),
      native("setCancelled", "(JZ)V", address(set_cancelled)),
      native("setFeature", "(J" AUGUR_COLUMNS ")V", address(set_feature)),
      native("putEvents", "(J[BZ" AUGUR_COLUMNS "I)V", address(put_events)),
      native("clear", "(J)V", address(clear)),
      native("historyLength", "(J[B)J", address(history_length)),
      native("save", "(J)[B", address(save)),
      native("restore", "(J[B[J)V", address(restore)),
      native("rank", "(J" AUGUR_COLUMNS "ILjava/lang/Object;ILjava/lang/Object;IZ[I)V",
             address(rank)),
      native("topK", "(J" AUGUR_COLUMNS "I[I[F[I)I", address(top_k)),
      native("explain", "(J[B" AUGUR_COLUMNS "II[F)I", address(explain)),
  };
  return env->RegisterNatives(native_class(), methods,
                              static_cast<jint>(sizeof methods / sizeof methods[0])) == JNI_OK;
}

}  // namespace
}  // namespace augur_jni

// jni.h declares it as an exported function of C.
jint JNI_OnLoad(JavaVM* vm, void*) {
  void* env = nullptr;
  if (vm->GetEnv(&env, JNI_VERSION_1_6) != JNI_OK) return JNI_ERR;
  auto* jni = static_cast<JNIEnv*>(env);
  if (augur_is_compatible(AUGUR_VERSION) == 0) {
    jclass error = jni->FindClass("java/lang/UnsatisfiedLinkError");
    if (error != nullptr) {
      jni->ThrowNew(error,
                    "libaugur.so and libaugur_jni.so are of different versions of Augur; "
                    "the app packages a libaugur.so of its own");
    }
    return JNI_ERR;
  }
  if (!augur_jni::look_up(jni) || !augur_jni::register_natives(jni)) return JNI_ERR;
  return JNI_VERSION_1_6;
}
