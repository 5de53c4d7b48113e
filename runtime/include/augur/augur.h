/* Augur: ranks candidates for one user with a Deep Interest Evolution Network (arXiv 1809.03672),
 * on the phone, in memory that the app may provide.
 *
 *   1. augur_model_open_file      the model: immutable, shared by any number of threads
 *   2. augur_session_create       one user's state, in a block of yours; one thread at a time
 *   3. augur_session_set_feature, _set_history, _append     what is known of the user
 *   4. augur_rank                 candidates in, click probabilities out; allocates nothing
 *
 * A "stack" is a behaviour sequence: one list of the user's past events, and the part of the
 * network that works on it.
 *
 * Every function that can fail returns an augur_status, whatever the input: no call aborts, throws,
 * prints or exits. A detail message (which field, what was expected, what came) is in the
 * augur_error given to the augur_model_* functions, and in augur_session_error() for a session's
 * calls. A call that fails leaves a session as it was before.
 *
 * Strings are UTF-8 and end with a zero byte; keys (augur_string) need neither. Pointers given to a
 * call need to live only until it returns, except where the comment says "must outlive".
 *
 * Every struct begins with struct_size. The caller sets it to sizeof(the struct), and every member
 * that it does not use to 0. Then libraries and apps of different versions work together: members
 * that an older app's struct lacks take their default, 0; members of a newer app's struct that this
 * library does not know must be 0 (else AUGUR_UNSUPPORTED); the library fills the members of an
 * output struct that it knows, and sets the others to 0. It never changes struct_size. All elements
 * of an array have the same struct_size.
 */
#ifndef AUGUR_AUGUR_H_
#define AUGUR_AUGUR_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define AUGUR_API
#else
#define AUGUR_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version ---- */

/* major * 10000 + minor * 100 + patch of this header. */
#define AUGUR_VERSION 600

/* The version of the oldest header whose code a library of this version can serve. While the major
 * version is 0, a minor version may raise it; from 1 on, only a major version may. */
#define AUGUR_SERVES_SINCE 100

/* The version of the library that is linked, in the form of AUGUR_VERSION. */
AUGUR_API uint32_t augur_version(void);

/* 1 if the library can serve code compiled with `header_version` (pass AUGUR_VERSION), that is, if
 * it lies between the library's own AUGUR_SERVES_SINCE and its version; else 0. */
AUGUR_API int augur_is_compatible(uint32_t header_version);

/* ---- status ---- */

typedef enum augur_status {
  AUGUR_OK = 0,
  /* A null pointer, a wrong struct_size, a value outside what is documented. */
  AUGUR_INVALID_ARGUMENT = 1,
  /* A name that the model does not declare, or a file that is not there. */
  AUGUR_NOT_FOUND = 2,
  /* The file could not be read. */
  AUGUR_IO_ERROR = 3,
  /* Not a model file, a damaged one, or one whose parts contradict each other. */
  AUGUR_BAD_MODEL = 4,
  /* The file needs a newer runtime. */
  AUGUR_NEWER_MODEL = 5,
  /* The block given is too small (augur_error.required_bytes is the size), or memory is missing. */
  AUGUR_OUT_OF_MEMORY = 6,
  /* Columns of unequal lengths, a missing field, a vector of the wrong width. */
  AUGUR_SHAPE_MISMATCH = 7,
  /* An id outside its table, or a key that the vocabulary does not have, where the table's rule is
   * "error". */
  AUGUR_OUT_OF_RANGE = 8,
  /* This processor or build cannot do it. */
  AUGUR_UNSUPPORTED = 9,
  /* A logit, or an attention weight, is infinite or not a number: the model's numbers overflow on
   * this input. */
  AUGUR_NOT_FINITE = 10,
  /* augur_session_cancel ended the call. */
  AUGUR_CANCELLED = 11
} augur_status;

/* A constant English name such as "out of range"; never NULL. */
AUGUR_API const char* augur_status_name(augur_status status);

typedef struct augur_error {
  size_t struct_size;
  size_t required_bytes; /* with AUGUR_OUT_OF_MEMORY: what would have been enough; else 0 */
  char message[480];     /* one sentence or two; "" after AUGUR_OK */
} augur_error;

/* ---- model ---- */

typedef struct augur_model augur_model;
typedef struct augur_session augur_session;

