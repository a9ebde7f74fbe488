/* Examples that occur more than once. */
#include "data/repeats.h"

#include <stdlib.h>

static int compare_seen(const void *a, const void *b)
{
    const struct sbmt_seen *left = a, *right = b;
    if (left->digest != right->digest)
        return left->digest < right->digest ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static int compare_numbers(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int compare_digests(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

struct sbmt_repeats sbmt_repeats_count(struct sbmt_seen *seen, size_t count)
{
    struct sbmt_repeats repeats = {0};
    if (count > 0)
        qsort(seen, count, sizeof *seen, compare_seen);
    for (size_t i = 1; i < count; i++)
        if (seen[i].digest == seen[i - 1].digest) {
            repeats.repeated++;
            repeats.contradicted += seen[i].answer > seen[i - 1].answer ||
                                    seen[i].answer < seen[i - 1].answer;
        }
    return repeats;
}

int64_t sbmt_repeats_shared(uint64_t *a, int64_t a_count, uint64_t *b, int64_t b_count)
{
    if (a_count == 0 || b_count == 0)
        return 0;
    qsort(a, (size_t)a_count, sizeof *a, compare_digests);
    qsort(b, (size_t)b_count, sizeof *b, compare_digests);
    int64_t shared = 0;
    for (int64_t i = 0, j = 0; i < a_count && j < b_count;)
        if (a[i] < b[j])
            i++;
        else
            shared += a[i] == b[j++];
    return shared;
}

double sbmt_median_of(int64_t *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    return (double)(numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}
