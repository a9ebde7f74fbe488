/* ListOps: the words that the reader and the generator share. */
#ifndef SBMT_DATA_LISTOPS_H
#define SBMT_DATA_LISTOPS_H

/** Token ids. The order is this project's own and fixed; peers number the words by chance. */
enum sbmt_listops_token {
    SBMT_LISTOPS_PAD = 0,
    SBMT_LISTOPS_MIN,
    SBMT_LISTOPS_MAX,
    SBMT_LISTOPS_MED,
    SBMT_LISTOPS_SM,
    SBMT_LISTOPS_CLOSE,
    SBMT_LISTOPS_DIGIT, /**< digit d is SBMT_LISTOPS_DIGIT + d */
    SBMT_LISTOPS_VOCAB = SBMT_LISTOPS_DIGIT + 10,
    SBMT_LISTOPS_END = SBMT_LISTOPS_VOCAB, /**< ends each expression under the protocol s4 */
};

enum { SBMT_LISTOPS_OPERATORS = 4, SBMT_LISTOPS_CLASSES = 10 };

/** How a token stands in the files ("[MIN", "]", "7"). */
const char *sbmt_listops_word(enum sbmt_listops_token token);

#endif