/* What augur_model_options.verify asks for. */
typedef enum augur_verify {
  AUGUR_VERIFY_NOTHING = 0,
  /* The file's bytes have the SHA-256 that the file states (else AUGUR_BAD_MODEL). All bytes are
   * read: docs/updates.md has the cost. AUGUR_UNSUPPORTED if the file states none, as files of
   * versions before 0.3 do. */
  AUGUR_VERIFY_CONTENT_HASH = 1
} augur_verify;

/* A file whose content hash is right, before anything else in it is read. */
typedef struct augur_content {
  size_t struct_size;
  const char* file;  /* its path, "buffer" or "file descriptor" */
  const char* table; /* a sidecar's or a delta's table, as the app named it; "" for a model */
  const void* data;  /* its bytes, readable during the call */
  size_t bytes;
  uint8_t model_id[32];     /* as the file states it */
  uint8_t content_hash[32]; /* SHA-256 of the bytes, computed with the file's own hash as zeros */
} augur_content;

/* AUGUR_OK, or why the file must not be used: opening or attaching fails with that status. A
 * signature over content_hash or over the bytes can be checked here. */
typedef augur_status (*augur_verify_content)(void* context, const augur_content* content);

typedef struct augur_model_options {
  size_t struct_size;
  /* A block for the model's arena (packed weights, operators); must outlive the model. NULL: the
   * library allocates one block on the heap and frees it at close. To learn the size, give a
   * non-NULL pointer and 0 bytes: the call fails with AUGUR_OUT_OF_MEMORY and error.required_bytes
   * set. */
  void* memory;
  size_t memory_bytes;
  /* 0: the file is mapped and read in place. It opens fast, and only the rows that are used occupy
   * memory, which the system may take back at any time. But if the file is cut short while the
   * model is open, reading the missing part ends the process with SIGBUS.
   * 1: the file, or the buffer, is copied into the arena, and is not needed after the call. */
  uint32_t load;
  /* An augur_verify: what is checked of a file's bytes before anything in them is used. It holds
   * for the model's file, and for every sidecar and delta that is attached to the model. */
  uint32_t verify;
  /* NULL, or an app's function that decides whether a file may be used; then the content hash is
   * checked, too. It must not call the library. verify_context is handed to it. Both must outlive
   * the model. */
  augur_verify_content verify_content;
  void* verify_context;
} augur_model_options;

/* Opens a model. `options` and `error` may be NULL. On failure *model is NULL and nothing is kept.
 * Opening is thread-safe. Unless options->load is 1, the file is mapped and the embedding tables
 * are read in place. So the file must not be changed in place, nor cut short, while the model is
 * open (to replace it, rename a new file over it).
 *
 * _fd maps `length` bytes at `offset` of an open file, such as an uncompressed asset inside an APK;
 * the descriptor may be closed after the call. length 0: up to the file's end. _buffer reads
 * `bytes` bytes at `data`, which must outlive the model. Any alignment is allowed, 64 is best; at
 * an address or offset that is not a multiple of 4 the file is copied into the arena. */
AUGUR_API augur_status augur_model_open_file(const char* path, const augur_model_options* options,
                                             augur_model** model, augur_error* error);
AUGUR_API augur_status augur_model_open_fd(int fd, uint64_t offset, uint64_t length,
                                           const augur_model_options* options, augur_model** model,
                                           augur_error* error);
AUGUR_API augur_status augur_model_open_buffer(const void* data, size_t bytes,
                                               const augur_model_options* options,
                                               augur_model** model, augur_error* error);

/* Gives the model the rows of a table that its file does not hold. They are in a sidecar file, made
 * with augur-convert --sidecar, which carries the model's id, and is mapped and read in place like
 * the model. Every such table must be attached before the first session is created. Attaching again
 * replaces the rows, for example by a newer catalogue of another size. While a table is attached,
 * no session of the model may exist (else AUGUR_INVALID_ARGUMENT) and no other call on the model
 * may run. AUGUR_NOT_FOUND if the model has no such table, AUGUR_BAD_MODEL if the file is damaged
 * or belongs to another model or table; the model then keeps the rows it had. augur_model_get_table
 * tells whether the rows are those of the conversion.
 *
 * The path, the descriptor and the buffer are as for augur_model_open_*. A buffer, or a part of a
 * file, that does not begin at a multiple of 4 is copied. If the model's arena is on the heap, so
 * is the copy, which is counted in augur_model_info.arena_bytes. The arena itself never grows. A
 * model in a block of the caller allocates nothing on the heap: the call fails with
 * AUGUR_OUT_OF_MEMORY, and error.required_bytes is the size of the block that
 * augur_model_attach_table_from needs. Attaching again frees the former copy. */
