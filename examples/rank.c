/* What an app does, in C: opens a model, gives a session memory of its own, sets a user's inputs,
 * ranks candidates.
 *
 *   rank_c model.augur      a model of users, items and categories, such as the shop's
 */
#include <augur/augur.h>
#include <stdio.h>
#include <stdlib.h>

static const int64_t kUser[] = {1};
static const int64_t kItems[] = {3, 5, 2}, kCategories[] = {1, 2, 1}; /* clicked, oldest first */
static const int64_t kOffers[] = {4, 6, 7, 1}, kOfferCategories[] = {2, 1, 2, 1};

static augur_column ids(const char* name, const int64_t* values, size_t length) {
  augur_column column = {
      .struct_size = sizeof column, .name = name, .ids = values, .length = length};
  return column;
}

static int rank(augur_session* session) {
  const augur_column user = ids("user", kUser, 1);
  const augur_column events[] = {ids("item", kItems, 3), ids("category", kCategories, 3)};
  const augur_column offers[] = {ids("item", kOffers, 4), ids("category", kOfferCategories, 4)};
  size_t best[3], count = 0;
  float scores[3];
  if (augur_session_set_feature(session, &user) != AUGUR_OK ||
      augur_session_set_history(session, NULL, events, 2, 3) != AUGUR_OK ||
      augur_rank_top_k(session, offers, 2, 4, 3, best, scores, &count) != AUGUR_OK) {
    fprintf(stderr, "%s\n", augur_session_error(session));
    return 1;
  }
  for (size_t i = 0; i < count; ++i) {
    printf("%zu. item %d  %.4f\n", i + 1, (int)kOffers[best[i]], (double)scores[i]);
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: rank_c model.augur\n");
    return 2;
  }
  augur_error error = {sizeof error, 0, ""};
  augur_model* model = NULL;
  if (augur_model_open_file(argv[1], NULL, &model, &error) != AUGUR_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  const size_t bytes = augur_session_bytes(model, NULL);
  void* block = malloc(bytes);
  augur_session* session = NULL;
  int status = 1;
  if (augur_session_create(model, NULL, block, bytes, &session, &error) == AUGUR_OK) {
    status = rank(session);
  } else {
    fprintf(stderr, "%s\n", error.message);
  }
  augur_session_destroy(session); /* before its model */
  free(block);
  augur_model_close(model);
  return status;
}
