/* Files of texts: their names, and what is said of them. */
#include "data/texts.h"

#include <inttypes.h>
#include <stddef.h>

#define ROW struct sbmt_text_names
const struct sbmt_field sbmt_text_names_fields[] = {
    SBMT_STRING(ROW, train, NULL,
                "a file in the folder of a task of GLUE that is read as train, in place of the "
                "official one"),
    SBMT_STRING(ROW, dev, NULL, "likewise as dev"),
    SBMT_STRING(ROW, test, NULL, "likewise as test"),
    SBMT_FIELDS_END,
};

const char *sbmt_text_name(const struct sbmt_text_names *names, enum sbmt_split split)
{
    if (names == NULL)
        return NULL;
    return split == SBMT_SPLIT_TRAIN ? names->train
                                     : (split == SBMT_SPLIT_DEV ? names->dev : names->test);
}

void sbmt_text_file_report(const struct sbmt_text_file *file, const struct sbmt_log *log)
{
    if (file->skipped > 0)
        sbmt_log_write(log, SBMT_LOG_WARNING, "%s; broken rows are left out, %" PRId64 " in all",
                       file->skipped_first.message, file->skipped);
    if (file->official > 0 && file->rows != file->official)
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s: has %" PRId64 " rows; the official file has %" PRId64
                       ", and results do not compare",
                       file->place, file->rows, file->official);
}
