/* Ranks the first candidates of tests/golden/format1.request.jsonl with libaugur and compares their
 * logits with format1.expected.jsonl; before and after, the app's own XNNPACK does its work. Prints
 * "works" if all is well.
 *   ranks tests/golden/format1.augur */
#include "app.h"

#include <augur/augur.h>
#include <stdio.h>

enum { kCandidates = 3 };
#define COLUMN(name, ids, values, counts, length) \
  { sizeof(augur_column), name, ids, values, counts, length, NULL, 0, 0 }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const double kLogits[kCandidates] = {-1.4033252168328811, -1.3451900800009569,
                                            -1.1776248271691128};

static const int64_t kF0[] = {24};
static const float kF1[] = {0.8015213012695313F, 0.16586053371429443F};
static const augur_column kFeatures[] = {COLUMN("f0", kF0, NULL, NULL, 1),
                                         COLUMN("f1", NULL, kF1, NULL, 2)};

static const int64_t kS0F0[] = {29, 32, 5, 8, 8, 20, 27, 4, 9};
static const float kS0F1[] = {-0.31111443042755127F, -0.15245497226715088F, 0.8050792217254639F,
                              0.9206579923629761F,   -0.846637487411499F,   -0.18591201305389404F,
                              0.8036901950836182F,   -0.16993725299835205F, 0.9422714710235596F};
static const augur_column kStack0[] = {COLUMN("s0_f0", kS0F0, NULL, NULL, 9),
                                       COLUMN("s0_f1", NULL, kS0F1, NULL, 9)};
static const int64_t kS1F0[] = {0, 39, 0, -1, 11, 25, 18, INT64_MAX, INT64_MIN};
static const augur_column kStack1[] = {COLUMN("s1_f0", kS1F0, NULL, NULL, 9)};

static const int64_t kC0[] = {17, 16541179155520, 11};
static const int64_t kC1[] = {-1, 0, 0, 16792261732805, 26};
static const uint32_t kC1Counts[] = {3, 0, 2};
static const float kC2[] = {0.6857302188873291F, -0.5074741840362549F, -0.5958566665649414F};
static const int64_t kS0Q0[] = {0, 2, 1};
static const float kS0Q1[] = {-0.5286245346069336F, 0.13899576663970947F, 0.8162299394607544F};
static const int64_t kS1Q0[] = {13, 12, 25};
static const augur_column kColumns[] = {
    COLUMN("c0", kC0, NULL, NULL, 3),      COLUMN("c1", kC1, NULL, kC1Counts, 5),
    COLUMN("c2", NULL, kC2, NULL, 3),      COLUMN("s0_q0", kS0Q0, NULL, NULL, 3),
    COLUMN("s0_q1", NULL, kS0Q1, NULL, 3), COLUMN("s1_q0", kS1Q0, NULL, NULL, 3)};

static int rank(augur_session* session) {
  float logits[kCandidates];
  for (size_t i = 0; i < COUNT(kFeatures); ++i) {
    if (augur_session_set_feature(session, &kFeatures[i]) != AUGUR_OK) return 0;
  }
  if (augur_session_set_history(session, "s0", kStack0, COUNT(kStack0), 9) != AUGUR_OK ||
      augur_session_set_history(session, "s1", kStack1, COUNT(kStack1), 9) != AUGUR_OK ||
      augur_rank(session, kColumns, COUNT(kColumns), kCandidates, NULL, logits) != AUGUR_OK) {
    return 0;
  }
  for (int i = 0; i < kCandidates; ++i) {
    const double off = (double)logits[i] - kLogits[i];
    if (!(off < 5e-5 && off > -5e-5)) {
      printf("candidate %d: %.9g instead of %.9g\n", i, (double)logits[i], kLogits[i]);
      return 0;
    }
  }
  return 1;
}

int main(int argc, char** argv) {
  augur_model* model = NULL;
  augur_session* session = NULL;
  augur_error error = {sizeof error, 0, ""};
  int works = 0;
  if (argc != 2 || !app_works(argv[1])) {
    puts("the app's own libraries do not work");
  } else if (augur_model_open_file(argv[1], NULL, &model, &error) != AUGUR_OK ||
             augur_session_create(model, NULL, NULL, 0, &session, &error) != AUGUR_OK) {
    puts(error.message);
  } else if (!rank(session)) {
    puts(augur_session_error(session));
  } else {
    works = app_works(argv[1]);
  }
  augur_session_destroy(session);
  augur_model_close(model);
  if (works) puts("works");
  return works ? 0 : 1;
}