AUGUR_API augur_status augur_model_attach_table(augur_model* model, const char* table,
                                                const char* path, augur_error* error);
AUGUR_API augur_status augur_model_attach_table_fd(augur_model* model, const char* table, int fd,
                                                   uint64_t offset, uint64_t length,
                                                   augur_error* error);
AUGUR_API augur_status augur_model_attach_table_buffer(augur_model* model, const char* table,
                                                       const void* data, size_t bytes,
                                                       augur_error* error);

/* Where a table's rows are, and whether they are mapped or copied. */
typedef struct augur_table_source {
  size_t struct_size;
  /* The file; if path is NULL, the buffer; if both are NULL, the descriptor. */
  const char* path;
  const void* data;
  size_t bytes; /* of data */
  int fd;
  uint32_t load;   /* as in augur_model_options; 1: copied into `memory` */
  uint64_t offset; /* of the descriptor's file */
  uint64_t length; /* 0: to its end */
  /* A block for a copy, where load or the alignment needs one. It must outlive the model, or stay
   * until the table has been attached again, into another block. NULL: as in
   * augur_model_attach_table. If it is too small the call fails with AUGUR_OUT_OF_MEMORY, and
   * error.required_bytes is the size. */
  void* memory;
  size_t memory_bytes;
} augur_table_source;

/* augur_model_attach_table with all its choices. */
AUGUR_API augur_status augur_model_attach_table_from(augur_model* model, const char* table,
                                                     const augur_table_source* source,
                                                     augur_error* error);

/* Changes the table's attached rows by a delta: a small file of changed and new rows and keys, made
 * by augur-convert --delta. It is applied to the table's newest state, so deltas are attached in
 * their order; at most AUGUR_MAX_DELTAS. It is read in place, like a sidecar; the table's rows are
 * not copied. Conditions, sources and memory are those of augur_model_attach_table_from. Its
 * content hash is always checked. AUGUR_BAD_MODEL if the file is damaged, cut short, or made for
 * another state of the table, AUGUR_NOT_FOUND if no sidecar is attached, AUGUR_INVALID_ARGUMENT if
 * the table has AUGUR_MAX_DELTAS already; the model then keeps what it had. Attaching a sidecar
 * drops the table's deltas. docs/updates.md describes updates. */
#define AUGUR_MAX_DELTAS 8
AUGUR_API augur_status augur_model_attach_delta(augur_model* model, const char* table,
                                                const augur_table_source* source,
                                                augur_error* error);

/* Takes deltas off the table, the newest first, until `keep` are left; 0: back to the sidecar. The
 * conditions are those of attaching. AUGUR_INVALID_ARGUMENT if there are fewer than `keep`. */
AUGUR_API augur_status augur_model_detach_deltas(augur_model* model, const char* table,
                                                 uint32_t keep, augur_error* error);

/* Frees the model. Its sessions must have been destroyed. NULL is allowed. */
AUGUR_API void augur_model_close(augur_model* model);

/* ---- what a model declares ---- */

typedef enum augur_field_kind {
  AUGUR_ID = 0,     /* one int64 id a row */
  AUGUR_IDS = 1,    /* several ids a row, pooled by the model */
  AUGUR_NUMBER = 2, /* one number a row */
  AUGUR_VECTOR = 3  /* `width` numbers a row */
} augur_field_kind;

/* What the ids of a table are. */
typedef enum augur_key_type {
  AUGUR_KEY_ROW = 0,     /* numbers of rows */
  AUGUR_KEY_INTEGER = 1, /* 64-bit keys of the catalogue */
  AUGUR_KEY_STRING = 2   /* strings of the catalogue */
} augur_key_type;

/* What happens to an id outside its table, or to a key that the table's vocabulary does not have.
 */
typedef enum augur_out_of_table {
  AUGUR_TABLE_ERROR = 0,       /* the call fails with AUGUR_OUT_OF_RANGE */
  AUGUR_TABLE_PADDING_ROW = 1, /* it is read as the padding row */
  AUGUR_TABLE_HASH = 2,        /* it is hashed into the table's buckets */
  AUGUR_TABLE_PADDING_ID = 3,  /* it is treated as the padding id: dropped, or not counted */
  AUGUR_TABLE_UNKNOWN_ROW = 4  /* it reads the row that was trained for unknown ids, and counts */
} augur_out_of_table;

