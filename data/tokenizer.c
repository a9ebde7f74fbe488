/* The tokenizers of BERT and RoBERTa. */
#include "data/tokenizer.h"

#include <string.h>

#include "core/io/utf8.h"
#include "data/unicode.h"

static const char *const special_texts[][SBMT_SPECIAL_COUNT] = {
    [SBMT_TOKENIZER_BERT] = {"[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"},
    [SBMT_TOKENIZER_ROBERTA] = {"<s>", "</s>", "<pad>", "<unk>", "<mask>"},
};

const char *sbmt_special_text(enum sbmt_tokenizer_kind kind, enum sbmt_special special)
{
    return special_texts[kind][special];
}

/* What both kinds do once the vocabulary has been read. */
static bool find_special(struct sbmt_tokenizer *tokenizer, const char *path, struct sbmt_error *err)
{
    const bool bert = tokenizer->kind == SBMT_TOKENIZER_BERT;
    if (!sbmt_vocabulary_require(&tokenizer->vocabulary, path, special_texts[tokenizer->kind],
                                 SBMT_SPECIAL_COUNT, tokenizer->special, err))
        return false;
    tokenizer->format = (struct sbmt_pair_format){
        .begin = tokenizer->special[SBMT_SPECIAL_BEGIN],
        .separator = tokenizer->special[SBMT_SPECIAL_SEPARATOR],
        .separators = bert ? 1 : 2,
        .types = bert,
    };
    return true;
}

bool sbmt_tokenizer_open_bert(struct sbmt_tokenizer *tokenizer, const char *path,
                              struct sbmt_bert_text text, struct sbmt_error *err)
{
    *tokenizer = (struct sbmt_tokenizer){.kind = SBMT_TOKENIZER_BERT, .text = text};
    if (!sbmt_vocabulary_read_lines(&tokenizer->vocabulary, path, err) ||
        !find_special(tokenizer, path, err)) {
        sbmt_tokenizer_close(tokenizer);
        return false;
    }
    tokenizer->wordpiece = sbmt_wordpiece_make(&tokenizer->vocabulary,
                                               tokenizer->special[SBMT_SPECIAL_UNKNOWN]);
    return true;
}

bool sbmt_tokenizer_open_roberta(struct sbmt_tokenizer *tokenizer, const char *vocabulary,
                                 const char *merges, struct sbmt_error *err)
{
    *tokenizer = (struct sbmt_tokenizer){.kind = SBMT_TOKENIZER_ROBERTA};
    if (sbmt_vocabulary_read_json(&tokenizer->vocabulary, vocabulary, err) &&
        find_special(tokenizer, vocabulary, err) &&
        sbmt_byte_pair_open(&tokenizer->pairs, &tokenizer->vocabulary, merges, err))
        return true;
    sbmt_tokenizer_close(tokenizer);
    return false;
}

void sbmt_tokenizer_close(struct sbmt_tokenizer *tokenizer)
{
    sbmt_byte_pair_close(&tokenizer->pairs);
    sbmt_bert_words_finish(&tokenizer->words);
    sbmt_vocabulary_finish(&tokenizer->vocabulary);
    *tokenizer = (struct sbmt_tokenizer){0};
}

/* The special token at the front of a text, and its bytes; −1: there is none. */
static int find_special_here(enum sbmt_tokenizer_kind kind, const char *text, size_t length,
                             size_t *bytes)
{
    for (int i = 0; i < SBMT_SPECIAL_COUNT; i++) {
        *bytes = strlen(special_texts[kind][i]);
        if (length >= *bytes && memcmp(text, special_texts[kind][i], *bytes) == 0)
            return i;
    }
    return -1;
}

/* The first special token in a text, where it begins and its bytes; −1: there is none. */
static int find_next_special(enum sbmt_tokenizer_kind kind, const char *text, size_t length,
                             size_t *begin, size_t *bytes)
{
    const char *at = text, *end = text + length;
    while (at < end && (at = memchr(at, special_texts[kind][0][0], (size_t)(end - at))) != NULL) {
        const int special = find_special_here(kind, at, (size_t)(end - at), bytes);
        *begin = (size_t)(at - text);
        if (special >= 0)
            return special;
        at++;
    }
    return -1;
}

/* The length of a text without the spaces at its end. */
static size_t without_spaces(const char *text, size_t length)
{
    while (length > 0) {
        size_t begin = length - 1;
        while (begin > 0 && ((unsigned char)text[begin] & 0xC0) == 0x80)
            begin--;
        int bytes;
        const int32_t c = sbmt_utf8_next(text + begin, length - begin, &bytes);
        if ((size_t)bytes != length - begin || sbmt_unicode_class(c) != SBMT_UNICODE_SPACE)
            break;
        length = begin;
    }
    return length;
}

/* A text without special tokens. */
static void encode_text(struct sbmt_tokenizer *tokenizer, const char *text, size_t length,
                        struct sbmt_token_list *out)
{
    if (tokenizer->kind == SBMT_TOKENIZER_ROBERTA) {
        sbmt_byte_pair_encode(&tokenizer->pairs, text, length, out);
        return;
    }
    struct sbmt_bert_words *words = &tokenizer->words;
    sbmt_bert_split(words, tokenizer->text, text, length);
    for (size_t i = 0; i < words->count; i++)
        sbmt_wordpiece_cut(&tokenizer->wordpiece, words->text + words->word[i].begin,
                           words->word[i].length, words->word[i].characters, out);
    out->failed = out->failed || words->failed;
}

void sbmt_tokenizer_encode(struct sbmt_tokenizer *tokenizer, const char *text, size_t length,
                           struct sbmt_token_list *out)
{
    for (;;) {
        size_t begin, bytes;
        const int special = find_next_special(tokenizer->kind, text, length, &begin, &bytes);
        if (special < 0)
            break;
        const bool bare = tokenizer->kind == SBMT_TOKENIZER_ROBERTA && special == SBMT_SPECIAL_MASK;
        encode_text(tokenizer, text, bare ? without_spaces(text, begin) : begin, out);
        sbmt_token_list_add(out, tokenizer->special[special]);
        text += begin + bytes;
        length -= begin + bytes;
    }
    encode_text(tokenizer, text, length, out);
}

void sbmt_tokenizer_decode(const struct sbmt_tokenizer *tokenizer, const int32_t *tokens,
                           size_t count, struct sbmt_str *out)
{
    if (tokenizer->kind == SBMT_TOKENIZER_ROBERTA) {
        sbmt_byte_pair_decode(&tokenizer->vocabulary, tokens, count, out);
        return;
    }
    const size_t mark = strlen(SBMT_WORDPIECE_CONTINUATION);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *token = sbmt_vocabulary_token(&tokenizer->vocabulary, tokens[i], &length);
        const bool continued = i > 0 && length > mark &&
                               memcmp(token, SBMT_WORDPIECE_CONTINUATION, mark) == 0;
        if (i > 0 && !continued)
            sbmt_str_append(out, " ", 1);
        sbmt_str_append(out, token + (continued ? mark : 0), length - (continued ? mark : 0));
    }
}
