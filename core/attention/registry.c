/* The registry of attention kinds, made from list.h. */
#include <stddef.h>

#include "core/attention/attention.h"

#define SBMT_ATTENTION(name) extern const struct sbmt_attention_ops sbmt_attention_##name;
#include "core/attention/list.h"
#undef SBMT_ATTENTION

#define SBMT_ATTENTION(name) &sbmt_attention_##name,
static const struct sbmt_attention_ops *const kinds[] = {
#include "core/attention/list.h"
};
#undef SBMT_ATTENTION

const struct sbmt_attention_ops *sbmt_attention_at(int index)
{
    const int count = (int)(sizeof kinds / sizeof kinds[0]);
    return index >= 0 && index < count ? kinds[index] : NULL;
}

const struct sbmt_variant *sbmt_attention_variant(int index)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(index);
    return ops != NULL ? &ops->variant : NULL;
}
