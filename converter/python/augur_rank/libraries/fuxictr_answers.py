"""Writes the answers for augur-convert --layout fuxictr from FuxiCTR's own configuration.

    python3 -m augur_rank.libraries.fuxictr_answers model_config.yaml answers.json --experiment DIEN_default \\
        --feature-map feature_map.json --dataset-config dataset_config.yaml --candidate shop_id

It needs PyYAML (python3-yaml). Nothing in the files is executed. What the configuration does not tell is
left out, and augur-convert asks for it.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Optional

import yaml

from .fuxictr import pairs

NETWORKS: dict[str, dict[str, Any]] = {
    "DIEN": {"gru_type": "AUGRU", "dien_target_field": None, "dien_sequence_field": None, "dien_neg_seq_field": [],
             "enable_sum_pooling": False, "use_attention_softmax": True},
    "DIN": {"din_target_field": None, "din_sequence_field": None, "din_use_softmax": False},
}
ACTIVATIONS: dict[str, dict[str, str]] = {"DIEN": {"dnn_activations": "ReLU", "attention_activation": "Dice"},
               "DIN": {"dnn_activations": "ReLU", "attention_hidden_activations": "Dice"}}
TOLD = ("dice", "prelu")  # by their tensors


class ConfigError(Exception):
    """What is wrong with the configuration, and what to do."""


class Loader(yaml.SafeLoader):
    """Plain values, and the tuples that the configurations write for the fields of a pair."""


Loader.add_constructor("tag:yaml.org,2002:python/tuple", lambda loader, node: loader.construct_sequence(node))


def read_yaml(path: str) -> dict[str, Any]:
    """The mapping in a YAML file. Raises ConfigError."""
    try:
        with open(path, encoding="utf-8") as file:
            document = yaml.load(file, Loader)  # a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: a mapping of names to settings is expected, not {type(document).__name__}")
    return document


def parameters_of(path: str, experiment: Optional[str]) -> dict[str, Any]:
    """The settings of one experiment, with those of Base."""
    document = read_yaml(path)
    names = [name for name in document if name != "Base" and isinstance(document[name], dict)]
    if experiment is None and len(names) == 1:
        experiment = names[0]
    if experiment not in names:
        said = "several experiments" if experiment is None else f"no experiment {experiment!r}"
        raise ConfigError(f"{path} has {said}; say with --experiment which one is meant: {', '.join(map(str, names))}")
    return {**(document.get("Base") or {}), **document[experiment]}


def padding_of(path: str, dataset: Any, sequences: Sequence[str]) -> str:
    """The padding side of the sequences, which must agree. The library's default is post."""
    document = read_yaml(path)
    settings = document.get(dataset)
    if not isinstance(settings, dict):
        raise ConfigError(f"{path} has no dataset {dataset!r}, which the model's configuration names")
    found: dict[str, str] = {}
    for column in settings.get("feature_cols") or []:
        for name in column["name"] if isinstance(column["name"], list) else [column["name"]]:
            if name in sequences:
                found[name] = column.get("padding", "post")
    missing = [name for name in sequences if name not in found]
    if missing or len(set(found.values())) != 1:
        raise ConfigError(f"{path}: {dataset}: the padding of {', '.join(sequences)} is expected to be one; found "
                          f"{found or 'none'}" + (f", and no column {', '.join(missing)}" if missing else ""))
    return found[sequences[0]]


def has_attention_mlp(parameters: dict[str, Any], answers: dict[str, Any]) -> bool:
    """Whether a DIEN's attention is an MLP, which has an activation."""
    return answers["gru_type"] != "GRU" and parameters.get("attention_type") == "din_attention"


def answers_of(model_config: str, experiment: Optional[str] = None, feature_map: Optional[str] = None,
               dataset_config: Optional[str] = None, candidates: Sequence[str] = ()) -> dict[str, Any]:
    """The answers as augur-convert reads them; `candidates` are the features, besides the target fields,
    for which each candidate has its own value. Raises ConfigError."""
    parameters = parameters_of(model_config, experiment)
    network = parameters.get("model")
    if network not in NETWORKS:
        raise ConfigError(f"{model_config}: model {network!r} is expected to be DIEN or DIN: Augur runs no other of "
                          "FuxiCTR's")
    answers: dict[str, Any] = {}
    for name, default in NETWORKS[network].items():
        value = parameters.get(name, default)
        if value is None:
            raise ConfigError(f"{model_config}: {name} is missing")
        answers[name] = pairs(value) if name.endswith("_field") else value
    if network == "DIEN" and answers["gru_type"] == "GRU":
        del answers["use_attention_softmax"]  # there is no attention
    for name, default in ACTIVATIONS[network].items():
        if name == "attention_activation" and not has_attention_mlp(parameters, answers):
            continue
        value = parameters.get(name, default)
        if not isinstance(value, str):
            raise ConfigError(f"{model_config}: {name} is {value!r}: one word for all layers is expected")
        if value.lower() not in TOLD:
            answers[name] = value
    if network == "DIN" and parameters.get("attention_output_activation"):
        answers["attention_output_activation"] = parameters["attention_output_activation"]
    answers["task"] = parameters.get("task", "binary_classification")
    if feature_map is not None:
        answers["feature_map"] = os.path.abspath(feature_map)
        answers["candidate_features"] = list(candidates)
    sequences = [name for pair in answers["dien_sequence_field" if network == "DIEN" else "din_sequence_field"]
                 for name in pair]
    if dataset_config is not None:
        answers["padding"] = padding_of(dataset_config, parameters.get("dataset_id"), sequences)
    return answers


def main(arguments: Optional[list[str]] = None) -> int:
    """Writes the answers; the exit status is 1 on failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_config", help="the model's model_config.yaml")
    parser.add_argument("answers", help="the JSON file to write")
    parser.add_argument("--experiment", help="which experiment of model_config.yaml, if it has several")
    parser.add_argument("--feature-map", help="the feature_map.json that the model was trained with")
    parser.add_argument("--dataset-config", help="the dataset_config.yaml, which tells the padding")
    parser.add_argument("--candidate", action="append", default=[], metavar="FEATURE",
                        help="a feature, beside the target fields, that each candidate has its own value of")
    given = parser.parse_args(arguments)
    try:
        if given.candidate and given.feature_map is None:
            raise ConfigError("--candidate needs --feature-map")
        answers = answers_of(given.model_config, given.experiment, given.feature_map, given.dataset_config,
                             given.candidate)
        with open(given.answers, "w", encoding="utf-8") as file:
            json.dump(answers, file, indent=2)
            file.write("\n")
    except (ConfigError, OSError) as error:
        print(f"augur_rank.libraries.fuxictr_answers: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
