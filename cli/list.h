/* The commands in the order of help: name of the `const struct sbmt_command sbmt_command_<name>`.
 */
SBMT_COMMAND(train)
SBMT_COMMAND(eval)
SBMT_COMMAND(config)
SBMT_COMMAND(bench_speed)
SBMT_COMMAND(bench_attention)
SBMT_COMMAND(bench_kernels)
SBMT_COMMAND(data_list)
SBMT_COMMAND(data_generate_listops)
SBMT_COMMAND(data_generate_repeated_tokens)
SBMT_COMMAND(data_tokenize)
SBMT_COMMAND(info)
SBMT_COMMAND(help_list)
