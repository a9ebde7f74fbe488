/* What a probe is shown of one example, copied. */
#include "bench/capture.h"

#include <string.h>

/* The number of a sequence of the example; those after the second are none of an example. */
static int segment_of(struct sbmt_capture *capture, uint64_t sequence)
{
    for (int s = 0; s < capture->segments; s++)
        if (capture->sequence[s] == sequence)
            return s;
    capture->sequence[capture->segments] = sequence;
    return capture->segments++;
}

static void *pack(struct sbmt_arena *arena, const struct sbmt_probed *probed, const void *from,
                  size_t size)
{
    const size_t row = (size_t)probed->columns * size;
    char *to = sbmt_arena_alloc(arena, (size_t)probed->rows * row);
    for (int64_t i = 0; i < probed->rows && to != NULL; i++)
        memcpy(to + (size_t)i * row, (const char *)from + (size_t)i * (size_t)probed->stride * size,
               row);
    return to;
}

static void show(void *context, const struct sbmt_probed *probed)
{
    struct sbmt_capture *capture = context;
    if (probed->step != 0)
        return;
    struct sbmt_captured *captured = sbmt_arena_zalloc(&capture->arena, 1, sizeof *captured);
    if (captured == NULL)
        return;
    *captured = (struct sbmt_captured){
        .name = probed->name,
        .segment = probed->layer >= 0 ? segment_of(capture, probed->sequence) : 0,
        .layer = probed->layer,
        .head = probed->head,
        .rows = probed->rows,
        .columns = probed->columns,
    };
    if (probed->value != NULL)
        captured->value = pack(&capture->arena, probed, probed->value, sizeof *probed->value);
    else
        captured->index = pack(&capture->arena, probed, probed->index, sizeof *probed->index);
    if (capture->last != NULL)
        capture->last->next = captured;
    else
        capture->first = captured;
    capture->last = captured;
    capture->count++;
}

struct sbmt_probe sbmt_capture_probe(struct sbmt_capture *capture)
{
    return (struct sbmt_probe){.show = show, .context = capture};
}

void sbmt_capture_finish(struct sbmt_capture *capture)
{
    sbmt_arena_finish(&capture->arena);
    *capture = (struct sbmt_capture){0};
}

const struct sbmt_captured *sbmt_capture_find(const struct sbmt_capture *capture, const char *name,
                                              int segment, int layer, int head)
{
    for (const struct sbmt_captured *c = capture->first; c != NULL; c = c->next)
        if (strcmp(c->name, name) == 0 && c->segment == segment && c->layer == layer &&
            c->head == head)
            return c;
    return NULL;
}

bool sbmt_pairs_find(const struct sbmt_capture *capture, int segment, int layer, int head,
                     struct sbmt_pairs *pairs)
{
    const struct sbmt_captured *edges, *weight, *probability, *hidden;
    edges = sbmt_capture_find(capture, "edges", segment, layer, head);
    weight = sbmt_capture_find(capture, "weight", segment, layer, head);
    probability = sbmt_capture_find(capture, "probability", segment, layer, head);
    hidden = sbmt_capture_find(capture, "hidden", segment, layer, -1);
    if (weight == NULL || hidden == NULL)
        return false;
    *pairs = (struct sbmt_pairs){
        .n = (int)hidden->rows,
        .count = weight->rows * weight->columns,
        .edge = edges != NULL ? edges->index : NULL,
        .weight = weight->value,
        .probability = probability != NULL ? probability->value : NULL,
    };
    return true;
}

bool sbmt_head_next(struct sbmt_head_walk *walk, struct sbmt_pairs *pairs)
{
    const int of_segment = walk->layers * walk->heads;
    while (walk->next < walk->capture->segments * of_segment) {
        const int number = walk->next++;
        walk->segment = number / of_segment;
        walk->layer = number % of_segment / walk->heads;
        walk->head = number % walk->heads;
        if ((walk->only_layer < 0 || walk->only_layer == walk->layer) &&
            (walk->only_head < 0 || walk->only_head == walk->head) &&
            sbmt_pairs_find(walk->capture, walk->segment, walk->layer, walk->head, pairs))
            return true;
    }
    return false;
}
