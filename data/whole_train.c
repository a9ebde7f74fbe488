/* Train and dev as one. */
#include "data/whole_train.h"

#include <stdio.h>
#include <string.h>

#include "data/preparation.h"
#include "data/prepared.h"

/* Two arrays of elements of `size` bytes one behind the other. */
static void *join(struct sbmt_arena *arena, const void *a, int64_t a_count, const void *b,
                  int64_t b_count, size_t size)
{
    char *joined = sbmt_arena_zalloc(arena, (size_t)(a_count + b_count), size);
    if (joined == NULL)
        return NULL;
    memcpy(joined, a, (size_t)a_count * size);
    memcpy(joined + (size_t)a_count * size, b, (size_t)b_count * size);
    return joined;
}

/* The offsets of b go on where those of a end. */
static int64_t *join_offsets(struct sbmt_arena *arena, const struct sbmt_examples *a,
                             const struct sbmt_examples *b, int segments)
{
    const int64_t first = a->count * segments, more = b->count * segments;
    int64_t *offset = join(arena, a->offset, first, b->offset, more + 1, sizeof *offset);
    for (int64_t i = 0; offset != NULL && i <= more; i++)
        offset[first + i] += a->offset[first];
    return offset;
}

static bool join_examples(struct sbmt_dataset *train, const struct sbmt_dataset *dev,
                          struct sbmt_error *err)
{
    struct sbmt_arena *arena = &train->made;
    const int segments = train->task->segments;
    const struct sbmt_examples *a = &train->examples, *b = &dev->examples;
    const int64_t tokens = a->offset[a->count * segments], more = b->offset[b->count * segments];
    const struct sbmt_examples joined = {
        .count = a->count + b->count,
        .tokens8 = a->tokens8 != NULL ? join(arena, a->tokens8, tokens, b->tokens8, more, 1) : NULL,
        .tokens16 = a->tokens16 != NULL ? join(arena, a->tokens16, tokens, b->tokens16, more, 2)
                                        : NULL,
        .offset = join_offsets(arena, a, b, segments),
        .label = join(arena, a->label, a->count, b->label, b->count, sizeof *a->label),
        .source_length = join(arena, a->source_length, a->count * segments, b->source_length,
                              b->count * segments, sizeof *a->source_length),
        .checksum = join(arena, a->checksum, a->count, b->checksum, b->count, sizeof *a->checksum),
    };
    if (!sbmt_arena_check(arena, train->task->name, err))
        return false;
    train->examples = joined;
    train->longest = dev->longest > train->longest ? dev->longest : train->longest;
    return true;
}

static bool add(struct sbmt_dataset *train, const struct sbmt_dataset *dev, struct sbmt_error *err)
{
    char both[2 * SBMT_SHA256_HEX];
    if (train->vocab != dev->vocab)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: has another vocabulary than train's file beside it; 'sbmt data "
                         "prepare %s --force' makes both anew",
                         dev->file.path, train->task->name);
    /* Here, for later the file of train would be named. */
    for (int64_t e = 0; e < dev->examples.count; e++)
        if (!sbmt_prepared_check(dev, e, err))
            return false;
    snprintf(both, sizeof both, "%s%s", train->digest, dev->digest);
    return join_examples(train, dev, err) &&
           sbmt_digest_bytes(SBMT_DIGEST_SHA256, both, strlen(both), train->digest, err);
}

bool sbmt_whole_train(struct sbmt_dataset *train, const struct sbmt_data_options *options,
                      struct sbmt_error *err)
{
    struct sbmt_dataset dev = {
        .task = train->task, .form = train->form, .split = SBMT_SPLIT_DEV, .vocab = train->vocab};
    const bool added = sbmt_preparation_open(&dev, options, err) && add(train, &dev, err);
    sbmt_dataset_close(&dev);
    return added;
}