/* How a score is computed from the logit
 * x = calibration_scale * network output + calibration_offset. */
typedef enum augur_output_kind {
  AUGUR_OUTPUT_SIGMOID = 0, /* 1 / (1 + e^-x): a click's probability */
  AUGUR_OUTPUT_IDENTITY = 1 /* x: what a regression predicts */
} augur_output_kind;

typedef struct augur_model_info {
  size_t struct_size;
  const char* name; /* strings live as long as the model */
  const char* producer;
  const char* producer_version;
  uint8_t id[32];         /* SHA-256 of the content */
  uint32_t format;        /* the file's format version */
  uint32_t feature_count; /* fields of the request */
  uint32_t candidate_field_count;
  uint32_t stack_count; /* behaviour sequences */
  uint32_t note_count;
  size_t file_bytes;
  size_t arena_bytes;      /* the arena's size, with the library's copies of tables, ... */
  size_t arena_used_bytes; /* ... and what of it is in use */
  float calibration_scale; /* see augur_output_kind */
  float calibration_offset;
  augur_output_kind output;
  uint32_t table_count;
  uint32_t tables_with_other_rows;   /* how many are AUGUR_ROWS_OTHER now, ... */
  uint32_t tables_with_unknown_rows; /* ... and how many AUGUR_ROWS_UNKNOWN */
  uint32_t session_count;            /* sessions that exist now */
  uint32_t reserved;                 /* 0 */
  /* Models with equal schema ids can restore each other's saved sessions. It is a hash of the
   * features and the sequences: names, order, kinds, widths of vectors, key types, max_history. */
  uint8_t schema_id[32];
} augur_model_info;

/* Whether a table's rows are those that the model was converted with. Attaching accepts other rows,
 * such as those of a newer catalogue; an app that does not want them checks this. The library
 * compares the hashes that the model and the sidecar file state. It does not compute them
 * (augur-inspect does). */
typedef enum augur_rows_origin {
  AUGUR_ROWS_INSIDE = 0,        /* they are in the model's own file */
  AUGUR_ROWS_MISSING = 1,       /* they have not been attached yet */
  AUGUR_ROWS_OF_CONVERSION = 2, /* attached: those of the conversion */
  AUGUR_ROWS_OTHER = 3,         /* attached: other rows, or with a delta */
  AUGUR_ROWS_UNKNOWN = 4        /* attached: the model or the file, made by 0.1, states no hash */
} augur_rows_origin;

typedef struct augur_table_info {
  size_t struct_size;
  const char* name;
  uint32_t rows;  /* 0: not attached yet */
  uint32_t width; /* values in a row */
  augur_out_of_table out_of_table;
  augur_rows_origin origin;
  uint8_t rows_hash[32]; /* of the sidecar's rows, as it states it, without deltas; zeros: none */
  uint8_t converted_rows_hash[32]; /* of the rows of the conversion, as the model states it */
  augur_key_type key_type;
  uint32_t
      keys; /* in its vocabulary, its deltas not counted; 0: it has none, or not attached yet */
  uint32_t deltas;             /* how many are attached */
  uint32_t padding_row;        /* of the padding id */
  uint32_t unknown_row;        /* with AUGUR_TABLE_UNKNOWN_ROW */
  uint32_t reserved;           /* 0 */
  uint8_t vocabulary_hash[32]; /* as the file states it; zeros: none */
  /* Attached: what its rows and keys are, with its deltas. augur-inspect shows the same of sidecars
   * and of the deltas that fit. Zeros: unknown, or not external. */
  uint8_t state[32];
} augur_table_info;

typedef struct augur_field_info {
  size_t struct_size;
  const char* name;
  augur_field_kind kind;
  uint32_t width;      /* values in its embedding */
  const char* table;   /* ids: the table's name, else "" */
  uint32_t table_rows; /* ids: valid ids are 0 ... table_rows - 1; 0: not attached yet */
  augur_out_of_table out_of_table;
  augur_key_type key_type; /* ids: what a column holds, unless its id_form says otherwise */
  uint32_t reserved;       /* 0 */
  /* The name of the column that it reads. Several fields of one list may read the same column. */
  const char* column;
} augur_field_info;

