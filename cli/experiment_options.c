/* Options that commands about runs share. */
#include "cli/experiment_options.h"

#include <stdlib.h>

const char *const sbmt_cpu_words[] = {"best", "c", "avx2", "avx512", NULL};

const char *const sbmt_checkpoint_words[] = {"best", "last", NULL};

const char *sbmt_cpu_choice(int index)
{
    return index > 0 ? sbmt_cpu_words[index] : NULL;
}

const char *sbmt_data_root(const char *option)
{
    if (option != NULL)
        return option;
    const char *variable = getenv("SBMT_DATA");
    return variable != NULL && variable[0] != '\0' ? variable : "datasets";
}
