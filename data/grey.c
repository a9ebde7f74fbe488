/* Grey values of colour pixels. */
#include "data/grey.h"

uint8_t sbmt_grey_tensorflow(uint8_t red, uint8_t green, uint8_t blue)
{
    const float scale = 1.0F / 255.0F;
    const float r = (float)red * scale, g = (float)green * scale, b = (float)blue * scale;
    const float sum = r * 0.2989F + g * 0.5870F + b * 0.1140F;
    return (uint8_t)(sum * 255.5F);
}

uint8_t sbmt_grey_pillow(uint8_t red, uint8_t green, uint8_t blue)
{
    return (uint8_t)((19595U * red + 38470U * green + 7471U * blue + 0x8000U) >> 16);
}
