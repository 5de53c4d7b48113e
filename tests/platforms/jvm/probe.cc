// Times plain calls of the C API for Overhead.java: the same model, history and candidates as
// there, in columns that are made once, as an app in C would have them.
#include <augur/augur.h>
#include <jni.h>

#include <cstdint>
#include <ctime>
#include <vector>

namespace {

struct Probe {
  augur_model* model = nullptr;
  augur_session* session = nullptr;
  std::vector<std::int64_t> items, categories;
  std::vector<float> scores;
  augur_column columns[2] = {};
};

augur_column ids(const char* name, const std::vector<std::int64_t>& values) {
  augur_column column = {};
  column.struct_size = sizeof column;
  column.name = name;
  column.ids = values.data();
  column.length = values.size();
  return column;
}

std::int64_t now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) jlong Java_dev_augur_Overhead_open(JNIEnv* env, jclass,
                                                                          jstring path,
                                                                          jint candidates) {
  auto* probe = new Probe;
  const char* name = env->GetStringUTFChars(path, nullptr);
  augur_status status = augur_model_open_file(name, nullptr, &probe->model, nullptr);
  env->ReleaseStringUTFChars(path, name);
  if (status == AUGUR_OK)
    status = augur_session_create(probe->model, nullptr, nullptr, 0, &probe->session, nullptr);
  std::vector<std::int64_t> clicked, clicked_categories;
  for (int i = 0; i < 50; ++i) {
    clicked.push_back(i * 59 % 3080);
    clicked_categories.push_back(i % 3);
  }
  for (int i = 0; i < candidates; ++i) {
    probe->items.push_back(i * 37 % 3080);
    probe->categories.push_back(i % 4);
  }
  probe->scores.resize(probe->items.size());
  probe->columns[0] = ids("item", probe->items);
  probe->columns[1] = ids("category", probe->categories);
  const std::vector<std::int64_t> user = {3};
  const augur_column feature = ids("user", user);
  const augur_column history[] = {ids("item", clicked), ids("category", clicked_categories)};
  if (status == AUGUR_OK) status = augur_session_set_feature(probe->session, &feature);
  if (status == AUGUR_OK)
    status = augur_session_set_history(probe->session, nullptr, history, 2, clicked.size());
  return status == AUGUR_OK ? reinterpret_cast<jlong>(probe) : 0;
}

// Nanoseconds of one ranking; the first score goes to `score`, to be compared.
__attribute__((visibility("default"))) jlong Java_dev_augur_Overhead_time(JNIEnv* env, jclass,
                                                                          jlong handle,
                                                                          jfloatArray score) {
  auto* probe = reinterpret_cast<Probe*>(handle);
  const std::int64_t begin = now();
  augur_rank(probe->session, probe->columns, 2, probe->items.size(), probe->scores.data(), nullptr);
  const std::int64_t end = now();
  env->SetFloatArrayRegion(score, 0, 1, probe->scores.data());
  return end - begin;
}

}  // extern "C"
