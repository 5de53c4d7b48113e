// The natives of dev.augur.Native, in the file that has each group; on_load.cc registers them.
#pragma once

#include <jni.h>

namespace augur_jni {

// model.cc
jint version(JNIEnv*, jclass);
jlong open_file(JNIEnv*, jclass, jbyteArray path, jboolean load, jboolean verify, jobject verifier);
jlong open_fd(JNIEnv*, jclass, jint fd, jlong offset, jlong length, jboolean load, jboolean verify,
              jobject verifier);
jlong open_buffer(JNIEnv*, jclass, jobject data, jlong bytes, jboolean load, jboolean verify,
                  jobject verifier);
void close_model(JNIEnv*, jclass, jlong model);
void attach(JNIEnv*, jclass, jlong model, jbyteArray table, jboolean delta, jbyteArray path,
            jobject data, jlong bytes, jint fd, jlong offset, jlong length, jboolean load);
void detach_deltas(JNIEnv*, jclass, jlong model, jbyteArray table, jint keep);
jlong find_string(JNIEnv*, jclass, jlong model, jbyteArray table, jbyteArray key);
jlong find_integer(JNIEnv*, jclass, jlong model, jbyteArray table, jlong key);

// info.cc
jobjectArray model_info(JNIEnv*, jclass, jlong model, jlongArray numbers);
jobjectArray field_info(JNIEnv*, jclass, jlong model, jint list, jint stack, jint index,
                        jlongArray numbers);
jobjectArray stack_info(JNIEnv*, jclass, jlong model, jint index, jlongArray numbers);
jobjectArray table_info(JNIEnv*, jclass, jlong model, jint index, jlongArray numbers);
jbyteArray note(JNIEnv*, jclass, jlong model, jint index);

// session.cc
jlong session_bytes(JNIEnv*, jclass, jlong model, jintArray options);
jlong create_session(JNIEnv*, jclass, jlong model, jintArray options);
void destroy_session(JNIEnv*, jclass, jlong session);
void set_cancelled(JNIEnv*, jclass, jlong session, jboolean cancelled);
void set_feature(JNIEnv*, jclass, jlong session, jobjectArray data, jintArray numbers,
                 jbyteArray names);
void put_events(JNIEnv*, jclass, jlong session, jbyteArray stack, jboolean append,
                jobjectArray data, jintArray numbers, jbyteArray names, jint events);
void clear(JNIEnv*, jclass, jlong session);
jlong history_length(JNIEnv*, jclass, jlong session, jbyteArray stack);
jbyteArray save(JNIEnv*, jclass, jlong session);
void restore(JNIEnv*, jclass, jlong session, jbyteArray state, jlongArray report);

// ranking.cc
void rank(JNIEnv*, jclass, jlong session, jobjectArray data, jintArray numbers, jbyteArray names,
          jint rows, jobject scores, jint scores_offset, jobject logits, jint logits_offset,
          jboolean each, jintArray statuses);
jint top_k(JNIEnv*, jclass, jlong session, jobjectArray data, jintArray numbers, jbyteArray names,
           jint rows, jintArray indices, jfloatArray scores, jintArray statuses);
jint explain(JNIEnv*, jclass, jlong session, jbyteArray stack, jobjectArray data, jintArray numbers,
             jbyteArray names, jint rows, jint row, jfloatArray weights);

}  // namespace augur_jni
