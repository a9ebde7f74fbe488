#!/usr/bin/env python3
"""What `sbmt inspect` shows of whole runs agrees with what is computed here from its files, and
with what evaluations give; likewise the events for TensorBoard.

usage: test_inspect.py SBMT
"""
import atexit
import base64
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import readers
import tap

SBMT = str(pathlib.Path(sys.argv[1]).resolve())
TOP = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-inspect-"))
atexit.register(shutil.rmtree, TOP, ignore_errors=True)
DEV, LAYERS, HEADS, EXPLORATION = 6, 2, 2, 0.01
CONFIG = """
task: TASK
seed: 3
model: {layers: 2, dim: 16, heads: 2, ffn_dim: 16, classifier_dim: 16, attention: {kind: KIND}}
train: {steps: 6, batch_size: 5, shards: 3, lr: 1e-2, warmup_steps: 1, eval_every: 3,
  eval_examples: EXAMPLES, checkpoint_every: 3}
"""


def sbmt(*arguments, check=True):
    return subprocess.run([SBMT, *map(str, arguments)], capture_output=True, text=True, cwd=TOP,
                          stdin=subprocess.DEVNULL, check=check, timeout=120)


def run_of(kind, task="lra/listops", examples=0):
    """A short run, made once."""
    run = TOP / f"{task.replace('/', '-')}-{kind}"
    if not run.exists():
        if not (TOP / "datasets").exists():
            sbmt("data", "generate", "listops", "--out", "datasets", "--train", 60, "--val", DEV,
                 "--test", 9, "--min-length", 5, "--max-length", 40, "--seed", 5)
        text = CONFIG.replace("KIND", kind).replace("TASK", task)
        (TOP / "config.yaml").write_text(text.replace("EXAMPLES", str(examples)), encoding="utf-8")
        sbmt("train", "config.yaml", "--run", run)
    return run


def inspect(run, *arguments):
    return json.loads(sbmt("inspect", run, "--json", *arguments).stdout)


def evaluate(run, *arguments):
    return json.loads(sbmt("eval", run, "--split", "dev", "--json", *arguments).stdout)


def dump_of(run, example, *arguments):
    path = TOP / "dump.safetensors"
    inspect(run, "--example", example, "--dump", path, *arguments)
    return readers.safetensors(path)


def heads():
    return [f"layer.{layer}.head.{head}." for layer in range(LAYERS) for head in range(HEADS)]


def near(a, b, tolerance=2e-5):
    assert abs(a - b) <= tolerance, (a, b)


def pairs_of(tensors, head):
    """(query, key, weight) of a head, whether it has edges or all pairs."""
    weight = tensors[head + "weight"]
    if head + "edges" in tensors:
        edges = tensors[head + "edges"]
        return [(*edges.row(e), weight.values[e]) for e in range(edges.rows)]
    return [(i, j, weight.row(i)[j]) for i in range(weight.rows) for j in range(weight.columns)]


def test_weights_sum_to_one_and_explain_the_output():
    for kind in ("sbm", "softmax", "local"):
        for example in (0, 5):
            tensors, _ = dump_of(run_of(kind), example)
            for head in heads():
                value, attended = tensors[head + "value"], tensors[head + "attended"]
                sums = [0.0] * value.rows
                out = [[0.0] * value.columns for _ in range(value.rows)]
                for query, key, weight in pairs_of(tensors, head):
                    sums[query] += weight
                    for c, v in enumerate(value.row(key)):
                        out[query][c] += weight * v
                for i, row_sum in enumerate(sums):
                    near(row_sum, 1 if row_sum > 0 else 0)
                    for c, a in enumerate(attended.row(i)):
                        near(out[i][c], a)


def test_probabilities_are_those_of_memberships_and_blocks():
    tensors, _ = dump_of(run_of("sbm"), 3)
    for head in heads():
        y, z, b = (tensors[head + name] for name in ("membership.query", "membership.key", "block"))
        near(sum(b.values), 1)
        edges, probability = tensors[head + "edges"], tensors[head + "probability"]
        assert 0 < edges.rows < y.rows ** 2
        for e in range(edges.rows):
            query, key = edges.row(e)
            p = sum(y.row(query)[u] * sum(b.row(u)[v] * z.row(key)[v] for v in range(b.columns))
                    for u in range(b.rows))
            near(probability.values[e], min(p + EXPLORATION, 1))


def softmax(logits):
    most = max(logits)
    exponentials = [math.exp(x - most) for x in logits]
    return [x / sum(exponentials) for x in exponentials]


