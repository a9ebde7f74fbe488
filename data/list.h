/* The tasks: name of the `const struct sbmt_task sbmt_task_<name>`. */
SBMT_TASK(listops)
SBMT_TASK(imdb)
SBMT_TASK(aan)
SBMT_TASK(cifar)
SBMT_TASK(repeated_tokens)
