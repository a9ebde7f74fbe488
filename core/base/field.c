/* Tables of options: defaults and lookup. Reading and writing YAML is bench's business. */
#include "core/base/field.h"

#include <string.h>

#include "core/base/arena.h"

static void set_variant(const struct sbmt_field *field, struct sbmt_variant_value *value,
                        struct sbmt_arena *arena)
{
    value->index = (int)field->fallback;
    value->config = NULL;
    const struct sbmt_variant *variant = field->variant_at(value->index);
    if (variant == NULL || variant->fields == NULL)
        return;
    value->config = sbmt_arena_zalloc(arena, 1, variant->config_size);
    if (value->config != NULL)
        sbmt_fields_defaults(variant->fields, value->config, arena);
}

void sbmt_fields_defaults(const struct sbmt_field *fields, void *config, struct sbmt_arena *arena)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        void *member = (char *)config + field->offset;
        switch (field->type) {
        case SBMT_FIELD_INT:
        case SBMT_FIELD_CHOICE:
            *(int *)member = (int)field->fallback;
            break;
        case SBMT_FIELD_NUMBER:
            *(double *)member = field->fallback;
            break;
        case SBMT_FIELD_BOOL:
            *(bool *)member = field->fallback != 0;
            break;
        case SBMT_FIELD_STRING:
            *(const char **)member = field->fallback_text;
            break;
        case SBMT_FIELD_SECTION:
            sbmt_fields_defaults(field->fields, member, arena);
            break;
        case SBMT_FIELD_VARIANT:
            set_variant(field, member, arena);
            break;
        case SBMT_FIELD_END:
            break;
        }
    }
}

int sbmt_variant_find(const struct sbmt_variant *(*variant_at)(int index), const char *name)
{
    for (int i = 0;; i++) {
        const struct sbmt_variant *variant = variant_at(i);
        if (variant == NULL)
            return -1;
        if (strcmp(variant->name, name) == 0)
            return i;
    }
}

const struct sbmt_field *sbmt_field_find(const struct sbmt_field *fields, const char *key)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++)
        if (strcmp(field->key, key) == 0)
            return field;
    return NULL;
}
