/* Numbers as text: the shortest decimal that reads back as the same double. */
#ifndef SBMT_CORE_BASE_NUMBER_H
#define SBMT_CORE_BASE_NUMBER_H

enum { SBMT_NUMBER_TEXT = 40 };

/** Writes a finite number as JSON spells it ("5000", "0.0005", "1e-6"); "nan", "inf" or "-inf"
 * otherwise. The same value always gives the same text, and strtod gives the value back. */
void sbmt_number_text(double value, char text[SBMT_NUMBER_TEXT]);

#endif
