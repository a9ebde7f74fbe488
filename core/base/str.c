/* Growing strings and edit distance. */
#include "core/base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sbmt_str_finish(struct sbmt_str *str)
{
    free(str->text);
    *str = (struct sbmt_str){0};
}

void sbmt_str_clear(struct sbmt_str *str)
{
    str->length = 0;
    if (str->text != NULL)
        str->text[0] = '\0';
}

/* Makes room for `count` more bytes and a NUL. */
static bool reserve(struct sbmt_str *str, size_t count)
{
    if (str->failed)
        return false;
    const size_t need = str->length + count + 1;
    if (need <= str->capacity)
        return true;
    const size_t capacity = need < 64 ? 64 : need + need / 2;
    char *text = realloc(str->text, capacity);
    if (text == NULL) {
        str->failed = true;
        return false;
    }
    str->text = text;
    str->capacity = capacity;
    return true;
}

void sbmt_str_printf(struct sbmt_str *str, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length >= 0 && reserve(str, (size_t)length)) {
        vsnprintf(str->text + str->length, (size_t)length + 1, format, again);
        str->length += (size_t)length;
    }
    va_end(again);
}

void sbmt_str_append(struct sbmt_str *str, const char *bytes, size_t count)
{
    if (!reserve(str, count))
        return;
    if (count > 0)
        memcpy(str->text + str->length, bytes, count);
    str->length += count;
    str->text[str->length] = '\0';
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

bool sbmt_str_is_plain(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_control(bytes[i]))
            return false;
    return true;
}

void sbmt_str_make_plain(char *text)
{
    for (; *text != '\0'; text++)
        if (is_control(*text))
            *text = '?';
}

static int least(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

int sbmt_str_distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    const size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a > LONGEST || length_b > LONGEST)
        return (int)(length_a > length_b ? length_a : length_b);
    int table[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= length_a; i++)
        table[i][0] = (int)i;
    for (size_t j = 0; j <= length_b; j++)
        table[0][j] = (int)j;
    for (size_t i = 1; i <= length_a; i++) {
        for (size_t j = 1; j <= length_b; j++) {
            const int cost = a[i - 1] != b[j - 1];
            table[i][j] = least(table[i - 1][j] + 1, table[i][j - 1] + 1,
                                table[i - 1][j - 1] + cost);
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && table[i - 2][j - 2] + 1 < table[i][j])
                table[i][j] = table[i - 2][j - 2] + 1;
        }
    }
    return table[length_a][length_b];
}

void sbmt_str_nearest(const char *word, const char *candidate, const char **best,
                      int *best_distance)
{
    const size_t a = strlen(word), b = strlen(candidate);
    const int longest = (int)(a > b ? a : b);
    const int distance = sbmt_str_distance(word, candidate);
    if (distance * 3 > longest + 2)
        return;
    if (*best != NULL && *best_distance <= distance)
        return;
    *best = candidate;
    *best_distance = distance;
}
