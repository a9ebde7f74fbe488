/* Errors are values: a function that can fail returns false and says why in one line. */
#ifndef SBMT_CORE_BASE_ERROR_H
#define SBMT_CORE_BASE_ERROR_H

#include <stdbool.h>

/** What kind of failure it was; cli turns it into an exit code. */
enum sbmt_error_kind {
    SBMT_ERROR_NONE = 0,
    SBMT_ERROR_USAGE,       /**< wrong command line: exit 2 */
    SBMT_ERROR_CONFIG,      /**< wrong configuration: exit 2 */
    SBMT_ERROR_DATA,        /**< a data file is missing, broken or of the wrong form: exit 1 */
    SBMT_ERROR_IO,          /**< the system refused to read or write: exit 1 */
    SBMT_ERROR_MEMORY,      /**< out of memory, or over a limit that was asked for: exit 1 */
    SBMT_ERROR_INTERRUPTED, /**< the user asked to stop and the state is saved: exit 1 */
};

/** A failure. Zero it before use; `message` is one line without a newline that names the place
 *  (file:line:column, or a tensor) first and says what to do. */
struct sbmt_error {
    enum sbmt_error_kind kind;
    char message[1024];
};

/** Fills *err (which may be NULL) and returns false, so that callers write
 *  `return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%d: …", …);`. */
__attribute__((format(printf, 3, 4))) bool
sbmt_fail(struct sbmt_error *err, enum sbmt_error_kind kind, const char *format, ...);

/** As sbmt_fail, with ": " and the text of errno appended. Kind is SBMT_ERROR_IO. */
__attribute__((format(printf, 2, 3))) bool sbmt_fail_errno(struct sbmt_error *err,
                                                           const char *format, ...);

/** Puts a place in front of the message of an error that has none yet, and returns false. */
__attribute__((format(printf, 2, 3))) bool sbmt_error_at(struct sbmt_error *err, const char *format,
                                                         ...);

/** Marks a function whose bool result must not be ignored. */
#define SBMT_MUST_CHECK __attribute__((warn_unused_result))

#endif