def test_logits_are_those_of_evaluations():
    """Over all examples, the loss of the logits is the evaluation's, and so are the predictions."""
    for kind, change in (("sbm", ()), ("softmax", ()), ("sbm", ("model.attention.mask_samples=3",)),
                         ("sbm", ("model.attention.mask=expected",))):
        run = run_of(kind)
        table = TOP / "predictions.tsv"
        expected = evaluate(run, *change, "--predictions", table)
        predictions = [line.split("\t")[2] for line in table.read_text().splitlines()[1:]]
        loss = 0
        for example in range(DEV):
            tensors, metadata = dump_of(run, example, *change)
            logits, label = tensors["logits"].values, tensors["label"].values[0]
            loss -= math.log(softmax(logits)[label]) / DEV
            assert str(max(range(10), key=lambda c: logits[c])) == predictions[example]
            assert metadata["example"] == str(example) and metadata["split"] == "dev"
        near(loss, expected["dev"]["loss"], 1e-6)


def test_gradients():
    run = run_of("sbm")
    tensors, _ = dump_of(run, 2, "--gradients")
    plain, _ = dump_of(run, 2)
    weights, _ = readers.safetensors(run / "best.safetensors")
    for name, tensor in plain.items():
        assert tensors[name].values == tensor.values, name
    for name, tensor in weights.items():
        gradient = tensors["gradient.parameter." + name]
        assert (gradient.rows, gradient.columns) == (tensor.rows, tensor.columns), name
    share = softmax(tensors["logits"].values)
    share[tensors["label"].values[0]] -= 1
    for c, expected in enumerate(share):
        near(tensors["gradient.logits"].values[c], expected)
        near(tensors["gradient.parameter.classifier.output.bias"].values[c], expected)
    for head in heads():
        for name in ("query", "key", "value", "membership.query", "membership.key", "block"):
            gradient = tensors[f"{head}gradient.{name}"]
            assert gradient.rows == tensors[head + name].rows and any(gradient.values), name


def test_edge_files_have_the_edges_of_the_dump():
    run, table, graph = run_of("sbm"), TOP / "edges.tsv", TOP / "graph.graphml"
    tensors, _ = dump_of(run, 4, "--edges", table, "--graphml", graph)
    lines = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == ["layer", "head", "query", "key", "weight", "probability"]
    expected = [(head[6], head[13], str(query), str(key)) for head in heads()
                for query, key, _ in pairs_of(tensors, head)]
    assert [tuple(line[:4]) for line in lines[1:]] == expected
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = xml.parse(graph).getroot()
    nodes = [node.find(f"{space}data").text for node in root.iter(space + "node")]
    assert len(nodes) == tensors["tokens"].rows and nodes[-1] == "]", nodes
    found = []
    for edge in root.iter(space + "edge"):
        data = {item.get("key"): item.text for item in edge}
        found.append((data["layer"], data["head"], edge.get("source")[1:], edge.get("target")[1:]))
    assert found == expected
    inspect(run, "--example", 4, "--edges", table, "--layer", 1, "--head", 0)
    only = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()[1:]]
    assert [tuple(line[:4]) for line in only] == [e for e in expected if e[:2] == ("1", "0")]


def pictures_in(path):
    """The PNG pictures of a well-formed SVG picture, and its texts."""
    space = "{http://www.w3.org/2000/svg}"
    root = xml.parse(path).getroot()
    images = [base64.b64decode(image.get("href").split(",")[1], validate=True)
              for image in root.iter(space + "image")]
    assert all(image.startswith(b"\x89PNG\r\n\x1a\n") for image in images)
    return images, [text.text for text in root.iter(space + "text")]


def test_pictures():
    path = TOP / "picture.svg"
    inspect(run_of("sbm"), "--example", 4, "--svg", path)
    images, texts = pictures_in(path)
    assert len(images) == LAYERS * HEADS * 4
    assert texts.count("]") >= 2 * LAYERS * HEADS, texts
    inspect(run_of("softmax"), "--example", 4, "--svg", path, "--layer", 0)
    assert len(pictures_in(path)[0]) == HEADS
    run = run_of("local", "synthetic/pathfinder32", 4)
    inspect(run, "--example", 1, "--svg", path, "--query", 5)
    images, texts = pictures_in(path)
    assert len(images) == LAYERS * HEADS * 5 and "attended to by query 5" in texts
    assert path.stat().st_size < 1_000_000
    inspect(run, "--example", 1, "--svg", path, "--layer", 0, "--head", 1)
    root = xml.parse(path).getroot()
    for text in root.iter("{http://www.w3.org/2000/svg}text"): # nothing reaches over the rim
        room = 0.55 * float(text.get("font-size", 13)) * len(text.text)
        assert float(text.get("x")) + room <= float(root.get("width")), text.text


