/* Tokens as a reader sees them. */
#include "data/token_text.h"

#include "core/io/utf8.h"
#include "data/prepared.h"

static void write(const struct sbmt_dataset *dataset, const int32_t *tokens, int count,
                  struct sbmt_str *out)
{
    const struct sbmt_form *form = dataset->form;
    const char *words = sbmt_safetensors_metadata(&dataset->file,
                                                  sbmt_prepared_key(SBMT_PREPARED_WORDS));
    if (dataset->task->texts != NULL) {
        sbmt_tokenizer_decode(&dataset->texts.tokenizer, tokens, (size_t)count, out);
        return;
    }
    for (int i = 0; i < count; i++) {
        if (i > 0 && (form->spaced || form->write == NULL))
            sbmt_str_printf(out, " ");
        if (form->write != NULL)
            form->write(words, tokens[i], out);
        else
            sbmt_str_printf(out, "%d", (int)tokens[i]);
    }
}

static void print(const char *text, size_t size, struct sbmt_str *out)
{
    int length;
    for (size_t i = 0; i < size; i += (size_t)length) {
        const int32_t point = sbmt_utf8_next(text + i, size - i, &length);
        if (point < 0x20 || (point >= 0x7F && point < 0xA0))
            for (int b = 0; b < length; b++)
                sbmt_str_printf(out, "\\x%02X", (unsigned)(unsigned char)text[i + (size_t)b]);
        else
            sbmt_str_append(out, text + i, (size_t)length);
    }
}

void sbmt_token_text(const struct sbmt_dataset *dataset, const int32_t *tokens, int count,
                     struct sbmt_str *out)
{
    struct sbmt_str source = {0};
    write(dataset, tokens, count, &source);
    if (source.failed)
        out->failed = true;
    else
        print(source.text, source.length, out);
    sbmt_str_finish(&source);
}
