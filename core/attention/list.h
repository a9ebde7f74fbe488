/* The kinds of attention: name of the `const struct sbmt_attention_ops sbmt_attention_<name>`. */
SBMT_ATTENTION(softmax)
SBMT_ATTENTION(sbm)
SBMT_ATTENTION(none)
SBMT_ATTENTION(linear)
SBMT_ATTENTION(performer)
SBMT_ATTENTION(linformer)
SBMT_ATTENTION(cosformer)