def test_densities_are_those_of_the_evaluation():
    run = run_of("sbm")
    found, expected = inspect(run, "--examples", 0), evaluate(run)
    assert len(found["densities"]) == LAYERS * HEADS and found["count"] == DEV
    mean = sum(head["mean"] for head in found["densities"]) / (LAYERS * HEADS)
    near(mean, expected["density"], 1e-9)
    for index, head in enumerate(found["densities"]):
        name = heads()[index]
        shares = []
        for example in range(DEV):
            tensors, _ = dump_of(run, example)
            shares.append(tensors[name + "edges"].rows / tensors["tokens"].rows ** 2)
        near(head["mean"], sum(shares) / DEV, 1e-6)
        near(head["least"], min(shares), 1e-6)
        near(head["most"], max(shares), 1e-6)
    assert inspect(run_of("softmax"))["densities"] == []


def test_errors_are_sorted_and_counted():
    run = run_of("sbm")
    expected = evaluate(run)
    found = inspect(run, "--errors", 4, "--examples", 0)
    assert found["predictions"] == DEV
    near(found["wrong"], DEV * (1 - expected["dev"]["accuracy"]), 1e-6)
    confidences = [error["confidence"] for error in found["errors"]]
    assert len(confidences) == min(4, found["wrong"])
    assert confidences == sorted(confidences, reverse=True)
    worst = found["errors"][0]
    tensors, _ = dump_of(run, worst["example"])
    near(worst["confidence"], max(softmax(tensors["logits"].values)))
    assert worst["label"] == str(tensors["label"].values[0]) != worst["prediction"]
    assert worst["text"].count(" ") == tensors["tokens"].rows - 1, worst


def test_draws_of_graphs():
    run = run_of("sbm")
    found = inspect(run, "--example", 1, "--mask-draws", 5)["classes"]
    assert any(entry["deviation"] > 0 for entry in found)
    assert sum(entry["predicted"] for entry in found) == 5
    averaged = inspect(run, "--example", 1, "model.attention.mask_samples=5")["classes"]
    for one, mean in zip(found, averaged):
        near(one["mean"], mean["logit"])
    for entry in inspect(run, "--example", 1, "--mask-draws", 5,
                         "model.attention.mask=expected")["classes"]:
        near(entry["deviation"], 0, 1e-6)
        near(entry["mean"], entry["logit"])


def test_tokens_that_have_labels():
    run = run_of("sbm", "synthetic/repeated-tokens", 4)
    found = inspect(run, "--example", 0, "--mask-draws", 2)
    assert found["labels"] == 256 and len(found["classes"]) == 512
    error = inspect(run, "--errors", 1, "--examples", 2)["errors"][0]
    assert 0 <= error["token"] < 256 and re.fullmatch(r"\d+", error["text"]), error


TEXT_CONFIG = """
task: TASK
protocol: bert
tokenizer: {folder: vocab.txt, max_length: 16}
model: {architecture: bert, token_types: 2, layers: 1, dim: 8, heads: 2, ffn_dim: 8,
  attention: {kind: sbm, clusters: 4}}
train: {epochs: 0, steps: 4, batch_size: 8, shards: 2, warmup_ratio: 0, warmup_steps: 1,
  eval_every: 2}
"""
SCORES = [i * 7 % 26 / 5 for i in range(9)]


