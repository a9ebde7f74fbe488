/* Tests of grey PNG pictures: there and back, pictures of others, and everything that is no such
 * picture. */
#include "tests/suite.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "core/io/file.h"
#include "data/png.h"

enum { WIDTH = 5, HEIGHT = 3, PIXELS = WIDTH * HEIGHT };

static const uint8_t picture[PIXELS] = {0, 1, 2, 3, 255, 254, 7, 7, 7, 7, 128, 127, 0, 0, 64};

/* The bytes of a file of the picture above. */
struct file {
    uint8_t bytes[2048];
    size_t size;
};

static struct file written(void)
{
    struct file file;
    struct sbmt_error err = {0};
    ck_assert_uint_le(sbmt_png_room(WIDTH, HEIGHT), sizeof file.bytes);
    ck_assert_msg(sbmt_png_write(picture, WIDTH, HEIGHT, file.bytes, &file.size, &err), "%s",
                  err.message);
    return file;
}

/* Expects a failure with these words in its message. */
static void refused(const void *bytes, size_t size, int width, int height, const char *words)
{
    uint8_t pixels[PIXELS + 64];
    struct sbmt_error err = {0};
    ck_assert(!sbmt_png_read("a/b.png", bytes, size, width, height, pixels, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_msg(strncmp(err.message, "a/b.png: ", 9) == 0, "%s", err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "'%s' is not in '%s'", words, err.message);
}

START_TEST(what_is_written_is_read)
{
    const struct file file = written(), again = written();
    uint8_t pixels[PIXELS];
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_png_read("x", file.bytes, file.size, WIDTH, HEIGHT, pixels, &err), "%s",
                  err.message);
    ck_assert_mem_eq(pixels, picture, PIXELS);
    ck_assert_uint_eq(file.size, again.size);
    ck_assert_mem_eq(file.bytes, again.bytes, file.size);
}
END_TEST

/* Noise cannot be compressed: there is room for it all the same. */
START_TEST(there_is_room_for_any_picture)
{
    enum { SIDE = 256 };
    static uint8_t pixels[SIDE * SIDE], back[SIDE * SIDE], bytes[2 * SIDE * SIDE + 4096];
    struct sbmt_error err = {0};
    size_t size;
    uint32_t state = 1;
    for (int i = 0; i < SIDE * SIDE; i++) {
        state = state * 1664525U + 1013904223U;
        pixels[i] = (uint8_t)(state >> 24);
    }
    ck_assert_uint_le(sbmt_png_room(SIDE, SIDE), sizeof bytes);
    ck_assert(sbmt_png_write(pixels, SIDE, SIDE, bytes, &size, &err));
    ck_assert_uint_gt(size, SIDE * SIDE);
    ck_assert(sbmt_png_read("x", bytes, size, SIDE, SIDE, back, &err));
    ck_assert_mem_eq(pixels, back, sizeof pixels);
}
END_TEST

/* Two rows of a picture of the original generator, as another reader shows them. */
START_TEST(pictures_of_the_original_are_read)
{
    static const uint8_t eighth[32] = {[4] = 2, [5] = 5, [20] = 28, [21] = 65, [22] = 3, [23] = 1};
    static const uint8_t ninth[32] = {
        [6] = 9,  [8] = 153, [9] = 202,  [10] = 174, [11] = 139, [12] = 27, [14] = 2,
        [17] = 1, [19] = 28, [20] = 228, [21] = 254, [22] = 133, [23] = 2,  [24] = 4};
    for (int i = 0; i < 3; i++) {
        char path[600];
        struct sbmt_mapping mapping;
        struct sbmt_error err = {0};
        uint8_t pixels[32 * 32];
        snprintf(path, sizeof path, "%s/pathfinder/sample_%d.png", UNIT_DATA, i);
        ck_assert_msg(sbmt_mapping_open(&mapping, path, &err), "%s", err.message);
        ck_assert_msg(sbmt_png_read(path, mapping.bytes, mapping.size, 32, 32, pixels, &err), "%s",
                      err.message);
        if (i == 0) {
            ck_assert_mem_eq(pixels + 8 * 32, eighth, 32);
            ck_assert_mem_eq(pixels + 9 * 32, ninth, 32);
        }
        sbmt_mapping_close(&mapping);
    }
}
END_TEST

START_TEST(what_is_cut_is_refused)
{
    const struct file file = written();
    refused(file.bytes, 0, WIDTH, HEIGHT, "is empty");
    for (size_t size = 8; size < file.size; size++)
        refused(file.bytes, size, WIDTH, HEIGHT, "it ends too early");
    for (size_t size = 1; size < 8; size++)
        refused(file.bytes, size, WIDTH, HEIGHT, "not a whole grey PNG picture");
}
END_TEST

/* A changed bit anywhere is an error: every piece has a checksum. */
START_TEST(what_is_changed_is_refused)
{
    const struct file file = written();
    for (size_t i = 0; i < file.size; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct file broken = file;
            broken.bytes[i] ^= (uint8_t)(1 << bit);
            refused(broken.bytes, broken.size, WIDTH, HEIGHT, "not a whole grey PNG picture: ");
        }
    struct file longer = file;
    longer.bytes[longer.size++] = 0;
    refused(longer.bytes, longer.size, WIDTH, HEIGHT, "there is more behind its end");
    refused("no picture at all", 17, WIDTH, HEIGHT, "not a whole grey PNG picture: ");
}
END_TEST

START_TEST(another_size_is_refused)
{
    const struct file file = written();
    refused(file.bytes, file.size, WIDTH + 1, HEIGHT, "it has 5x3 pixels, not 6x3");
    refused(file.bytes, file.size, HEIGHT, WIDTH, "it has 5x3 pixels, not 3x5");
}
END_TEST

/* Another kind of picture, by changing the head (bits and colour type) and its checksum. */
static struct file of_kind(uint8_t bits, uint8_t colour)
{
    enum { HEAD = 12, HEAD_SIZE = 17, BITS = 24, COLOUR = 25 };
    struct file file = written();
    file.bytes[BITS] = bits;
    file.bytes[COLOUR] = colour;
    const uLong sum = crc32(0, file.bytes + HEAD, HEAD_SIZE);
    for (int i = 0; i < 4; i++)
        file.bytes[HEAD + HEAD_SIZE + i] = (uint8_t)(sum >> (24 - 8 * i));
    return file;
}

START_TEST(other_kinds_are_refused)
{
    enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };
    static const uint8_t colours[] = {RGB, GREY_ALPHA, RGB_ALPHA};
    for (size_t i = 0; i < sizeof colours; i++) {
        const struct file file = of_kind(8, colours[i]);
        refused(file.bytes, file.size, WIDTH, HEIGHT, "it is not grey alone");
    }
    /* This one has no palette. */
    const struct file palette = of_kind(8, PALETTE);
    refused(palette.bytes, palette.size, WIDTH, HEIGHT, "not a whole grey PNG picture: ");
    const struct file deep = of_kind(16, GREY), shallow = of_kind(1, GREY);
    refused(deep.bytes, deep.size, WIDTH, HEIGHT, "it has 16 bits a pixel, not 8");
    refused(shallow.bytes, shallow.size, WIDTH, HEIGHT, "it has 1 bits a pixel, not 8");
}
END_TEST

SBMT_SUITE_MAIN("png", what_is_written_is_read, there_is_room_for_any_picture,
                pictures_of_the_original_are_read, what_is_cut_is_refused,
                what_is_changed_is_refused, another_size_is_refused, other_kinds_are_refused)
