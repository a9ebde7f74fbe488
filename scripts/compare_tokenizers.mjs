#!/usr/bin/env node
// Compares sbmt's tokenizers with Hugging Face's (Rust) on every text of GLUE and on single characters.
//
// usage: compare_tokenizers.mjs GLUE VOCAB [SBMT]
//
// GLUE is a folder of .tsv and .txt files, at any depth; VOCAB an uncased BERT's vocab.txt; SBMT the
// program (default build/cli/sbmt). Needs `npm install @anush008/tokenizers`, in the folder it is
// run in. A text is what stands between tabs and holds a blank. RoBERTa's tokenizer is compared with
// a vocabulary of byte pairs that the reference learns from the same texts. Single characters differ
// where the Unicode of the reference (8 for its classes) is not that of utf8proc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const reference = createRequire(path.join(process.cwd(), 'package.json'))('@anush008/tokenizers');
const [glue, vocabPath, sbmt = 'build/cli/sbmt'] = process.argv.slice(2);
if (vocabPath === undefined) {
  console.error('usage: compare_tokenizers.mjs GLUE VOCAB [SBMT]');
  process.exit(2);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tokenizers-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));
const SPECIAL = { begin: '<s>', pad: '<pad>', end: '</s>', unknown: '<unk>', mask: '<mask>' };

function readTexts() {
  const texts = new Set();
  for (const name of fs.readdirSync(glue, { recursive: true }).sort()) {
    if (!/\.(tsv|txt)$/.test(name)) continue;
    for (const line of fs.readFileSync(path.join(glue, name), 'utf8').split(/\r?\n/))
      for (const text of line.split('\t')) if (text.includes(' ')) texts.add(text);
  }
  return [...texts];
}

// What sbmt prints for lines.
function tokenize(lines, ...options) {
  return execFileSync(sbmt, ['data', 'tokenize', '--length', '1048576', ...options], {
    input: lines.join('\n') + '\n', maxBuffer: 2 ** 31,
  }).toString().split('\n').slice(0, -1);
}

async function encode(tokenizer, lines, pairs) {
  const out = [];
  for (let i = 0; i < lines.length; i += 10000) {
    const inputs = lines.slice(i, i + 10000);
    const batch = pairs
      ? await Promise.all(inputs.map((x) => tokenizer.encode(...x.split('\t'))))
      : await tokenizer.encodeBatch(inputs);
    out.push(...batch.map((x) => x.getIds().join(' ')));
  }
  return out;
}

function report(what, lines, expected, actual) {
  const differing = lines.flatMap((_, i) => (expected[i] === actual[i] ? [] : [i]));
  console.log(`${what}: ${lines.length} compared, ${differing.length} differ`);
  for (const i of differing.slice(0, 3))
    console.log(`  ${JSON.stringify(lines[i])}\n    reference ${expected[i]}\n    sbmt      ${actual[i]}`);
  return differing;
}

function bert(vocab, lowercase) {
  const entry = (token) => ({ id: token, ids: [vocab[token]], tokens: [token] });
  return reference.Tokenizer.fromString(JSON.stringify({
    version: '1.0', truncation: null, padding: null,
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((content) => ({
      id: vocab[content], content, single_word: false, lstrip: false, rstrip: false,
      normalized: false, special: true })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true,
      strip_accents: null, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } }],
      pair: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } },
        { SpecialToken: { id: '[SEP]', type_id: 1 } }],
      special_tokens: { '[CLS]': entry('[CLS]'), '[SEP]': entry('[SEP]') } },
    decoder: null,
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##',
      max_input_chars_per_word: 100, vocab },
  }));
}

