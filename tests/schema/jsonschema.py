#!/usr/bin/python3
"""What python3-jsonschema says of the manifests DIR/*.yaml by SCHEMA, a line each: NAME valid|invalid|unread.

usage: jsonschema.py SCHEMA DIR
"""
import json
import os
import re
import sys

sys.path.pop(0)  # this directory, where a module is named like the one that is meant
import jsonschema
import yaml

sys.set_int_max_str_digits(0)  # an integer of many digits is one


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors read by; PyYAML's own is 1.1's."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""])):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile("(?:%s)\\Z" % pattern), first)


def integer(loader, node):
    text = node.value
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text, 10)


Loader.add_constructor("tag:yaml.org,2002:int", integer)


def mapping(loader, node):
    loader.flatten_mapping = lambda node: None  # '<<' is a key like others
    return {str(key): value for key, value in loader.construct_mapping(node, deep=True).items()}


def verdict(validator, path):
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        value = yaml.load(text, Loader)
    except (UnicodeError, yaml.YAMLError, RecursionError, ValueError, TypeError):
        return "unread"
    return "valid" if validator.is_valid(value) else "invalid"


def main(schema, directory):
    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    with open(schema, encoding="utf-8") as file:
        validator = jsonschema.Draft7Validator(json.load(file))
    for name in sorted(os.listdir(directory)):
        if name.endswith(".yaml"):
            print(name[:-5], verdict(validator, os.path.join(directory, name)))


main(*sys.argv[1:])
