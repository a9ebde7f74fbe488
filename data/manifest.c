/* Counts are those of the official releases; digests are those of the complete data sets, as
 * scripts/golden/lra_digests.py computes them too. */
#include "data/manifest.h"

#include <string.h>

static const struct sbmt_manifest_row rows[] = {
    {"lra/pathfinder32", NULL, SBMT_SPLIT_TRAIN, 160000, NULL},
    {"lra/pathfinder32", NULL, SBMT_SPLIT_DEV, 20000, NULL},
    {"lra/pathfinder32", NULL, SBMT_SPLIT_TEST, 20000, NULL},
    {"lra/pathx", NULL, SBMT_SPLIT_TRAIN, 160000, NULL},
    {"lra/pathx", NULL, SBMT_SPLIT_DEV, 20000, NULL},
    {"lra/pathx", NULL, SBMT_SPLIT_TEST, 20000, NULL},
    {"lra/listops", NULL, SBMT_SPLIT_TRAIN, 96000, NULL},
    {"lra/listops", NULL, SBMT_SPLIT_DEV, 2000, NULL},
    {"lra/listops", NULL, SBMT_SPLIT_TEST, 2000, NULL},
    {"lra/retrieval", NULL, SBMT_SPLIT_TRAIN, 147086, NULL},
    {"lra/retrieval", NULL, SBMT_SPLIT_DEV, 18090, NULL},
    {"lra/retrieval", NULL, SBMT_SPLIT_TEST, 17437, NULL},
    {"lra/image", "grey-pillow", SBMT_SPLIT_DEV, 5000,
     "66a6171e8ceb25ddcd5364591bf6f4a9f13b836fd73330dcecca8e2376c55875"},
    {"lra/image", "grey-pillow", SBMT_SPLIT_TEST, 10000,
     "2df7468ac0d177437021cd91f7b209c497484268ffa302b312e8c044ce840a58"},
    {"lra/image", "grey-pillow", SBMT_SPLIT_TRAIN, 45000,
     "fdd05718eaafaaa71118d3f18a8ff096ce279213e3116978b1be9911caac0bda"},
    {"lra/image", "grey-tensorflow", SBMT_SPLIT_DEV, 5000,
     "5dee32569508e4c1d68ffd65574f4d3f9f611fde372c2ca6aaabf3c04a0e9ee5"},
    {"lra/image", "grey-tensorflow", SBMT_SPLIT_TEST, 10000,
     "c09716b44e68d7a706abdeab2cddfd64fbcf353a36cdb6466e7e7422de47cf02"},
    {"lra/image", "grey-tensorflow", SBMT_SPLIT_TRAIN, 45000,
     "372f39ed19741421102c6551581897e2012f8ef045c1be4022aea87d3c9db418"},
    {"lra/text", "bytes-1000", SBMT_SPLIT_DEV, 2500,
     "b0678c616d0932f719094345cabefc05124e71374724851d473fcf5d2c0f5f09"},
    {"lra/text", "bytes-1000", SBMT_SPLIT_TEST, 25000,
     "1aa5e11e885ccec665b5325576118071e601a44815fefef2d058895164a0ef05"},
    {"lra/text", "bytes-1000", SBMT_SPLIT_TRAIN, 22500,
     "af4076e8cd7614dba8ad7a32da484124ed260ae65feb1755281c36ffed1fa9f1"},
    {"lra/text", "bytes-3000", SBMT_SPLIT_DEV, 2500,
     "306d6e5a34fae1939a4d98634c12eaecffea7a7da8079c0c15a568df89a939b7"},
    {"lra/text", "bytes-3000", SBMT_SPLIT_TEST, 25000,
     "5bf8f68b85ff7c876e276abd031a908a096f661bf7f82ef46166d43994affed9"},
    {"lra/text", "bytes-3000", SBMT_SPLIT_TRAIN, 22500,
     "bad03aaf258c2998c26fdf2f34313fe9360146a57f016685628144a5d422ea5b"},
    {"lra/text", "bytes-4000", SBMT_SPLIT_DEV, 2500,
     "cd3cc4bcc019b457b026353630fef795bbb230fc9f337e73ab0bbd5b785a4f4f"},
    {"lra/text", "bytes-4000", SBMT_SPLIT_TEST, 25000,
     "d59aa2cf4a59ba4c9e9673f532df725e44c13d0539b94a9e5ed30d8bf114ab80"},
    {"lra/text", "bytes-4000", SBMT_SPLIT_TRAIN, 22500,
     "b9846061bfe662084c50ad7dba4cdfacc77291d866e65cfddba17397d2440e2b"},
    {"lra/text", "characters-4096", SBMT_SPLIT_DEV, 2500,
     "4fcf5f7bcd177bb96dbc2f28961f46c8e97ee1bd5d3e5fda3be651543837c2cf"},
    {"lra/text", "characters-4096", SBMT_SPLIT_TEST, 25000,
     "8fac2cb21f6b5a4ede067705a3430b5a7fcfc201875562c5386dd0f368178e44"},
    {"lra/text", "characters-4096", SBMT_SPLIT_TRAIN, 22500,
     "084f954964594cd5044fb76006cd977e76e26ebbd3f855218732b096b8073b1c"},
};

const struct sbmt_manifest_row *sbmt_manifest_find(const struct sbmt_dataset *dataset)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].task, dataset->task->name) == 0 && rows[i].split == dataset->split &&
            (rows[i].form == NULL || strcmp(rows[i].form, dataset->form->name) == 0))
            return &rows[i];
    return NULL;
}
