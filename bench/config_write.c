/* Configurations as YAML, their fingerprint, and what differs between two. */
#include "bench/config_write.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_value.h"

static void write_fields(const struct sbmt_field *fields, const void *config, int indent,
                         struct sbmt_str *out);

static void write_variant(const struct sbmt_field *field, const struct sbmt_variant_value *value,
                          int indent, struct sbmt_str *out)
{
    const struct sbmt_variant *variant = field->variant_at(value->index);
    sbmt_str_printf(out, "%*s%s:\n%*skind: %s\n", indent, "", field->key, indent + 2, "",
                    variant->name);
    if (variant->fields != NULL)
        write_fields(variant->fields, value->config, indent + 2, out);
}

static void write_fields(const struct sbmt_field *fields, const void *config, int indent,
                         struct sbmt_str *out)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        const void *member = (const char *)config + field->offset;
        if (field->type == SBMT_FIELD_SECTION) {
            sbmt_str_printf(out, "%*s%s:\n", indent, "", field->key);
            write_fields(field->fields, member, indent + 2, out);
        } else if (field->type == SBMT_FIELD_VARIANT) {
            write_variant(field, member, indent, out);
        } else {
            sbmt_str_printf(out, "%*s%s: ", indent, "", field->key);
            sbmt_value_write(field, member, out);
            sbmt_str_printf(out, "\n");
        }
    }
}

void sbmt_config_write(const struct sbmt_field *fields, const void *config, struct sbmt_str *out)
{
    write_fields(fields, config, 0, out);
}

bool sbmt_config_fingerprint(const struct sbmt_field *fields, const void *config,
                             char hex[SBMT_SHA256_HEX], struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_config_write(fields, config, &text);
    if (text.failed) {
        sbmt_str_finish(&text);
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "configuration: out of memory");
    }
    const bool done = sbmt_digest_bytes(SBMT_DIGEST_SHA256, text.text, text.length, hex, err);
    sbmt_str_finish(&text);
    return done;
}

/* The first difference below `path`, a dotted prefix with its last dot. */
static bool difference(const struct sbmt_field *fields, const void *a, const void *b,
                       const char *path, struct sbmt_str *out);

static bool variant_difference(const struct sbmt_field *field, const struct sbmt_variant_value *a,
                               const struct sbmt_variant_value *b, const char *path,
                               struct sbmt_str *out)
{
    const struct sbmt_variant *variant = field->variant_at(a->index);
    if (a->index != b->index) {
        sbmt_str_printf(out, "%skind: %s, not %s", path, variant->name,
                        field->variant_at(b->index)->name);
        return true;
    }
    return variant->fields != NULL && difference(variant->fields, a->config, b->config, path, out);
}

static bool value_difference(const struct sbmt_field *field, const void *a, const void *b,
                             const char *path, struct sbmt_str *out)
{
    struct sbmt_str text_a = {0}, text_b = {0};
    sbmt_value_write(field, a, &text_a);
    sbmt_value_write(field, b, &text_b);
    const bool failed = text_a.failed || text_b.failed;
    const bool differ = failed || strcmp(text_a.text, text_b.text) != 0;
    if (failed)
        out->failed = true;
    else if (differ)
        sbmt_str_printf(out, "%s%s: %s, not %s", path, field->key, text_a.text, text_b.text);
    sbmt_str_finish(&text_a);
    sbmt_str_finish(&text_b);
    return differ;
}

static bool difference(const struct sbmt_field *fields, const void *a, const void *b,
                       const char *path, struct sbmt_str *out)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        const void *member_a = (const char *)a + field->offset;
        const void *member_b = (const char *)b + field->offset;
        char below[256];
        snprintf(below, sizeof below, "%s%s.", path, field->key);
        bool differ;
        if (field->type == SBMT_FIELD_SECTION)
            differ = difference(field->fields, member_a, member_b, below, out);
        else if (field->type == SBMT_FIELD_VARIANT)
            differ = variant_difference(field, member_a, member_b, below, out);
        else
            differ = value_difference(field, member_a, member_b, path, out);
        if (differ)
            return true;
    }
    return false;
}

bool sbmt_config_difference(const struct sbmt_field *fields, const void *a, const void *b,
                            struct sbmt_str *out)
{
    return difference(fields, a, b, "", out);
}