typedef struct augur_stack_info {
  size_t struct_size;
  const char* name;
  uint32_t max_history; /* how many events are kept: the newest, or the oldest (keeps_oldest) */
  uint32_t field_count;
  uint32_t keeps_oldest; /* 1: new events of a full history are dropped; it cannot stream */
} augur_stack_info;

AUGUR_API augur_status augur_model_get_info(const augur_model* model, augur_model_info* info);
AUGUR_API augur_status augur_model_get_feature(const augur_model* model, uint32_t index,
                                               augur_field_info* info);
AUGUR_API augur_status augur_model_get_candidate_field(const augur_model* model, uint32_t index,
                                                       augur_field_info* info);
AUGUR_API augur_status augur_model_get_stack(const augur_model* model, uint32_t index,
                                             augur_stack_info* info);
AUGUR_API augur_status augur_model_get_stack_field(const augur_model* model, uint32_t stack,
                                                   uint32_t index, augur_field_info* info);
AUGUR_API augur_status augur_model_get_table(const augur_model* model, uint32_t index,
                                             augur_table_info* info);
/* A remark that came with the model, such as "calibrated on ..."; NULL when index is too large. */
AUGUR_API const char* augur_model_get_note(const augur_model* model, uint32_t index);

/* The row of a key in the table's vocabulary, with its deltas. AUGUR_NOT_FOUND if it does not have
 * the key; the table's rule for such keys is not applied. AUGUR_INVALID_ARGUMENT if the table has
 * no vocabulary, or one with keys of the other type. */
AUGUR_API augur_status augur_model_find_string(const augur_model* model, const char* table,
                                               const char* key, size_t length, uint32_t* row);
AUGUR_API augur_status augur_model_find_integer(const augur_model* model, const char* table,
                                                int64_t key, uint32_t* row);

/* ---- session ---- */

/* The app's own thread pool (augur_session_options.parallel_for), which the app implements.
 *
 * A call runs task(task_context, index) once for every index from 0 to count - 1: on any threads,
 * in any order, at the same time or one after another. It returns when all these tasks have ended.
 * `context` is augur_session_options.parallel_for_context.
 *
 * Only augur_rank, augur_rank_top_k and their _each forms call it, at most once each, on the thread
 * that called them, with 2 <= count <= augur_session_options.threads; not for rankings that are too
 * small to gain from it. It must not use the session that is ranking, and no C++ exception or
 * longjmp may leave it. If several sessions rank at the same time on one pool, it is called on
 * several threads at once.
 *
 * A task throws nothing, allocates nothing and never waits for another task to begin; it takes a
 * lock for short moments. It computes in the floating-point environment (rounding, flushing of
 * small numbers) of the thread that called augur_rank, and restores that of its own thread.
 *
 * A pool that makes mistakes does not get wrong scores. Running a task a second time, or with an
 * index that is not below count, does nothing. If a task has not ended when the function returns,
 * the library waits for the tasks that are running, and the ranking fails with
 * AUGUR_INVALID_ARGUMENT. After that, running a task does no harm as long as the session exists;
 * after augur_session_destroy no task must be run. */
typedef void (*augur_task)(void* task_context, size_t index);
typedef void (*augur_parallel_for)(void* context, augur_task task, void* task_context,
                                   size_t count);

