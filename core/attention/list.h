/* The kinds of attention: name of the `const struct sbmt_attention_ops sbmt_attention_<name>`. */
SBMT_ATTENTION(softmax)
SBMT_ATTENTION(sbm)
SBMT_ATTENTION(none)
SBMT_ATTENTION(fnet)
SBMT_ATTENTION(sparsemax)
SBMT_ATTENTION(entmax15)
SBMT_ATTENTION(alpha_entmax)
SBMT_ATTENTION(sinkhorn)
