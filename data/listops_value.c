/* Evaluating ListOps expressions with a stack of open operators. */
#include "data/listops_value.h"

#include <assert.h>
#include <string.h>

/* An operator whose closing bracket has not been read. */
struct open {
    size_t place;
    enum sbmt_listops_token operator_;
    int64_t args;
    int64_t occurs[10]; /* how often each digit is among its arguments */
};

static int least(const int64_t occurs[10])
{
    int digit = 0;
    while (digit < 9 && occurs[digit] == 0)
        digit++;
    return digit;
}

static int greatest(const int64_t occurs[10])
{
    int digit = 9;
    while (digit > 0 && occurs[digit] == 0)
        digit--;
    return digit;
}

/* Number `index` of the sorted arguments. */
static int sorted(const int64_t occurs[10], int64_t index)
{
    int digit = 0;
    for (int64_t seen = occurs[0]; seen <= index; seen += occurs[digit])
        digit++;
    return digit;
}

int sbmt_listops_apply(enum sbmt_listops_token operator_, const int64_t occurs[10], int64_t args)
{
    int64_t sum = 0;
    switch (operator_) {
    case SBMT_LISTOPS_MIN:
        return least(occurs);
    case SBMT_LISTOPS_MAX:
        return greatest(occurs);
    case SBMT_LISTOPS_MED:
        return (sorted(occurs, (args - 1) / 2) + sorted(occurs, args / 2)) / 2;
    default:
        for (int digit = 1; digit < 10; digit++)
            sum += digit * occurs[digit];
        return (int)(sum % 10);
    }
}

void sbmt_listops_value_begin(struct sbmt_listops_value *value)
{
    value->open.used = 0;
    value->complete = false;
}

static struct open *innermost(const struct sbmt_listops_value *value)
{
    return value->open.used > 0 ? (struct open *)value->open.values + value->open.used - 1 : NULL;
}

static const char *open_operator(struct sbmt_listops_value *value, enum sbmt_listops_token token,
                                 size_t place)
{
    if (value->open.used == SBMT_LISTOPS_MOST_OPEN)
        return "more than 65536 operators are open before";
    struct open *open = sbmt_column_add(&value->open, 1, sizeof *open);
    if (open == NULL)
        return "no memory for the operators that are open before";
    *open = (struct open){.place = place, .operator_ = token};
    return NULL;
}

const char *sbmt_listops_value_add(struct sbmt_listops_value *value, enum sbmt_listops_token token,
                                   size_t place)
{
    if (value->complete)
        return "the expression has ended before";
    if (token < SBMT_LISTOPS_CLOSE)
        return open_operator(value, token, place);
    int digit = (int)token - SBMT_LISTOPS_DIGIT;
    if (token == SBMT_LISTOPS_CLOSE) {
        const struct open *open = innermost(value);
        if (open == NULL)
            return "no operator is open before";
        if (open->args == 0)
            return "the operator has no arguments before";
        digit = sbmt_listops_apply(open->operator_, open->occurs, open->args);
        value->open.used--;
    }
    struct open *around = innermost(value);
    if (around != NULL) {
        around->args++;
        around->occurs[digit]++;
        return NULL;
    }
    value->complete = true;
    value->value = digit;
    return NULL;
}

size_t sbmt_listops_value_open(const struct sbmt_listops_value *value)
{
    assert(value->open.used > 0);
    return innermost(value)->place;
}

void sbmt_listops_value_finish(struct sbmt_listops_value *value)
{
    sbmt_column_finish(&value->open);
}
