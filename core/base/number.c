/* Numbers as text. */
#include "core/base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "1e-06" and "1e+20" become "1e-6" and "1e20". */
static void tidy_exponent(char *text)
{
    char *exponent = strchr(text, 'e');
    if (exponent == NULL)
        return;
    char *to = exponent + 1;
    const char *from = to;
    if (*from == '-')
        *to++ = *from;
    from++;
    while (*from == '0')
        from++;
    memmove(to, from, strlen(from) + 1);
}

void sbmt_number_text(double value, char text[SBMT_NUMBER_TEXT])
{
    if (!isfinite(value)) {
        strcpy(text, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    if (fabs(value) < 1e15 && rint(value) == value && !(value == 0 && signbit(value))) {
        snprintf(text, SBMT_NUMBER_TEXT, "%.0f", value);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, SBMT_NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    tidy_exponent(text);
}