def text_run_of(task):
    """A short run of a task of texts, made once."""
    run = TOP / task.replace("/", "-")
    if run.exists():
        return run
    files, texts = TOP / "datasets/glue/STS-B", TOP / "datasets/text"
    files.mkdir(parents=True, exist_ok=True)
    texts.mkdir(exist_ok=True)
    columns = "index genre filename year old_index source1 source2 sentence1 sentence2".split()
    for split in ("train", "dev", "test"):
        lines = ["\t".join(columns + ["score"] * (split != "test"))]
        for i, score in enumerate(SCORES):
            values = [str(i), "g", "f", "y", "o", "s", "s", f"a {'ab'[i % 2]}", "b a"]
            lines.append("\t".join(values + [str(score)] * (split != "test")))
        (files / f"{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    documents = [f"{bin(i)[2:]}".replace("0", "a ").replace("1", "b ") for i in range(16, 2000)]
    (texts / "a.txt").write_text("\n\n".join(documents) + "\n", encoding="utf-8")
    (TOP / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n", encoding="utf-8")
    (TOP / "text.yaml").write_text(TEXT_CONFIG.replace("TASK", task), encoding="utf-8")
    sbmt("train", "text.yaml", "--run", run)
    return run


def test_scores():
    run = text_run_of("glue/sts-b")
    near(inspect(run)["metrics"]["pearson"], evaluate(run)["dev"]["metrics"]["pearson"], 1e-12)
    errors = inspect(run, "--errors", 9)["errors"]
    assert sorted(error["example"] for error in errors) == list(range(9))
    few = inspect(run, "--errors", 3, "--examples", 3)["errors"]
    assert sorted(error["example"] for error in few) == [0, 3, 6], "evenly spaced, as densities are"
    differences = []
    for error in errors:
        found = inspect(run, "--example", error["example"], "--mask-draws", 2)
        near(found["score"], SCORES[error["example"]], 1e-9)
        near(found["score"], error["score"], 1e-9)
        near(found["prediction"], error["prediction"])
        near(found["example_loss"], (found["score"] / 5 - found["prediction"] / 5) ** 2)
        differences.append(abs(error["score"] - error["prediction"]))
        assert error["text"].startswith("[CLS] a ") and "classes" not in found
    assert differences == sorted(differences, reverse=True)
    text = sbmt("inspect", run, "--example", 3, "--errors", 1, "--svg", "x.svg").stdout
    assert "score       4.2, predicted " in text and "of 9 scores, those" in text, text
    assert ": score 4.2, predicted " in (TOP / "x.svg").read_text()
    tensors, _ = dump_of(run, 3)
    assert "label" not in tensors and "prediction" not in tensors and tensors["score"].rows == 1


def test_splits_without_labels():
    run = text_run_of("glue/sts-b")
    found = inspect(run, "--split", "test", "--example", 1)
    assert "prediction" in found and not {"score", "example_loss"} & set(found)
    assert not {"loss", "accuracy", "metrics"} & set(inspect(run, "--split", "test"))
    assert "9 examples without labels" in sbmt("inspect", run, "--split", "test").stdout
    done = sbmt("inspect", run, "--split", "test", "--errors", 2, check=False)
    assert done.returncode == 2 and done.stderr.splitlines()[-1] == (
        "sbmt: --errors: test of glue/sts-b has no labels, so that nothing is known to be wrong; "
        "look at --split dev"), done


def test_masked_words():
    run = text_run_of("text/masked-words")
    tensors, _ = dump_of(run, 0)
    found = inspect(run, "--example", 0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
    assert len(found["words"]) == found["labels"] == tensors["place"].rows >= 1
    loss = 0
    for i, entry in enumerate(found["words"]):
        share = softmax(tensors["logits"].row(i))
        assert entry["token"] == tensors["place"].values[i]
        assert entry["label"] == words[tensors["label"].values[i]]
        assert entry["prediction"] == words[share.index(max(share))]
        near(entry["confidence"], max(share))
        near(entry["label_probability"], share[words.index(entry["label"])])
        loss -= math.log(entry["label_probability"]) / len(found["words"])
    near(found["example_loss"], loss)
    errors = inspect(run, "--errors", 50, "--examples", 0)
    assert 0 < errors["wrong"] <= errors["predictions"] and errors["errors"]
    for error in errors["errors"]:
        assert {error["label"], error["prediction"]} <= set(words), error
        assert "[CLS]" in error["text"] or "[SEP]" in error["text"], error
    text = sbmt("inspect", run, "--example", 0, "--errors", 1).stdout
    assert "words right" in text and "guessed" in text, text


def test_the_text_of_a_summary():
    text = sbmt("inspect", run_of("sbm"), "--tensors").stdout
    assert "lra/listops, protocol sbm-paper, seed 3" in text and "2 layers of 2 heads" in text
    weights, _ = readers.safetensors(run_of("sbm") / "best.safetensors")
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line}
    for name, tensor in weights.items():
        norm = math.sqrt(sum(value * value for value in tensor.values))
        near(float(rows[name][-2]), norm, 1e-3 * norm + 1e-12)
    text = sbmt("inspect", run_of("sbm"), "--example", 1, "--errors", 2).stdout
    assert f"of {DEV} predictions are wrong" in text and "  label" in text


def test_events_hold_the_densities_of_heads():
    run = run_of("sbm")
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    dev = {entry["step"]: entry["dev"] for entry in metrics if "dev" in entry}
    found = [event for path in sorted(run.glob("events.out.tfevents.*"))
             for event in readers.events(path)]
    scalars = {(step, tag): value for step, tag, value in found if not isinstance(value, dict)}
    assert sorted(dev) == [3, 6]
    for step, entry in dev.items():
        near(scalars[step, "dev/loss"], entry["loss"], 1e-5)
        histograms = {tag: value for at, tag, value in found
                      if at == step and isinstance(value, dict)}
        assert sorted(histograms) == [f"dev/density/layer {layer} head {head}"
                                      for layer in range(LAYERS) for head in range(HEADS)]
        for value in histograms.values():
            assert value["num"] == sum(value["bucket"]) == DEV
            limits = value["bucket_limit"]
            assert limits == sorted(limits) and limits[-1] == 1 and len(limits) == 50
            widths = [b - a for a, b in zip([0, *limits], limits)]
            assert max(widths) - min(widths) < 1e-9, "the buckets are not all as wide"
            assert value["min"] <= value["sum"] / DEV <= value["max"]
            below = sum(count for limit, count in zip(limits, value["bucket"])
                        if limit < value["min"])
            assert below == 0
        mean = sum(value["sum"] / value["num"] for value in histograms.values()) / len(histograms)
        near(mean, entry["density"], 1e-9)
    softmax_events = [event for path in run_of("softmax").glob("events.out.tfevents.*")
                      for event in readers.events(path)]
    assert softmax_events and not any(isinstance(value, dict) for _, _, value in softmax_events)


def fails(code, message, *arguments):
    done = sbmt(*arguments, check=False)
    assert done.returncode == code and done.stdout == "", done
    assert re.fullmatch(f"sbmt: {message}\n", done.stderr), done.stderr


def test_mistakes_in_the_command_line():
    run = run_of("sbm")
    fails(2, "RUN is missing: .*", "inspect")
    fails(2, ".*/nowhere: is not a run folder .*", "inspect", TOP / "nowhere")
    fails(2, "--example 6: the examples of dev are 0 to 5", "inspect", run, "--example", DEV)
    fails(2, "--layer 2: the model has layers 0 to 1", "inspect", run, "--example", 0, "--layer", 2,
          "--svg", "x.svg")
    fails(2, "--head 9: the model has heads 0 to 1", "inspect", run, "--example", 0, "--head", 9,
          "--svg", "x.svg")
    fails(2, "--layer: in which file\\? Add --edges, --graphml or --svg", "inspect", run,
          "--example", 0, "--layer", 1)
    fails(2, "(?:.*\nsbmt: )?--query 5000: the example has queries 0 to .*", "inspect",
          run_of("local", "synthetic/pathfinder32", 4), "--example", 0, "--svg", "x.svg",
          "--query", 5000)
    fails(2, "--query: the examples of lra/listops are no pictures", "inspect", run, "--example",
          0, "--svg", "x.svg", "--query", 5)
    fails(2, "train.test_examples=2: here --examples says how many are looked at", "inspect", run,
          "train.test_examples=2")
    fails(2, "--query: it is drawn by --svg FILE, which is missing", "inspect", run, "--example",
          0, "--query", 5)
    fails(2, "--mask-draws: attention 'softmax' draws no graphs in an evaluation", "inspect",
          run_of("softmax"), "--example", 0, "--mask-draws", 2)
    fails(2, "--split: expected one of train, dev, test, got 'validation'", "inspect", run,
          "--split", "validation")
    fails(2, "--svg: which example\\? Add --example N", "inspect", run, "--svg", "x.svg")
    fails(2, "--gradients: .*--dump.*", "inspect", run, "--example", 0, "--gradients")
    fails(2, "--gradients: expected edges have none; .*", "inspect", run, "--example", 0, "--dump",
          "x", "--gradients", "model.attention.mask=expected")
    fails(2, "--edges: attention 'fnet' does not show .*", "inspect", run_of("fnet"), "--example",
          0, "--edges", "x")
    fails(2, ".*model.dim.*", "inspect", run, "model.dim=32")
    fails(1, "nowhere/x.svg: .*", "inspect", run, "--example", 0, "--svg", "nowhere/x.svg")
    without = TOP / "without"
    shutil.copytree(run, without, dirs_exist_ok=True)
    (without / "best.safetensors").unlink()
    fails(1, ".*/without/best.safetensors: is gone: .*--checkpoint last .*", "inspect", without)
    inspect(without, "--checkpoint", "last")


tap.run(tap.functions(globals()))
