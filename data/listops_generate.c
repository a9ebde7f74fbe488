/* Generating the three ListOps files. */
#include "data/listops_generate.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "data/listops_tree.h"

/* Drawing gives up after this many tokens without a new expression: a second or two. */
#define MOST_WORK ((int64_t)100000000)

enum { LOOK_UP_EVERY = 1 << 16, MOST_EXAMPLES = 10000000 };

const struct sbmt_field sbmt_listops_fields[] = {
    SBMT_STRING(struct sbmt_listops_options, out, NULL, "data root to write listops/ under",
                .argument = "DIR"),
    SBMT_INT(struct sbmt_listops_options, train, 96000, 0, MOST_EXAMPLES, "training expressions"),
    SBMT_INT(struct sbmt_listops_options, val, 2000, 0, MOST_EXAMPLES, "validation expressions"),
    SBMT_INT(struct sbmt_listops_options, test, 2000, 0, MOST_EXAMPLES, "test expressions"),
    SBMT_INT(struct sbmt_listops_options, seed, 1, 0, INT_MAX, "seed of all random draws"),
    SBMT_INT(struct sbmt_listops_options, max_depth, 10, 2, SBMT_LISTOPS_MOST_DEPTH,
             "depth at which every node is a digit; the root has depth 1"),
    SBMT_INT(struct sbmt_listops_options, max_args, 10, 2, SBMT_LISTOPS_MOST_ARGS,
             "most arguments of an operator"),
    SBMT_INT(struct sbmt_listops_options, min_length, 500, 0, 1000000,
             "expressions have more tokens than this"),
    SBMT_INT(struct sbmt_listops_options, max_length, 2000, 2, 1000000,
             "expressions have fewer tokens than this"),
    SBMT_NUMBER(struct sbmt_listops_options, operator_probability, 0.25, 0, 1,
                "probability that a node above --max-depth is an operator"),
    SBMT_BOOL(struct sbmt_listops_options, force, false, "replace files that exist"),
    SBMT_FIELDS_END,
};

static const char *const file_names[SBMT_SPLIT_COUNT] = {"basic_train.tsv", "basic_val.tsv",
                                                         "basic_test.tsv"};

/* Hashes of the expressions so far, in an open table; 0 marks a free place. */
struct hash_set {
    uint64_t *places;
    size_t mask;
};

/* False if the hash is there already. */
static bool hash_set_add(struct hash_set *set, uint64_t hash)
{
    if (hash == 0)
        hash = 1;
    size_t place = (size_t)hash & set->mask;
    for (; set->places[place] != 0; place = (place + 1) & set->mask)
        if (set->places[place] == hash)
            return false;
    set->places[place] = hash;
    return true;
}

struct generator {
    const struct sbmt_listops_options *options;
    struct sbmt_listops_shape shape;
    struct sbmt_listops_tree tree;
    struct hash_set seen;
    char *text;
    struct sbmt_generation files;
};

static bool fail_rare(const struct generator *generator, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/listops: no new expression found after %lld of %lld: too few exist with "
                     "these depths and lengths; ask for fewer or widen --min-length and "
                     "--max-length",
                     generator->options->out, (long long)generator->files.done,
                     (long long)generator->files.total);
}

static bool write_row(struct generator *generator, struct sbmt_writer *writer,
                      struct sbmt_error *err)
{
    size_t length = sbmt_listops_tree_text(&generator->tree, generator->text);
    generator->text[length++] = '\t';
    generator->text[length++] = (char)('0' + sbmt_listops_tree_value(&generator->tree));
    generator->text[length++] = '\r';
    generator->text[length++] = '\n';
    return sbmt_writer_write(writer, generator->text, length, err);
}

