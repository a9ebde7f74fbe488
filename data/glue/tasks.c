/* The tasks of GLUE: files, columns, classes. */
#include "data/glue/files.h"

#include <stddef.h>

/* What BERT reads, whatever the task: the tokenizer says how much of it. */
static const struct sbmt_form bert = {.name = "tokens", .version = "glue-1", .unit = "token"};

/* Classes, and how the files write them. */
static const char *const digits[] = {"0", "1"};
static const char *const acceptable[] = {"unacceptable", "acceptable"};
static const char *const sentiment[] = {"negative", "positive"};
static const char *const equivalent[] = {"not_equivalent", "equivalent"};
static const char *const duplicate[] = {"not_duplicate", "duplicate"};
static const char *const follows[] = {"not_entailment", "entailment"};
static const char *const entailment[] = {"entailment", "not_entailment"};
static const char *const three_way[] = {"contradiction", "entailment", "neutral"};

#define FILES(folder, train_rows, dev_rows, test_rows)                                             \
    .split = {                                                                                     \
        {folder "/train.tsv", train_rows},                                                         \
        {folder "/dev.tsv", dev_rows},                                                             \
        {folder "/test.tsv", test_rows},                                                           \
    }

/* A task that gives one of some classes; `names_` in the order of `words_`, the words of files. */
#define CLASSIFIES(id, name_, doc_, names_, words_, ...)                                           \
    static const struct sbmt_glue id##_files = {.words = (words_), __VA_ARGS__};                   \
    static const struct sbmt_texts id##_texts = {.read = sbmt_glue_read, .files = &id##_files};    \
    const struct sbmt_task sbmt_task_glue_##id = {                                                 \
        .name = "glue/" name_,                                                                     \
        .doc = doc_,                                                                               \
        .classes = (int)(sizeof(words_) / sizeof(words_)[0]),                                      \
        .segments = 1,                                                                             \
        .label_names = (names_),                                                                   \
        .forms = {[SBMT_PROTOCOL_BERT] = &bert},                                                   \
        .texts = &id##_texts,                                                                      \
        .source = sbmt_glue_source,                                                                \
    }

CLASSIFIES(cola, "cola", "whether a sentence is grammatical (Warstadt et al. 2019)", acceptable,
           digits, FILES("CoLA", 8551, 1043, 1063), .text = {"sentence"}, .label = "label",
           .bare = {.least = 4, .most = 4, .text = {3}, .label = 1});

CLASSIFIES(sst_2, "sst-2", "whether a sentence of a film review is favourable (Socher et al. 2013)",
           sentiment, digits, FILES("SST-2", 67349, 872, 1821), .text = {"sentence"},
           .label = "label");

CLASSIFIES(mrpc, "mrpc", "whether two sentences of the news say the same (Dolan & Brockett 2005)",
           equivalent, digits, FILES("MRPC", 3668, 408, 1725), .text = {"#1 String", "#2 String"},
           .label = "Quality", .from_release = true);

CLASSIFIES(qqp, "qqp", "whether two questions of Quora ask the same (Iyer et al. 2017)", duplicate,
           digits, FILES("QQP", 363846, 40430, 390965), .text = {"question1", "question2"},
           .label = "is_duplicate");

CLASSIFIES(qnli, "qnli",
           "whether a sentence answers a question, version 2 (Rajpurkar et al. 2016; Wang et al. "
           "2019)",
           entailment, entailment, FILES("QNLI", 104743, 5463, 5463),
           .text = {"question", "sentence"}, .label = "label",
           .earlier = "QNLI's version 1, whose results do not compare; get QNLIv2.zip");

CLASSIFIES(rte, "rte",
           "whether a sentence follows from a text (Dagan et al. 2006; Wang et al. 2019)",
           entailment, entailment, FILES("RTE", 2490, 277, 3000),
           .text = {"sentence1", "sentence2"}, .label = "label");

CLASSIFIES(wnli, "wnli", "whether a pronoun is read rightly (Levesque et al. 2011)", follows,
           digits, FILES("WNLI", 635, 71, 146), .text = {"sentence1", "sentence2"},
           .label = "label");

#define MNLI_TRAIN                                                                                 \
    {                                                                                              \
        "MNLI/train.tsv", 392702                                                                   \
    }
#define MNLI_DEV                                                                                   \
    {                                                                                              \
        "MNLI/dev_matched.tsv", 9815                                                               \
    }
#define INFERS .text = {"sentence1", "sentence2"}, .label = "gold_label"

CLASSIFIES(mnli, "mnli",
           "whether a sentence follows from another, contradicts it, or neither (Williams et al. "
           "2018)",
           three_way, three_way, .split = {MNLI_TRAIN, MNLI_DEV, {"MNLI/test_matched.tsv", 9796}},
           INFERS);

CLASSIFIES(mnli_mm, "mnli-mm",
           "MNLI, with dev and test from other kinds of text than train (Williams et al. 2018)",
           three_way, three_way,
           .split = {MNLI_TRAIN,
                     {"MNLI/dev_mismatched.tsv", 9832},
                     {"MNLI/test_mismatched.tsv", 9847}},
           INFERS);

CLASSIFIES(ax, "ax", "MNLI, with GLUE's diagnostic sentences as test (Wang et al. 2019)", three_way,
           three_way, .split = {MNLI_TRAIN, MNLI_DEV, {"diagnostic/diagnostic.tsv", 1104}}, INFERS);

static const struct sbmt_glue sts_b_files = {
    FILES("STS-B", 5749, 1500, 1379),
    .text = {"sentence1", "sentence2"},
    .label = "score",
    .bare = {.least = 7, .most = 9, .text = {5, 6}, .label = 4},
};
static const struct sbmt_texts sts_b_texts = {.read = sbmt_glue_read, .files = &sts_b_files};
const struct sbmt_task sbmt_task_glue_sts_b = {
    .name = "glue/sts-b",
    .doc = "how alike two sentences are, from 0 to 5 (Cer et al. 2017)",
    .classes = 1,
    .segments = 1,
    .target = SBMT_TARGET_SCORE,
    .most_score = 5,
    .forms = {[SBMT_PROTOCOL_BERT] = &bert},
    .texts = &sts_b_texts,
    .source = sbmt_glue_source,
};
