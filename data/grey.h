/* Grey values of colour pixels, as published code computes them. */
#ifndef SBMT_DATA_GREY_H
#define SBMT_DATA_GREY_H

#include <stdint.h>

/** TensorFlow's rgb_to_grayscale of 8-bit values: each is scaled by 1/255 and weighted (0.2989,
 * 0.5870, 0.1140), all in single precision with every operation rounded, added up from red to blue;
 * the sum times 255.5 is cut to an integer. (With fused operations 31 of the 2^24 colours differ.)
 */
uint8_t sbmt_grey_tensorflow(uint8_t red, uint8_t green, uint8_t blue);

/** Pillow's conversion to "L": (19595 red + 38470 green + 7471 blue + 2^15) / 2^16. */
uint8_t sbmt_grey_pillow(uint8_t red, uint8_t green, uint8_t blue);

#endif
