/* Runs the code of docs/ids.md: ranks by keys, swaps one model of the shop for another, and moves
 * the user's session.
 *
 *   docs_ids_run base.augur dien.augur
 */
#include <augur/augur.h>
#include <stdio.h>

/* As the page has them. */
typedef struct models {
  augur_model* current;
  augur_model* retired;
} models;
augur_status rank_offers(augur_session* session, float scores[3]);
augur_status row_of(const augur_model* model, const char* item, uint32_t* row);
void close_retired(models* m);
augur_status take_new(models* m, const char* path, augur_error* error);
augur_session* move_user(const models* m, augur_session* old, augur_restore_report* report);

static int fail(const char* what) {
  fprintf(stderr, "failed: %s\n", what);
  return 1;
}

int main(int argc, char** argv) {
  models m = {NULL, NULL};
  augur_error error = {sizeof error, 0, ""};
  augur_session* session = NULL;
  uint32_t row = 0;
  float before[3], after[3];
  if (argc != 3 || take_new(&m, argv[1], &error) != AUGUR_OK) return fail(error.message);
  if (row_of(m.current, "tents-104", &row) != AUGUR_OK ||
      row_of(m.current, "no such tent", &row) != AUGUR_NOT_FOUND)
    return fail("row_of");
  if (augur_session_create(m.current, NULL, NULL, 0, &session, &error) != AUGUR_OK)
    return fail(error.message);
  const augur_string clicked = {"tents-21", 8};
  const int64_t category = 1;
  const augur_column event[] = {
      {.struct_size = sizeof(augur_column), .name = "item", .strings = &clicked, .length = 1},
      {.struct_size = sizeof(augur_column), .name = "category", .ids = &category, .length = 1}};
  if (augur_session_append(session, NULL, event, 2, 1) != AUGUR_OK ||
      rank_offers(session, before) != AUGUR_OK)
    return fail(augur_session_error(session));

  if (take_new(&m, argv[2], &error) != AUGUR_OK) return fail(error.message);
  close_retired(&m);
  if (m.retired == NULL) return fail("the old model was closed while it had a session");
  if (take_new(&m, argv[2], &error) != AUGUR_INVALID_ARGUMENT) return fail("a second swap");
  augur_restore_report report = {.struct_size = sizeof report};
  session = move_user(&m, session, &report);
  if (session == NULL) return fail("move_user");
  close_retired(&m);
  if (m.retired != NULL) return fail("the old model was not closed");
  if (augur_session_history_length(session, NULL) != 1 || rank_offers(session, after) != AUGUR_OK)
    return fail(augur_session_error(session));
  printf("restored by schema: %d, unknown ids: %u, other scores: %d\n",
         report.by == AUGUR_RESTORED_BY_SCHEMA, (unsigned)report.unknown_ids,
         before[0] != after[0]);
  augur_session_destroy(session);
  augur_model_close(m.current);
  return 0;
}
