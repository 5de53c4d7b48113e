#include "columns.h"

#include <stdint.h>
#include <stdio.h>

#include "errors.h"

namespace augur_jni {
namespace {

// What dev.augur.Columns gives of each column.
enum Number { kKind, kName, kOffset, kLength, kCounts, kIdForm, kNumbers };
enum Object { kData, kCountsArray, kLengthsArray, kObjects };
// The kinds of dev.augur.Column.
enum Kind { kLongs, kInts, kFloats, kLongBuffer, kFloatBuffer, kStrings, kKinds };

// Throws an IllegalArgumentException that names the column.
bool refuse(JNIEnv* env, const char* column, const char* why) {
  char message[400];
  snprintf(message, sizeof message, "column '%.200s': %s", column, why);
  // The name of a column may be any UTF-8, which ThrowNew would not take.
  for (char* c = message; *c != '\0'; ++c) {
    if (static_cast<unsigned char>(*c) >= 0x80) *c = '?';
  }
  throw_illegal_argument(env, message);
  return false;
}

// The elements [offset, offset + length) of a direct buffer.
template <typename T>
bool refer(JNIEnv* env, jobject buffer, jint offset, jint length, const char* column,
           const T*& elements) {
  auto* address = static_cast<const T*>(env->GetDirectBufferAddress(buffer));
  if (address == nullptr) return refuse(env, column, "the buffer is not a direct one");
  if (reinterpret_cast<uintptr_t>(address) % sizeof(T) != 0) {
    return refuse(env, column, "the buffer does not begin at a multiple of its element's size");
  }
  if (env->GetDirectBufferCapacity(buffer) - offset < length) {
    return refuse(env, column, "the buffer ends before the column does");
  }
  elements = address + offset;
  return true;
}

// Bytes of scratch for a column's data. The counts of strings' bytes are int, as a Java array's
// length is.
size_t data_bytes(JNIEnv* env, jint kind, size_t length, jobject data) {
  switch (kind) {
    case kLongs:
    case kInts:
      return Scratch::piece(length, sizeof(int64_t));
    case kFloats:
      return Scratch::piece(length, sizeof(float));
    case kStrings: {
      const auto bytes = static_cast<size_t>(env->GetArrayLength(static_cast<jarray>(data)));
      return Scratch::add(Scratch::piece(bytes, 1),
                          Scratch::add(Scratch::piece(length, sizeof(augur_string)),
                                       Scratch::piece(length, sizeof(jint))));
    }
    default:
      return 0;
  }
}

// Copies int[] to the end of ids, then widens from the beginning on: element i is written after it
// was read.
bool read_ints(JNIEnv* env, jintArray data, jint offset, jint length, int64_t* ids) {
  jint* narrow = reinterpret_cast<jint*>(ids) + length;
  env->GetIntArrayRegion(data, offset, length, narrow);
  if (env->ExceptionCheck() == JNI_TRUE) return false;
  for (jint i = 0; i < length; ++i)
    ids[i] = narrow[i];
  return true;
}

bool read_strings(JNIEnv* env, Scratch& scratch, jbyteArray data, jintArray lengths, jint count,
                  const char* column, augur_string*& strings) {
  const jsize bytes = env->GetArrayLength(data);
  char* text = scratch.take<char>(static_cast<size_t>(bytes));
  strings = scratch.take<augur_string>(static_cast<size_t>(count));
  jint* length_of = scratch.take<jint>(static_cast<size_t>(count));
  env->GetByteArrayRegion(data, 0, bytes, reinterpret_cast<jbyte*>(text));
  env->GetIntArrayRegion(lengths, 0, count, length_of);
  if (env->ExceptionCheck() == JNI_TRUE) return false;
  jint at = 0;
  for (jint i = 0; i < count; ++i) {
    if (length_of[i] < 0 || length_of[i] > bytes - at) {
      return refuse(env, column, "the lengths of its strings are not those of its bytes");
    }
    strings[i] = {text + at, static_cast<size_t>(length_of[i])};
    at += length_of[i];
  }
  return true;
}

// The C API reads a count of each row, and cannot see how many there are.
bool read_counts(JNIEnv* env, Scratch& scratch, jintArray counts, jint length, jint rows,
                 augur_column& column) {
  if (length != rows) {
    char message[400];
    snprintf(message, sizeof message,
             "column '%.200s' has %d counts, expected %d, one for each row", column.name,
             static_cast<int>(length), static_cast<int>(rows));
    throw_status(env, AUGUR_SHAPE_MISMATCH, message);
    return false;
  }
  auto* values = scratch.take<jint>(static_cast<size_t>(rows));
  env->GetIntArrayRegion(counts, 0, rows, values);
  if (env->ExceptionCheck() == JNI_TRUE) return false;
  for (jint i = 0; i < rows; ++i) {
    if (values[i] < 0) return refuse(env, column.name, "one of its counts is negative");
  }
  column.counts = reinterpret_cast<const uint32_t*>(values);
  return true;
}

bool read_data(JNIEnv* env, Scratch& scratch, const jint* number, jobject data, jobject lengths,
               augur_column& column) {
  const jint offset = number[kOffset];
  const jint length = number[kLength];
  const auto room = static_cast<size_t>(length);
  switch (number[kKind]) {
    case kLongs: {
      auto* ids = scratch.take<int64_t>(room);
      column.ids = ids;
      env->GetLongArrayRegion(static_cast<jlongArray>(data), offset, length,
                              reinterpret_cast<jlong*>(ids));
      return env->ExceptionCheck() == JNI_FALSE;
    }
    case kInts: {
      auto* ids = scratch.take<int64_t>(room);
      column.ids = ids;
      return read_ints(env, static_cast<jintArray>(data), offset, length, ids);
    }
    case kFloats: {
      auto* values = scratch.take<float>(room);
      column.values = values;
      env->GetFloatArrayRegion(static_cast<jfloatArray>(data), offset, length, values);
      return env->ExceptionCheck() == JNI_FALSE;
    }
    case kLongBuffer:
      return refer(env, data, offset, length, column.name, column.ids);
    case kFloatBuffer:
      return refer(env, data, offset, length, column.name, column.values);
    default: {
      if (lengths == nullptr)
        return refuse(env, column.name, "the lengths of its strings are missing");
      augur_string* strings = nullptr;
      if (!read_strings(env, scratch, static_cast<jbyteArray>(data),
                        static_cast<jintArray>(lengths), length, column.name, strings)) {
        return false;
      }
      column.strings = strings;
      return true;
    }
  }
}

// One column; the references to its arrays are given back, so that any number of columns is
// possible.
bool read_column(JNIEnv* env, Scratch& scratch, const jint* number, jobjectArray objects, jint at,
                 jint rows, augur_column& column) {
  jobject data = env->GetObjectArrayElement(objects, at + kData);
  jobject counts = env->GetObjectArrayElement(objects, at + kCountsArray);
  jobject lengths = env->GetObjectArrayElement(objects, at + kLengthsArray);
  const bool read = read_data(env, scratch, number, data, lengths, column) &&
                    (counts == nullptr || read_counts(env, scratch, static_cast<jintArray>(counts),
                                                      number[kCounts], rows, column));
  env->DeleteLocalRef(data);
  if (counts != nullptr) env->DeleteLocalRef(counts);
  if (lengths != nullptr) env->DeleteLocalRef(lengths);
  return read;
}

// Scratch for all columns' data; false with an exception pending if the numbers contradict the
// objects.
bool measure(JNIEnv* env, const jint* numbers, jsize count, jsize name_bytes, jobjectArray objects,
             size_t& bytes) {
  for (jsize i = 0; i < count; ++i) {
    const jint* number = numbers + i * kNumbers;
    jobject data = env->GetObjectArrayElement(objects, i * kObjects + kData);
    if (data == nullptr || number[kKind] < 0 || number[kKind] >= kKinds || number[kName] < 0 ||
        number[kName] >= name_bytes || number[kOffset] < 0 || number[kLength] < 0 ||
        number[kCounts] < 0) {
      throw_illegal_argument(env, "the columns contradict themselves");
      return false;
    }
    bytes = Scratch::add(
        bytes, data_bytes(env, number[kKind], static_cast<size_t>(number[kLength]), data));
    bytes = Scratch::add(bytes, Scratch::piece(static_cast<size_t>(number[kCounts]), sizeof(jint)));
    env->DeleteLocalRef(data);
  }
  return true;
}

bool reserve(JNIEnv* env, Scratch& scratch, size_t bytes) {
  if (bytes != SIZE_MAX && scratch.reserve(bytes)) return true;
  throw_no_memory(env, bytes);
  return false;
}

}  // namespace

bool read_columns(JNIEnv* env, Scratch& scratch, jobjectArray data, jintArray numbers,
                  jbyteArray names, jint rows, size_t more, Columns& columns) {
  if (data == nullptr || numbers == nullptr || names == nullptr) {
    throw_illegal_argument(env, "the columns are null");
    return false;
  }
  const jsize all_numbers = env->GetArrayLength(numbers);
  const jsize count = all_numbers / kNumbers;
  const jsize name_bytes = env->GetArrayLength(names);
  if (env->GetArrayLength(data) != count * kObjects || all_numbers != count * kNumbers) {
    throw_illegal_argument(env, "the columns contradict themselves");
    return false;
  }
  // The numbers lie at the beginning of the scratch and say how much is needed behind them.
  const size_t columns_room = static_cast<size_t>(count);
  size_t bytes = Scratch::piece(columns_room * kNumbers, sizeof(jint));
  if (!reserve(env, scratch, bytes)) return false;
  env->GetIntArrayRegion(numbers, 0, all_numbers, scratch.take<jint>(columns_room * kNumbers));
  scratch.rewind();
  if (!measure(env, scratch.take<jint>(columns_room * kNumbers), count, name_bytes, data, bytes)) {
    return false;
  }
  bytes = Scratch::add(bytes, Scratch::piece(columns_room, sizeof(augur_column)));
  bytes = Scratch::add(bytes, Scratch::piece(static_cast<size_t>(name_bytes) + 1, 1));
  if (!reserve(env, scratch, Scratch::add(bytes, more))) return false;

  const jint* number = scratch.take<jint>(columns_room * kNumbers);
  columns.columns = scratch.take<augur_column>(columns_room);
  columns.count = columns_room;
  char* name = scratch.take<char>(static_cast<size_t>(name_bytes) + 1);
  env->GetByteArrayRegion(names, 0, name_bytes, reinterpret_cast<jbyte*>(name));
  name[name_bytes] = '\0';
  for (jsize i = 0; i < count; ++i, number += kNumbers) {
    augur_column& column = columns.columns[i];
    column = {};
    column.struct_size = sizeof column;
    column.name = name + number[kName];
    column.length = static_cast<size_t>(number[kLength]);
    column.id_form = static_cast<uint32_t>(number[kIdForm]);
    if (!read_column(env, scratch, number, data, i * kObjects, rows, column)) return false;
  }
  return true;
}

}  // namespace augur_jni
