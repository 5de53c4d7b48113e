// Names that Java gives as byte[].
#pragma once

#include <jni.h>
#include <stddef.h>
#include <stdlib.h>

#include "errors.h"

namespace augur_jni {

// A copy of a byte[]; short ones are in the object itself. A zero byte is added, so that it can be
// used as a name.
class Text {
 public:
  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { free(heap_); }

  // False with an exception pending. `bytes` null: get() is nullptr, if that is allowed, else an
  // exception.
  bool read(JNIEnv* env, jbyteArray bytes, bool may_be_null) {
    if (bytes == nullptr) {
      if (!may_be_null) throw_illegal_argument(env, "a name is null");
      return may_be_null;
    }
    const jsize length = env->GetArrayLength(bytes);
    length_ = static_cast<size_t>(length);
    char* text = inside_;
    if (length_ + 1 > sizeof inside_) {
      heap_ = static_cast<char*>(malloc(length_ + 1));
      if (heap_ == nullptr) {
        throw_no_memory(env, length_ + 1);
        return false;
      }
      text = heap_;
    }
    env->GetByteArrayRegion(bytes, 0, length, reinterpret_cast<jbyte*>(text));
    text[length_] = '\0';
    text_ = text;
    return true;
  }

  [[nodiscard]] const char* get() const { return text_; }
  [[nodiscard]] size_t length() const { return length_; }

 private:
  char inside_[200];
  char* heap_ = nullptr;
  const char* text_ = nullptr;
  size_t length_ = 0;
};

}  // namespace augur_jni
