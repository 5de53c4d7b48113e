/* What an app does, in C: opens a model, gives a session memory of its own, sets a user's inputs,
 * ranks candidates. Items are named by the catalogue's own keys; one of the offers is too new for
 * the model.
 *
 *   rank_c model.augur      a model of users, items and categories, such as the shop's, converted
 *                           with --vocabulary item=examples/shop/item_keys.txt
 */
#include <augur/augur.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY(text) \
  { text, sizeof text - 1 }
#define COUNT(array) (sizeof array / sizeof array[0])

static const int64_t kUser[] = {1};
/* Clicked, oldest first. */
static const augur_string kItems[] = {KEY("tents-104"), KEY("sleeping-bags-3"), KEY("tents-6")};
static const int64_t kCategories[] = {1, 2, 1};
static const augur_string kOffers[] = {KEY("sleeping-bags-17"), KEY("tents-21"), KEY("tents-2050"),
                                       KEY("sleeping-bags-8"), KEY("tents-99")};
static const int64_t kOfferCategories[] = {2, 1, 1, 2, 1};

static augur_column ids(const char* name, const int64_t* values, size_t length) {
  augur_column column = {
      .struct_size = sizeof column, .name = name, .ids = values, .length = length};
  return column;
}

static augur_column keys(const char* name, const augur_string* values, size_t length) {
  augur_column column = {
      .struct_size = sizeof column, .name = name, .length = length, .strings = values};
  return column;
}

static int rank(augur_session* session) {
  const augur_column user = ids("user", kUser, 1);
  const augur_column events[] = {keys("item", kItems, COUNT(kItems)),
                                 ids("category", kCategories, COUNT(kItems))};
  const augur_column offers[] = {keys("item", kOffers, COUNT(kOffers)),
                                 ids("category", kOfferCategories, COUNT(kOffers))};
  augur_status statuses[COUNT(kOffers)];
  const augur_each_options each = {sizeof each, statuses};
  size_t best[3], count = 0;
  float scores[3];
  if (augur_session_set_feature(session, &user) != AUGUR_OK ||
      augur_session_set_history(session, NULL, events, 2, COUNT(kItems)) != AUGUR_OK ||
      augur_rank_top_k_each(session, offers, 2, COUNT(kOffers), 3, best, scores, &count, &each) !=
          AUGUR_OK) {
    fprintf(stderr, "%s\n", augur_session_error(session));
    return 1;
  }
  for (size_t i = 0; i < count; ++i) {
    printf("%zu. %s  %.4f\n", i + 1, kOffers[best[i]].data, (double)scores[i]);
  }
  for (size_t i = 0; i < COUNT(kOffers); ++i) {
    if (statuses[i] != AUGUR_OK)
      printf("not ranked: %s, %s\n", kOffers[i].data, augur_status_name(statuses[i]));
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
