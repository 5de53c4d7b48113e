// Exceptions of Java, and what of Java the glue has looked up. Every function of the glue that
// returns after one of these has been called must make no other call into Java, because an
// exception is pending.
#pragma once

#include <augur/augur.h>
#include <jni.h>
#include <stddef.h>

namespace augur_jni {

// Looks up the classes and methods that are used; false with an exception pending. Called once, by
// JNI_OnLoad.
bool look_up(JNIEnv* env);

// dev.augur.Native, a global reference.
jclass native_class();
jmethodID verify_method();
// byte[].class and float[].class, global references.
jclass byte_array_class();
jclass float_array_class();

// The AugurException of a status. The message is UTF-8, or what a file claims to be.
void throw_status(JNIEnv* env, augur_status status, const char* message, size_t required_bytes = 0);
void throw_illegal_argument(JNIEnv* env, const char* message);
void throw_illegal_state(JNIEnv* env, const char* message);
// AugurException.OutOfMemory.
void throw_no_memory(JNIEnv* env, size_t bytes);

// A new byte[] with these bytes; nullptr with an exception pending.
jbyteArray new_bytes(JNIEnv* env, const void* data, size_t bytes);

}  // namespace augur_jni
