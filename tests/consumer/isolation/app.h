/* The part of the app that has nothing to do with libaugur: in own_xnnpack.c or second_xnnpack.cc.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* 1 if the app's own libraries work, 0 if not. */
int app_works(const char* model_file);

#ifdef __cplusplus
}
#endif