/* Draws until an expression of the right length is new. `attempt` counts within the split. */
static bool draw_new(struct generator *generator, enum sbmt_split split, uint64_t *attempt,
                     struct sbmt_error *err)
{
    const struct sbmt_listops_options *options = generator->options;
    struct sbmt_listops_tree *tree = &generator->tree;
    int64_t work = 0;
    for (;;) {
        const struct sbmt_rng_place place = {.seed = (uint64_t)options->seed,
                                             .purpose = SBMT_RNG_GENERATE,
                                             .step = (uint32_t)split,
                                             .sequence = (*attempt)++};
        const bool drawn = sbmt_listops_tree_draw(tree, &generator->shape, sbmt_rng_derive(&place));
        if (drawn && tree->length > options->min_length &&
            hash_set_add(&generator->seen, sbmt_listops_tree_hash(tree)))
            return true;
        /* The constant stands for the cost of a new key. */
        work += tree->length + 16;
        if (work > MOST_WORK)
            return fail_rare(generator, err);
        if (*attempt % LOOK_UP_EVERY == 0 && !sbmt_generation_report(&generator->files, err))
            return false;
    }
}

static bool generate_split(struct generator *generator, enum sbmt_split split, int count,
                           struct sbmt_error *err)
{
    static const char header[] = "Source\tTarget\r\n";
    struct sbmt_writer *writer = &generator->files.writer[split];
    if (!sbmt_writer_write(writer, header, sizeof header - 1, err))
        return false;
    uint64_t attempt = 0;
    for (int i = 0; i < count; i++) {
        if (!draw_new(generator, split, &attempt, err) || !write_row(generator, writer, err))
            return false;
        if (!sbmt_generation_count(&generator->files, err))
            return false;
    }
    return sbmt_generation_report(&generator->files, err);
}

static bool check_options(const struct sbmt_listops_options *options, struct sbmt_error *err)
{
    if (options->out == NULL || options->out[0] == '\0')
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out: a folder to write listops/ under is needed");
    if (options->max_length - options->min_length < 2)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--max-length: no length lies between --min-length %d and --max-length %d",
                         options->min_length, options->max_length);
    return true;
}

static bool allocate(struct generator *generator, struct sbmt_error *err)
{
    size_t capacity = 1024;
    while (capacity < 2 * (size_t)generator->files.total)
        capacity *= 2;
    generator->seen = (struct hash_set){calloc(capacity, sizeof(uint64_t)), capacity - 1};
    generator->text = malloc(sbmt_listops_text_size(generator->options->max_length));
    if (generator->seen.places == NULL || generator->text == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for %lld expressions",
                         (long long)generator->files.total);
    return sbmt_listops_tree_init(&generator->tree, generator->options->max_length, err);
}

static bool generate_all(struct generator *generator, struct sbmt_error *err)
{
    const struct sbmt_listops_options *options = generator->options;
    return allocate(generator, err) &&
           sbmt_generation_open(&generator->files, options->out, "listops", file_names,
                                options->force, err) &&
           generate_split(generator, SBMT_SPLIT_TEST, options->test, err) &&
           generate_split(generator, SBMT_SPLIT_DEV, options->val, err) &&
           generate_split(generator, SBMT_SPLIT_TRAIN, options->train, err) &&
           sbmt_generation_commit(&generator->files, err);
}

bool sbmt_listops_generate(const struct sbmt_listops_options *options,
                           const struct sbmt_generation_watch *watch, const struct sbmt_log *log,
                           struct sbmt_error *err)
{
    if (!check_options(options, err))
        return false;
    struct generator generator = {
        .options = options,
        .shape = {.max_depth = options->max_depth,
                  .max_args = options->max_args,
                  .max_length = options->max_length,
                  .operator_probability = options->operator_probability},
        .files = {.unit = "expressions",
                  .watch = watch,
                  .total = (int64_t)options->train + options->val + options->test},
    };
    const bool generated = generate_all(&generator, err);
    if (generated)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %d training, %d validation and %d test expressions",
                       generator.files.folder, options->train, options->val, options->test);
    sbmt_generation_abandon(&generator.files);
    sbmt_listops_tree_finish(&generator.tree);
    free(generator.seen.places);
    free(generator.text);
    return generated;
}
