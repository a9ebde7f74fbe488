/* One head of every kind of attention in the registry against torch's: tests/golden/attention holds
 * a file a kind, made by scripts/golden/attention/<kind>.py. A case is a metadata key whose value
 * is the kind's options, as in "window=3 heads=local". */
#include <stdlib.h>

#include "tests/golden/head.h"
#include "tests/suite.h"

/* Kinds without such a file: SBM has a test of its own, and `none` nothing to compare. */
static const char *const elsewhere[] = {"sbm", "none"};

static bool is_elsewhere(const char *kind)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (strcmp(kind, elsewhere[i]) == 0)
            return true;
    return false;
}

static void set(const struct golden_head *head, const char *key, const char *text)
{
    const struct sbmt_field *fields = head->ops->variant.fields;
    const struct sbmt_field *field = fields == NULL ? NULL : sbmt_field_find(fields, key);
    ck_assert_msg(field != NULL, "%s has no option %s", head->ops->variant.name, key);
    if (field->type == SBMT_FIELD_INT)
        golden_set_int(fields, head->config, key, atoi(text));
    else if (field->type == SBMT_FIELD_NUMBER)
        golden_set_number(fields, head->config, key, atof(text));
    else if (field->type == SBMT_FIELD_BOOL)
        golden_set_bool(fields, head->config, key, strcmp(text, "true") == 0);
    else
        golden_set_choice(fields, head->config, key, text);
}

/* Sets the options of a case; `positions` is not an option but the longest sequence. */
static int set_options(const struct golden_head *head, const char *options)
{
    char text[512];
    char *rest = text;
    int positions = head->n;
    ck_assert_int_lt(snprintf(text, sizeof text, "%s", options), (int)sizeof text);
    for (char *pair = strtok_r(rest, " ", &rest); pair != NULL; pair = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(pair, '=');
        ck_assert_ptr_nonnull(value);
        *value++ = '\0';
        if (strcmp(pair, "positions") == 0)
            positions = atoi(value);
        else
            set(head, pair, value);
    }
    return positions;
}

/* A parameter's name in the file: without the layer's prefix. */
static const char *short_name(const struct sbmt_tensor *tensor)
{
    const size_t prefix = strlen(GOLDEN_PREFIX);
    const bool own = strncmp(tensor->name, GOLDEN_PREFIX, prefix) == 0;
    return tensor->name + (own ? prefix : 0);
}

static void load_values(struct golden_head *head)
{
    char stored[300];
    for (const struct sbmt_tensor *t = head->params.first; t != NULL; t = t->next) {
        snprintf(stored, sizeof stored, "value.%s", short_name(t));
        golden_head_value(head, t->name, stored);
    }
}

/* A parameter without a gradient in the file must have got none. */
static void compare_parameters(struct golden_head *head, const char *what)
{
    for (const struct sbmt_tensor *t = head->params.first; t != NULL; t = t->next) {
        char name[300];
        const real *found = head->grad + t->offset;
        snprintf(name, sizeof name, "%s.gradient.%s", head->name, short_name(t));
        const struct sbmt_stored *expected = sbmt_safetensors_find(&head->file, name);
        if (expected != NULL)
            golden_compare(what, found, expected);
        for (size_t i = 0; i < t->size && expected == NULL; i++)
            ck_assert_msg(!(found[i] < 0 || found[i] > 0), "%s: %s has a gradient", what, t->name);
    }
}

static void check_case(const char *kind, const char *file, const char *name, const char *options,
                       const char *cpu)
{
    struct golden_head head = {0};
    char what[128];
    snprintf(what, sizeof what, "%s, %s, %s", kind, name, cpu);
    golden_head_open(&head, kind, file, name);
    const int positions = set_options(&head, options);
    golden_head_seal(&head, positions, cpu);
    load_values(&head);
    golden_head_run(&head);
    golden_head_compare(&head, what, "out", head.out);
    if (head.q != NULL)
        golden_head_compare(&head, what, "dq", head.dq);
    if (head.k != NULL)
        golden_head_compare(&head, what, "dk", head.dk);
    golden_head_compare(&head, what, "dv", head.dv);
    compare_parameters(&head, what);
    golden_head_close(&head);
}

/* Every case, with the plain C kernels and with the best of this machine. */
static int check_kind(const char *kind)
{
    struct sbmt_safetensors file = {0};
    char path[128];
    int cases = 0;
    snprintf(path, sizeof path, "attention/%s", kind);
    golden_open(&file, path);
    for (int i = 0; i < file.metadata_count; i++) {
        const char *name = file.metadata[2 * i], *options = file.metadata[2 * i + 1];
        if (strcmp(name, "source") == 0)
            continue;
        check_case(kind, path, name, options, "c");
        check_case(kind, path, name, options, sbmt_cpu_best());
        cases++;
    }
    sbmt_safetensors_close(&file);
    return cases;
}

START_TEST(every_kind_agrees_with_torch)
{
    for (int i = 0; sbmt_attention_at(i) != NULL; i++) {
        const char *kind = sbmt_attention_at(i)->variant.name;
        if (!is_elsewhere(kind))
            ck_assert_msg(check_kind(kind) > 0, "%s has no golden case", kind);
    }
}
END_TEST

SBMT_SUITE_MAIN("golden_kinds", every_kind_agrees_with_torch)