typedef struct augur_session_options {
  size_t struct_size;
  /* How many events are kept of every stack, if fewer than the model's limit; 0: the model's
   * limit. */
  uint32_t max_history;
  /* How many candidates are computed together; 0: the library chooses. More candidates need more
   * memory. Scores depend on it only within the bound in docs/performance.md. */
  uint32_t tile;
  /* How many threads rank, the caller's included, at most 64; 0 and 1: only the caller's. Scores do
   * not depend on it. The others are started with the session, sleep between calls and end with it;
   * each needs memory for its tile (augur_session_bytes counts that) and a stack. With parallel_for
   * none are started. */
  uint32_t threads;
  /* 1: a stream. Once a history is full, the extractor's states are not computed anew from the
   * first event that is kept: they continue, so one more event costs one step. 0: the states are
   * those of the kept events only, as in training with histories cut to max_history.
   *
   * In a stream the state at an event is that of a recurrence over all events since the history was
   * last set, cleared or restored. Attention, pooling and evolution take the newest max_history
   * events, as always. Scores differ from those without a stream once an event has left the
   * history. A saved session holds no states: after it is restored the stream begins with the
   * events that were kept. Stacks without an extractor are the same either way.
   * AUGUR_INVALID_ARGUMENT if a stack keeps its oldest events, or pads them to a window. Calls that
   * add events fail with AUGUR_BAD_MODEL if an embedding table holds a value that is not finite for
   * one of them. */
  uint32_t streaming;
  /* How many ids a session keeps of one row of an AUGUR_IDS field, at most 4096; 0: 16. A row with
   * more ids is kept as its pooled embedding; a state saved with such a row is restored only while
   * the field's table has the same rows as then. For each row of the history and of the features an
   * id costs 8 bytes, an integer key 16, a string key 24; augur_session_bytes counts them. */
  uint32_t max_ids_per_event;
  uint32_t reserved; /* not read: in the struct of an older app it is padding */
  /* The app's own thread pool, or NULL: the session starts threads of its own. Each of its tasks
   * uses the memory of one of `threads` threads; with threads 0 or 1 it is not called. Scores are
   * the same either way. It must outlive the session, and so must parallel_for_context. */
  augur_parallel_for parallel_for;
  void* parallel_for_context;
} augur_session_options;

/* The bytes a session needs; they do not depend on the number of candidates. `options` may be NULL.
 * 0 if the model is NULL, the options are invalid or no memory could be so large. */
AUGUR_API size_t augur_session_bytes(const augur_model* model,
                                     const augur_session_options* options);

/* Creates a session in `memory`, which must outlive it; any alignment. memory NULL (with bytes 0):
 * the library allocates the block and frees it in augur_session_destroy. The model must outlive the
 * session. (A file may ask for any amount, by a long max_history. The library itself allocates at
 * most 1 GiB; beyond that the call fails with AUGUR_OUT_OF_MEMORY, and error.required_bytes is the
 * size of the block that is needed.) On failure *session is NULL; AUGUR_NOT_FOUND means that a
 * table has not been attached yet. A new session has no history, and features 0: row 0, or
 * the padding id where ids are keys; number 0; no ids.
 *
 * After fork() the child has only the caller's thread: there a session with threads, or with
 * parallel_for, ranks on one thread, with the same scores, and is destroyed as usual. The child
 * must not touch a session that another thread was using at that moment. fork() waits until a model
 * or session that another thread creates is ready.
 *
 * A session belongs to one thread at a time (augur_session_cancel alone may be called from
 * others). After creation no call on it allocates, nor, unless
 * `threads` is 2 or more, locks. AUGUR_OUT_OF_MEMORY also if the system refuses the threads. */
AUGUR_API augur_status augur_session_create(const augur_model* model,
                                            const augur_session_options* options, void* memory,
                                            size_t bytes, augur_session** session,
                                            augur_error* error);
/* NULL is allowed. A block given by the caller is the caller's again. */
AUGUR_API void augur_session_destroy(augur_session* session);

/* Why the session's last call failed; "" if it did not. Valid until the next call. NULL session:
 * "". */
AUGUR_API const char* augur_session_error(const augur_session* session);

/* Bytes of a string key; they need not end with a zero byte. It has no struct_size, because it
 * never changes. */
typedef struct augur_string {
  const char* data;
  size_t length;
} augur_string;

/* What the ids of a column are. */
typedef enum augur_id_form {
  AUGUR_IDS_BY_FIELD = 0, /* keys, if the field's table has a key type other than AUGUR_KEY_ROW */
  AUGUR_IDS_ROWS = 1,     /* rows of the table */
  AUGUR_IDS_KEYS = 2      /* keys; the table must have them */
} augur_id_form;

/* The values of a column for `rows` rows (events, candidates, or the one row of a feature). Which
 * column a field reads is augur_field_info.column; several fields may read one.
 *   AUGUR_ID      ids[rows], or strings[rows] where the table has string keys
 *   AUGUR_IDS     ids or strings[sum of counts], row after row; counts[rows] says how many belong
 *                 to each row
 *   AUGUR_NUMBER  values[rows]
 *   AUGUR_VECTOR  values[rows * width], row after row; must be finite, as numbers must
 * Members that the kind does not use are ignored. `length` is the number of ids, strings or values
 * there are, so that columns of unequal lengths are found: rows, the sum of counts, or rows times
 * width. */