// Learns byte pairs from the texts, adds what RoBERTa's vocabulary has besides, and writes both
// files; returns the reference's tokenizer for them.
function roberta(texts) {
  const corpus = path.join(folder, 'corpus.txt');
  fs.writeFileSync(corpus, texts.join('\n'));
  const learner = new reference.Tokenizer(reference.BPE.empty());
  learner.setPreTokenizer(reference.byteLevelPreTokenizer(false));
  learner.train([corpus]);
  learner.save(path.join(folder, 'learnt.json'));
  const { vocab, merges } = JSON.parse(fs.readFileSync(path.join(folder, 'learnt.json'))).model;
  let count = Object.keys(vocab).length;
  for (const token of [...reference.byteLevelAlphabet(), ...Object.values(SPECIAL)])
    if (!(token in vocab)) vocab[token] = count++;
  fs.writeFileSync(path.join(folder, 'vocab.json'), JSON.stringify(vocab));
  fs.writeFileSync(path.join(folder, 'merges.txt'), '#version: 0.2\n' +
    merges.map((x) => (Array.isArray(x) ? x.join(' ') : x) + '\n').join(''));
  console.log(`byte pairs learnt: ${count} tokens, ${merges.length} merges`);
  return reference.Tokenizer.fromString(JSON.stringify({
    version: '1.0', truncation: null, padding: null,
    added_tokens: Object.values(SPECIAL).map((content) => ({
      id: vocab[content], content, single_word: false, lstrip: content === SPECIAL.mask,
      rstrip: false, normalized: false, special: true })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true,
      use_regex: true },
    post_processor: { type: 'RobertaProcessing', sep: [SPECIAL.end, vocab[SPECIAL.end]],
      cls: [SPECIAL.begin, vocab[SPECIAL.begin]], trim_offsets: true, add_prefix_space: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '',
      end_of_word_suffix: '', fuse_unk: false, byte_fallback: false, vocab, merges },
  }));
}

// A line for each code point of the planes that have characters, but for LF, CR and surrogates, and
// for the ends of the private ones.
function everyCodePoint() {
  const lines = [];
  for (let c = 1; c < 0x110000; c++)
    if (c !== 10 && c !== 13 && (c < 0xd800 || c > 0xdfff) &&
        (c < 0x32400 || (c >= 0xe0000 && c < 0xe0200) || (c & 0xffff) >= 0xfffd)) {
      const character = String.fromCodePoint(c);
      lines.push(`a${character}B ${character}${character} x`);
    }
  return lines;
}

function codePoints(lines, differing) {
  const ranges = [];
  for (const i of differing) {
    const c = lines[i].codePointAt(1), last = ranges.at(-1);
    if (last !== undefined && last[1] === c - 1) last[1] = c;
    else ranges.push([c, c]);
  }
  const hex = (c) => 'U+' + c.toString(16).toUpperCase().padStart(4, '0');
  return ranges.map(([a, b]) => (a === b ? hex(a) : `${hex(a)}…${hex(b)}`)).join(' ');
}

async function compare(what, tokenizer, lines, options, pairs = false) {
  return report(what, lines, await encode(tokenizer, lines, pairs),
    tokenize(lines, ...options, ...(pairs ? ['--pairs'] : [])));
}

const texts = readTexts(), points = everyCodePoint();
const couples = texts.slice(1).map((text, i) => texts[i] + '\t' + text);
const tricky = ['a[MASK]b [SEP]', '[MASK', '[mask] [MASK][MASK]', "I'll  don't 'S we've\t\tx ",
  'x  <mask> y<mask>', '<s>a</s>', 'a' .repeat(101), 'é'.repeat(100), '  ', '"\'re\' \'', "!'s"];
const vocab = Object.fromEntries(
  fs.readFileSync(vocabPath, 'utf8').split('\n').filter(Boolean).map((token, i) => [token, i]));

for (const [name, lowercase, flags] of [['uncased', true, []], ['cased', false, ['--cased']]]) {
  const tokenizer = bert(vocab, lowercase), options = ['--vocab', vocabPath, ...flags];
  await compare(`BERT ${name}, texts`, tokenizer, texts, options);
  await compare(`BERT ${name}, pairs`, tokenizer, couples, options, true);
  await compare(`BERT ${name}, edges`, tokenizer, tricky, options);
  const differing = await compare(`BERT ${name}, code points`, tokenizer, points, options);
  if (differing.length > 0) console.log(`  ${codePoints(points, differing)}`);
}

const tokenizer = roberta(texts);
const options = ['--vocab', path.join(folder, 'vocab.json'), '--merges',
  path.join(folder, 'merges.txt')];
await compare('RoBERTa, texts', tokenizer, texts, options);
await compare('RoBERTa, pairs', tokenizer, couples, options, true);
await compare('RoBERTa, edges', tokenizer, tricky, options);
const differing = await compare('RoBERTa, code points', tokenizer, points, options);
if (differing.length > 0) console.log(`  ${codePoints(points, differing)}`);
for (const [name, lines] of [['texts', texts], ['code points', points]])
  report(`RoBERTa, round trip of ${name}`, lines, lines.map((x) => `<s>${x}</s>`),
    tokenize(lines, ...options, '--print', 'text'));
