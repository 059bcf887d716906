"""Lets the generated enums take any value, where the contract says that newer versions of SPS may send others.

The generator runs it in the folder of the client that it made.
"""

from pathlib import Path

from openapi_python_client.strings import snake_case
from ruamel.yaml import YAML

TOLERANCE = """
    @classmethod
    def _missing_(cls, value: object) -> "{name}":
        member = str.__new__(cls, value)
        member._name_ = member._value_ = str(value)
        return member
"""

contract = YAML(typ="safe").load(Path(__file__).resolve().parents[3] / "openapi.yaml")
for name, schema in contract["components"]["schemas"].items():
    if schema.get("x-extensible"):
        with Path("models", snake_case(name) + ".py").open("r+") as module:
            assert f"class {name}(" in module.read()
            module.write(TOLERANCE.format(name=name))
