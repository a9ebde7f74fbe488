/* All options of a configuration, one after the other. */
#include "bench/config_visit.h"

#include <stdio.h>

enum { KEY = 256 };

struct walk {
    void (*visit)(void *context, const struct sbmt_config_place *place);
    void *context;
};

static void visit_fields(const struct walk *walk, const struct sbmt_field *fields,
                         const char *prefix, const struct sbmt_variant *kind)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        char key[KEY], below[KEY];
        snprintf(below, sizeof below, "%s%s.", prefix, field->key);
        if (field->type == SBMT_FIELD_SECTION) {
            visit_fields(walk, field->fields, below, kind);
            continue;
        }
        const bool is_kind = field->type == SBMT_FIELD_VARIANT;
        snprintf(key, sizeof key, "%s%s%s", prefix, field->key, is_kind ? ".kind" : "");
        const struct sbmt_config_place place = {key, field, kind};
        walk->visit(walk->context, &place);
        for (int i = 0; is_kind && field->variant_at(i) != NULL; i++)
            if (field->variant_at(i)->fields != NULL)
                visit_fields(walk, field->variant_at(i)->fields, below, field->variant_at(i));
    }
}

void sbmt_config_visit(const struct sbmt_field *fields,
                       void (*visit)(void *context, const struct sbmt_config_place *place),
                       void *context)
{
    const struct walk walk = {visit, context};
    visit_fields(&walk, fields, "", NULL);
}