typedef struct augur_column {
  size_t struct_size;
  const char* name;
  const int64_t* ids;
  const float* values;
  const uint32_t* counts;
  size_t length;
  /* Keys of AUGUR_KEY_STRING, in the place of ids; the bytes are not copied. */
  const augur_string* strings;
  uint32_t id_form;  /* an augur_id_form */
  uint32_t reserved; /* 0 */
} augur_column;

/* Sets one feature of the user or the request: a column of one row. */
AUGUR_API augur_status augur_session_set_feature(augur_session* session,
                                                 const augur_column* feature);

/* Replaces a stack's history by `events` events, oldest first. If there are more than the limit,
 * the newest are kept (the oldest, if augur_stack_info.keeps_oldest is 1). stack NULL: the model's
 * only stack. There must be every column that the stack's fields read, in any order. events 0 with
 * no columns empties the history. Events that the model's mask rule counts as padding are dropped.
 */
AUGUR_API augur_status augur_session_set_history(augur_session* session, const char* stack,
                                                 const augur_column* columns, size_t column_count,
                                                 size_t events);
/* Adds events at the end of the history; beyond the limit the oldest leave it (with keeps_oldest,
 * the new ones are dropped). */
AUGUR_API augur_status augur_session_append(augur_session* session, const char* stack,
                                            const augur_column* columns, size_t column_count,
                                            size_t events);
/* Back to a new session's state: no history, features 0. */
AUGUR_API augur_status augur_session_clear(augur_session* session);
/* How many events the stack holds now. stack NULL: the only stack. 0 if there is no such stack. */
AUGUR_API size_t augur_session_history_length(const augur_session* session, const char* stack);

/* Saves one user's inputs (features and histories), to be restored into a session of the same
 * model, or of another one with the same schema id, such as that of the next training. With memory
 * NULL, *bytes is set to the size that is needed. The state has a version: 1 and 2, of Augur 0.1
 * and 0.2, restore into the same model alone, and one of a later version is AUGUR_UNSUPPORTED.
 * Restore refuses a damaged state, one of another schema (the message names the first difference),
 * and one that is longer than this session's limits (events, ids in a row).
 *
 * What the app gave is saved: 64-bit keys as they are, strings as 128-bit hashes, rows as rows. So
 * a state ranks with the vocabularies and rows of the model that it is restored into. Ids that this
 * does not have are treated by their tables' rules; with "error" the state is refused. Rows that
 * were kept as their pooled embedding (augur_session_options.max_ids_per_event) need the same rows
 * and keys of the table. If a sidecar carries no hash of its rows, the first save or restore with
 * such a pooled row reads all its rows. */
AUGUR_API augur_status augur_session_save(augur_session* session, void* memory, size_t* bytes);
AUGUR_API augur_status augur_session_restore(augur_session* session, const void* memory,
                                             size_t bytes);

/* Whether a saved session was of this model. */
typedef enum augur_restored_by {
  AUGUR_RESTORED_BY_NOTHING = 0, /* it was not restored */
  AUGUR_RESTORED_BY_MODEL = 1,   /* the model's id is the same */
  AUGUR_RESTORED_BY_SCHEMA = 2   /* another model, with the same schema id */
} augur_restored_by;

typedef struct augur_restore_report {
  size_t struct_size;
  augur_restored_by by;
  uint32_t reserved;  /* 0 */
  size_t unknown_ids; /* ids and keys that this model's tables do not have; see the tables' rules */
  size_t dropped_events; /* events that the model's mask rule now drops */
} augur_restore_report;

/* augur_session_restore, and tells what was found. report may be NULL. */
AUGUR_API augur_status augur_session_restore_report(augur_session* session, const void* memory,
                                                    size_t bytes, augur_restore_report* report);

/* ---- ranking ---- */

/* Scores `candidates` candidates, given as columns with one row each, every column that
 * the model's candidate fields read, in any order. logits[i] is what the network gives to
 * candidate i (calibration included), scores[i] its sigmoid, the click probability, or with
 * AUGUR_OUTPUT_IDENTITY the same number; either may be NULL. If any candidate is invalid nothing is
 * scored. A score does not depend on the other candidates.
 *
 * AUGUR_NOT_FINITE if the logit of a candidate is not finite, AUGUR_BAD_MODEL if an embedding table
 * holds a value that is not, AUGUR_OUT_OF_RANGE if a table refuses a candidate's key; the message
 * names the first such candidate, the same one whatever the session's tile and threads.
 * AUGUR_INVALID_ARGUMENT also if the app's parallel_for returns before all tasks have ended. Every
 * element of scores and logits is NaN in these cases. */
