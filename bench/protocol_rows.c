/* The settings of published code, a row a task and protocol. A configuration says only what
 * differs from its row. */
#include "bench/protocol_rows.h"

#include <stddef.h>
#include <string.h>

/* sc782/SBM-Transformer at 9c6196f, code/lra_config.py and code/run_tasks.py; the same model in
 * mlpen/Nystromformer at 2bcc280, LRA/code. */
static const char *const small_model[] = {"model.layers=2",
                                          "model.dim=64",
                                          "model.heads=2",
                                          "model.ffn_dim=128",
                                          "model.dropout=0.1",
                                          "model.attention_dropout=0.1",
                                          "model.pooling=mean",
                                          "train.schedule=onecycle-momentum",
                                          "train.eps=1e-6",
                                          "train.weight_decay=0",
                                          NULL};

/* google-research/long-range-arena at 4954d9f, lra_benchmarks. Flax's Adam decays every parameter
 * (google/flax at 03590a4, flax/optim/adam.py). */
static const char *const google_text[] = {"model.embedding_std=1",
                                          "model.position_embedding=sinusoidal",
                                          "model.class_token=true",
                                          "model.pooling=cls",
                                          "model.dropout=0.1",
                                          "model.attention_dropout=0.1",
                                          "train.schedule=inverse-root",
                                          "train.lr=0.05",
                                          "train.weight_decay=0.1",
                                          "train.decay=all",
                                          "train.eps=1e-9",
                                          "train.beta2=0.98",
                                          "train.batch_size=32",
                                          NULL};

static const char *const google_image[] = {"model.embedding_std=1", "train.schedule=cosine",
                                           "train.weight_decay=0",  "train.eps=1e-9",
                                           "train.beta2=0.98",      NULL};

/* state-spaces/s4 at 62a14bb, configs/experiment/lra/s4-*.yaml: AdamW of torch on all parameters
 * and a cosine after the warm-up; evaluations follow epochs. Its layers have neither heads nor
 * feed-forward layers nor positions, and norms over the batch: what attention has in their places
 * is nobody's but the user's. */
static const char *const s4_model[] = {"model.layers=6",
                                       "model.dim=256",
                                       "model.dropout=0",
                                       "model.attention_dropout=0",
                                       "model.pooling=mean",
                                       "train.schedule=cosine",
                                       "train.lr=0.01",
                                       "train.weight_decay=0.05",
                                       "train.decay=all",
                                       "train.eps=1e-8",
                                       NULL};

/* google-research/bert, run_classifier.py and optimization.py: 3 epochs, the first 10 % of the
 * steps for warming up; the rate and dropout of Devlin et al. 2019, appendix A.3. */
static const char *const bert_tuning[] = {"tokenizer.max_length=128",
                                          "model.dropout=0.1",
                                          "model.attention_dropout=0.1",
                                          "train.schedule=linear",
                                          "train.epochs=3",
                                          "train.warmup_ratio=0.1",
                                          "train.batch_size=32",
                                          "train.lr=2e-5",
                                          "train.weight_decay=0.01",
                                          "train.decay=matrices",
                                          "train.eps=1e-6",
                                          "train.clip_norm=1",
                                          NULL};

static const char sbm[] = "sc782/SBM-Transformer at 9c6196f, code/lra_config.py",
                  nystromformer[] = "mlpen/Nystromformer at 2bcc280, LRA/code/lra_config.py",
                  google[] = "google-research/long-range-arena at 4954d9f, lra_benchmarks",
                  s4[] = "state-spaces/s4 at 62a14bb, configs/experiment/lra";

static const char bert[] = "google-research/bert, run_classifier.py: 3 epochs";

