/* What an evaluation may change in the configuration of a run. */
#include "bench/config_change.h"

#include <stdio.h>

#include "bench/config_load.h"
#include "core/base/str.h"

/* The keys of options that matter in evaluation alone. */
static void list_keys(const struct sbmt_field *fields, const char *config, const char *path,
                      struct sbmt_str *out)
{
    for (const struct sbmt_field *f = fields; f != NULL && f->type != SBMT_FIELD_END; f++) {
        const char *member = config + f->offset;
        char key[256];
        snprintf(key, sizeof key, "%s%s", path, f->key);
        if (f->evaluation)
            sbmt_str_printf(out, "%s%s", out->length > 0 ? ", " : "", key);
        snprintf(key, sizeof key, "%s%s.", path, f->key);
        if (f->type == SBMT_FIELD_SECTION)
            list_keys(f->fields, member, key, out);
        if (f->type == SBMT_FIELD_VARIANT) {
            const struct sbmt_variant_value *value = (const void *)member;
            list_keys(f->variant_at(value->index)->fields, value->config, key, out);
        }
    }
}

static bool refuse(const struct sbmt_field *fields, const void *config, const char *assignment,
                   struct sbmt_error *err)
{
    struct sbmt_str keys = {0};
    list_keys(fields, config, "", &keys);
    sbmt_fail(err, SBMT_ERROR_USAGE,
              "command line: %.200s: the run's weights were trained with this option as it is; an "
              "evaluation can change %s",
              assignment, keys.length > 0 ? keys.text : "nothing with this kind of attention");
    sbmt_str_finish(&keys);
    return false;
}

bool sbmt_config_change_check(const struct sbmt_field *fields, void *config,
                              const char *const *changes, int count, struct sbmt_error *err)
{
    for (int i = 0; i < count; i++) {
        const struct sbmt_field *field = sbmt_config_overridden(fields, config, changes[i], err);
        if (field == NULL)
            return false;
        if (!field->evaluation)
            return refuse(fields, config, changes[i], err);
    }
    return true;
}