AUGUR_API augur_status augur_rank(augur_session* session, const augur_column* columns,
                                  size_t column_count, size_t candidates, float* scores,
                                  float* logits);

/* The best k, best first; ties go to the lower index. *count = min(k, candidates). indices and
 * scores have room for k each. Needs no memory beyond the session's. Fails as augur_rank does; when
 * it fails *count is 0, and what indices and scores hold means nothing. */
AUGUR_API augur_status augur_rank_top_k(augur_session* session, const augur_column* columns,
                                        size_t column_count, size_t candidates, size_t k,
                                        size_t* indices, float* scores, size_t* count);

/* What augur_rank_each and augur_rank_top_k_each report of each candidate. */
typedef struct augur_each_options {
  size_t struct_size;
  /* [candidates], filled by the call; NULL: not wanted. AUGUR_OK, or why a candidate is unusable:
   *   AUGUR_OUT_OF_RANGE      an id or key that its table refuses (AUGUR_TABLE_ERROR)
   *   AUGUR_INVALID_ARGUMENT  a number that is not finite
   *   AUGUR_BAD_MODEL         its row of an embedding table holds a value that is not finite
   *   AUGUR_NOT_FINITE        its logit, or a stack's result for it, is not finite */
  augur_status* statuses;
} augur_each_options;

/* augur_rank and augur_rank_top_k for lists in which some candidates may be unusable. Such a
 * candidate gets a status, and NaN as its score and logit; top_k leaves it out, so that *count is
 * the smaller of k and the number of usable candidates, which may be 0. The usable ones get the
 * same bits as augur_rank gives them in a list that holds them alone, in the same session.
 * `options` may be NULL.
 *
 * AUGUR_OK also if candidates are unusable, even all of them; augur_session_error() is "" then. (A
 * history that overflows makes all of them unusable.) The call fails only if it is wrong as a
 * whole. If columns are missing or contradict each other, the outputs are as they were, as after
 * augur_rank; *count is 0. If an embedding of the user's features or history is not finite, or the
 * app's parallel_for returns too early, every score and logit is NaN, every status is the one that
 * the call returns, and *count is 0. */
AUGUR_API augur_status augur_rank_each(augur_session* session, const augur_column* columns,
                                       size_t column_count, size_t candidates, float* scores,
                                       float* logits, const augur_each_options* options);
AUGUR_API augur_status augur_rank_top_k_each(augur_session* session, const augur_column* columns,
                                             size_t column_count, size_t candidates, size_t k,
                                             size_t* indices, float* scores, size_t* count,
                                             const augur_each_options* options);

/* Why one candidate got its score: writes the attention that each event of a stack's history
 * receives from it, oldest first, into weights[room]; *count is the history's length. `row` chooses
 * one of the candidates. Weights sum to 1 if the stack's attention has a softmax. AUGUR_NOT_FOUND
 * if the stack has no attention. AUGUR_NOT_FINITE if the candidate's logit or one of the weights is
 * not finite: there is no score to explain. When it fails *count is 0 and weights is as it was. */
AUGUR_API augur_status augur_explain(augur_session* session, const char* stack,
                                     const augur_column* columns, size_t column_count,
                                     size_t candidates, size_t row, float* weights, size_t room,
                                     size_t* count);

/* Ends the ranking, or the augur_explain, that runs on the session now: it returns AUGUR_CANCELLED
 * as soon as each of its threads has finished the tile that it is computing, or the caller's the
 * user's part. Every score and logit is NaN then, every status of augur_rank_each is
 * AUGUR_CANCELLED, and *count is 0. The session stays as it was before the call, and can be used
 * again.
 *
 * It may be called from any thread, from a signal handler and from within parallel_for, as long as
 * the session exists; it takes no lock and does not wait. A call that has computed all its tiles
 * returns its result. With no call running it does nothing, and a later call is not affected. NULL
 * is allowed. */
AUGUR_API void augur_session_cancel(augur_session* session);

#ifdef __cplusplus
}
#endif

#endif /* AUGUR_AUGUR_H_ */
