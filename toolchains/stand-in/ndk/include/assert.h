/* bionic's assert. No include guard: NDEBUG may differ from one inclusion to the next. */
#undef assert
#ifdef __cplusplus
extern "C"
#endif
void __assert2(const char* file, int line, const char* function, const char* condition) __attribute__((noreturn));
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : __assert2(__FILE__, __LINE__, __PRETTY_FUNCTION__, #condition))
#endif
#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert _Static_assert
#endif