/* `epoch` is that of the official files in batches of 32: the steps between evaluations. */
#define BERT_TUNING(task_, epoch)                                                                  \
    {                                                                                              \
        .task = task_, .protocol = SBMT_PROTOCOL_BERT, .source = bert, .common = bert_tuning,      \
        .settings = {"train.eval_every=" #epoch},                                                  \
    }

static const struct sbmt_protocol_row rows[] = {
    {.task = "lra/listops",
     .protocol = SBMT_PROTOCOL_SBM_PAPER,
     .source = sbm,
     .common = small_model,
     .settings = {"model.padded_length=2048", "train.batch_size=128", "train.lr=5e-4",
                  "train.warmup_steps=1000", "train.steps=5000", "train.eval_every=50"}},
    {.task = "lra/text",
     .protocol = SBMT_PROTOCOL_SBM_PAPER,
     .source = sbm,
     .common = small_model,
     .settings = {"model.padded_length=3072", "train.batch_size=128", "train.lr=5e-4",
                  "train.warmup_steps=8000", "train.steps=20000", "train.eval_every=500"}},
    {.task = "lra/retrieval",
     .protocol = SBMT_PROTOCOL_SBM_PAPER,
     .source = sbm,
     .common = small_model,
     .settings = {"model.pair_features=nli", "model.padded_length=4096", "train.batch_size=32",
                  "train.lr=1e-4", "train.warmup_steps=800", "train.steps=30000",
                  "train.eval_every=300"}},
    {.task = "lra/image",
     .protocol = SBMT_PROTOCOL_SBM_PAPER,
     .source = sbm,
     .common = small_model,
     .settings = {"model.padded_length=1024", "train.batch_size=1024", "train.lr=5e-4",
                  "train.warmup_steps=175", "train.steps=35000", "train.eval_every=175"}},
    {.task = "lra/pathfinder32",
     .made = "synthetic/pathfinder32",
     .protocol = SBMT_PROTOCOL_SBM_PAPER,
     .source = sbm,
     .common = small_model,
     .settings = {"model.padded_length=1024", "train.batch_size=1024", "train.lr=5e-4",
                  "train.warmup_steps=312", "train.steps=62400", "train.eval_every=312"}},
    {.task = "lra/listops",
     .protocol = SBMT_PROTOCOL_NYSTROMFORMER,
     .source = nystromformer,
     .common = small_model,
     .settings = {"model.padded_length=2048", "train.batch_size=32", "train.lr=1e-4",
                  "train.warmup_steps=1000", "train.steps=5000", "train.eval_every=50"}},
    {.task = "lra/text",
     .protocol = SBMT_PROTOCOL_NYSTROMFORMER,
     .source = nystromformer,
     .common = small_model,
     .settings = {"model.padded_length=4096", "train.batch_size=32", "train.lr=1e-4",
                  "train.warmup_steps=8000", "train.steps=20000", "train.eval_every=500"}},
    {.task = "lra/retrieval",
     .protocol = SBMT_PROTOCOL_NYSTROMFORMER,
     .source = nystromformer,
     .common = small_model,
     .settings = {"model.pair_features=nli", "model.padded_length=4096", "train.batch_size=32",
                  "train.lr=1e-4", "train.warmup_steps=800", "train.steps=30000",
                  "train.eval_every=300"}},
    {.task = "lra/image",
     .protocol = SBMT_PROTOCOL_NYSTROMFORMER,
     .source = nystromformer,
     .common = small_model,
     .settings = {"model.padded_length=1024", "train.batch_size=256", "train.lr=1e-4",
                  "train.warmup_steps=175", "train.steps=35000", "train.eval_every=175"}},
    {.task = "lra/pathfinder32",
     .made = "synthetic/pathfinder32",
     .protocol = SBMT_PROTOCOL_NYSTROMFORMER,
     .source = nystromformer,
     .common = small_model,
     .settings = {"model.padded_length=1024", "train.batch_size=256", "train.lr=1e-4",
                  "train.warmup_steps=312", "train.steps=62400", "train.eval_every=312"}},
    {.task = "lra/listops",
     .protocol = SBMT_PROTOCOL_GOOGLE,
     .source = google,
     .common = google_text,
     .settings = {"model.layers=6", "model.dim=512", "model.heads=8", "model.ffn_dim=2048",
                  "model.classifier_dim=2048", "train.warmup_steps=1000", "train.steps=5000",
                  "train.eval_every=20"}},
    {.task = "lra/text",
     .protocol = SBMT_PROTOCOL_GOOGLE,
     .source = google,
     .common = google_text,
     .settings = {"model.layers=4", "model.dim=256", "model.heads=4", "model.ffn_dim=1024",
                  "model.classifier_dim=1024", "train.warmup_steps=8000", "train.steps=20000",
                  "train.eval_every=100"}},
    /* The warm-up of 8000 steps is longer than the run, as published: the rate only rises. */
    {.task = "lra/retrieval",
     .protocol = SBMT_PROTOCOL_GOOGLE,
     .source = google,
     .common = google_text,
     .settings = {"model.class_token=false", "model.pair_features=concat", "model.layers=4",
                  "model.dim=128", "model.heads=4", "model.ffn_dim=512", "model.classifier_dim=512",
                  "train.warmup_steps=8000", "train.steps=5000", "train.eval_every=100"}},
    {.task = "lra/image",
     .protocol = SBMT_PROTOCOL_GOOGLE,
     .source = google,
     .common = google_image,
     .settings = {"model.layers=1", "model.dim=32", "model.heads=1", "model.ffn_dim=64",
                  "model.classifier_dim=64", "model.dropout=0.3", "model.attention_dropout=0.2",
                  "model.class_token=true", "model.pooling=cls", "train.batch_size=256",
                  "train.lr=5e-4", "train.warmup_steps=175", "train.steps=35000",
                  "train.eval_every=175"}},
    {.task = "lra/pathfinder32",
     .made = "synthetic/pathfinder32",
     .protocol = SBMT_PROTOCOL_GOOGLE,
     .source = google,
     .common = google_image,
     .settings = {"model.position_embedding=sinusoidal", "model.layers=1", "model.dim=32",
                  "model.heads=2", "model.ffn_dim=32", "model.classifier_dim=32",
                  "model.dropout=0.1", "model.attention_dropout=0.1", "model.pooling=mean",
                  "train.batch_size=512", "train.lr=1e-3", "train.warmup_steps=312",
                  "train.steps=62400", "train.eval_every=312"}},
    {.task = "lra/pathx",
     .made = "synthetic/pathx",
     .protocol = SBMT_PROTOCOL_GOOGLE,
     .source = google,
     .common = google_image,
     .settings = {"model.layers=1", "model.dim=32", "model.heads=2", "model.ffn_dim=32",
                  "model.classifier_dim=32", "model.dropout=0.1", "model.attention_dropout=0.1",
                  "model.pooling=mean", "train.batch_size=64", "train.lr=1e-3", "train.clip_norm=1",
                  "train.warmup_steps=2500", "train.steps=500000", "train.eval_every=2500"}},
    {.task = "lra/listops",
     .protocol = SBMT_PROTOCOL_S4,
     .source = s4,
     .common = s4_model,
     .settings = {"model.embedding_std=1", "train.batch_size=32", "train.warmup_steps=12000",
                  "train.steps=120000", "train.eval_every=3000"}},
    {.task = "lra/text",
     .protocol = SBMT_PROTOCOL_S4,
     .source = s4,
     .common = s4_model,
     .settings = {"model.embedding_std=1", "train.batch_size=16", "train.warmup_steps=5000",
                  "train.steps=50000", "train.eval_every=1563"}},
    {.task = "lra/retrieval",
     .protocol = SBMT_PROTOCOL_S4,
     .source = s4,
     .common = s4_model,
     .settings = {"model.embedding_std=1", "model.pair_features=nli", "train.batch_size=64",
                  "train.warmup_steps=5000", "train.steps=50000", "train.eval_every=2299"}},
    {.task = "lra/image",
     .protocol = SBMT_PROTOCOL_S4,
     .source = s4,
     .common = s4_model,
     .settings = {"model.input=values", "model.dim=512", "model.dropout=0.1", "train.batch_size=50",
                  "train.warmup_steps=18000", "train.steps=180000", "train.eval_every=900"}},
    {.task = "lra/pathfinder32",
     .made = "synthetic/pathfinder32",
     .protocol = SBMT_PROTOCOL_S4,
     .source = s4,
     .common = s4_model,
     .settings = {"model.input=values", "train.batch_size=64", "train.lr=0.004",
                  "train.warmup_steps=50000", "train.steps=500000", "train.eval_every=2500"}},
    {.task = "lra/pathx",
     .made = "synthetic/pathx",
     .protocol = SBMT_PROTOCOL_S4,
     .source = s4,
     .common = s4_model,
     .settings = {"model.input=values", "train.batch_size=16", "train.lr=0.002",
                  "train.warmup_steps=50000", "train.steps=500000", "train.eval_every=10000"}},
    BERT_TUNING("glue/cola", 267),
    BERT_TUNING("glue/sst-2", 2104),
    BERT_TUNING("glue/mrpc", 114),
    BERT_TUNING("glue/sts-b", 179),
    BERT_TUNING("glue/qqp", 11370),
    BERT_TUNING("glue/mnli", 12271),
    BERT_TUNING("glue/mnli-mm", 12271),
    BERT_TUNING("glue/ax", 12271),
    BERT_TUNING("glue/qnli", 3273),
    BERT_TUNING("glue/rte", 77),
    BERT_TUNING("glue/wnli", 19),
    {.task = "text/masked-words",
     .protocol = SBMT_PROTOCOL_BERT,
     .source = "Devlin et al. 2019, appendix A.2: 1,000,000 steps",
     .settings = {"tokenizer.max_length=512", "model.dropout=0.1", "model.attention_dropout=0.1",
                  "train.schedule=linear", "train.batch_size=256", "train.lr=1e-4",
                  "train.weight_decay=0.01", "train.eps=1e-6", "train.clip_norm=1",
                  "train.steps=1000000", "train.warmup_steps=10000", "train.eval_every=10000"}},
};

const struct sbmt_protocol_row *sbmt_protocol_row_at(int index)
{
    const int count = (int)(sizeof rows / sizeof rows[0]);
    return index >= 0 && index < count ? &rows[index] : NULL;
}

const struct sbmt_protocol_row *sbmt_protocol_row_find(const char *task, int protocol)
{
    for (int i = 0; sbmt_protocol_row_at(i) != NULL; i++)
        if ((int)rows[i].protocol == protocol &&
            (strcmp(rows[i].task, task) == 0 ||
             (rows[i].made != NULL && strcmp(rows[i].made, task) == 0)))
            return &rows[i];
    return NULL;
}
